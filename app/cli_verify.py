"""`yefang verify` and `yefang heads`: whether evidence is as it was sealed, and what a third party keeps of it."""

import asyncio
import json
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from app import wiring
from app.directory import service as directory
from app.kernel import tables, verifying
from app.kernel.clock import system_clock
from app.kernel.database import Database, within
from app.kernel.verifying import Altered, CountyReport, Head
from app.settings import Settings

heads = typer.Typer(help="What a third party keeps: then nobody can make the chain anew.", no_args_is_help=True)
progress = Console(stderr=True)

AsJson = Annotated[bool, typer.Option("--json", help="one JSON object instead of text")]
OneCounty = Annotated[str | None, typer.Option("--county", help="6-digit code; default: every county")]


def verify(
    county: OneCounty = None,
    kept: Annotated[
        Path | None,
        typer.Option("--heads", help="a file that `heads export` wrote", exists=True, dir_okay=False),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Name every row of evidence that was changed, removed or put in behind the service's back.

    Ends with status 1 when there is any. What was written within the last seconds may still wait to be sealed.
    """
    try:
        given = _read(kept) if kept else {}
    except (ValueError, KeyError, TypeError):
        typer.echo(f"{kept} is no file of heads", err=True)
        raise typer.Exit(2) from None
    reports, off = asyncio.run(_verify(county, given))
    altered = [*off, *(found for report in reports for found in report.altered)]
    if as_json:
        typer.echo(json.dumps(_as_dict(altered, reports), ensure_ascii=False))
    else:
        for line in _lines(altered, reports):
            typer.echo(line)
    raise typer.Exit(1 if altered else 0)


async def _verify(county: str | None, kept: dict[str, Head]) -> tuple[list[CountyReport], list[Altered]]:
    tables.tables()
    database = Database(wiring.database_url(Settings()), pool_size=1)
    try:
        async with database.transaction(None, snapshot=True) as session:
            known = await directory.county_ids(session)
            asked = [county] if county else sorted({*known, *kept})
            reports = []
            with progress.status("...") as status:
                for number, each in enumerate(asked, 1):
                    status.update(f"{each} ({number}/{len(asked)})")
                    async with within(session, each):
                        reports.append(await verifying.verify(session, each, kept.get(each)))
            return reports, await verifying.unwatched(session)
    finally:
        await database.close()


def _as_dict(altered: list[Altered], reports: list[CountyReport]) -> dict[str, Any]:
    counties = {
        report.county_id: {**report.tally._asdict(), "head": report.head and _head(report.county_id, report.head)}
        for report in reports
    }
    return {"altered": [found.as_dict() for found in altered], "counties": counties}


def _lines(altered: list[Altered], reports: list[CountyReport]) -> list[str]:
    found = [
        f"{each.county_id or '-':6} {each.table} {each.id}: {each.what.text.zh} {each.what.text.en}"
        for each in altered
    ]
    counted = [
        f"{report.county_id}: {report.tally.sealed} sealed, {report.tally.removed} removed by rule,"
        f" {report.tally.waiting} waiting, {len(report.altered)} altered"
        for report in reports
    ]
    return [*found, *counted]


@heads.command(name="export")
def export_heads(
    file: Annotated[Path | None, typer.Argument(help="where to write; default: to the screen")] = None,
    county: OneCounty = None,
) -> None:
    """Write the last link of each county's chain, as JSON. Daily, to where nobody here may change it."""
    text = json.dumps({"made_at": system_clock().isoformat(), "heads": asyncio.run(_heads(county))}, indent=1)
    if file:
        file.write_text(text + "\n")
    else:
        typer.echo(text)


async def _heads(county: str | None) -> list[dict[str, object]]:
    database = Database(wiring.database_url(Settings()), pool_size=1)
    try:
        async with database.transaction(None, snapshot=True) as session:
            heads_of = {}
            for each in sorted([county] if county else await directory.county_ids(session)):
                async with within(session, each):
                    heads_of[each] = await verifying.head(session, each)
            return [_head(county_id, head) for county_id, head in heads_of.items() if head]
    finally:
        await database.close()


def _head(county_id: str, head: Head) -> dict[str, object]:
    return {
        "county_id": county_id,
        "number": head.number,
        "hash": head.hash.hex(),
        "sealed_at": head.sealed_at.isoformat(),
    }


def _read(file: Path) -> dict[str, Head]:
    """By county. Raises ValueError, KeyError or TypeError for another file."""
    return {
        str(each["county_id"]): Head(
            int(each["number"]), bytes.fromhex(each["hash"]), datetime.fromisoformat(each["sealed_at"])
        )
        for each in json.loads(file.read_text())["heads"]
    }
