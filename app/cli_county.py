"""`yefang county`: a county is made, looked at, written to a file, read back, and removed."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, TypeVar
from uuid import UUID

import typer
from rich.console import Console
from rich.table import Table

from app import wiring
from app.access.activations import Issued
from app.directory.service import County
from app.flows import anonymise_person, county_archive, make_county
from app.flows.anonymise_person import Anonymised, Wanted
from app.flows.county_archive import Archived
from app.flows.make_county import NewCounty
from app.flows.recount import recount_county
from app.kernel.clock import system_clock
from app.kernel.database import Database
from app.kernel.problems import Problem
from app.settings import Settings

county = typer.Typer(help="Make, list, show, export, import and remove counties.", no_args_is_help=True)
out = Console()
progress = Console(stderr=True)

T = TypeVar("T")
Code = Annotated[str, typer.Argument(help="GB/T 2260 code of the county, such as 451029", show_default=False)]
AsJson = Annotated[bool, typer.Option("--json", help="one JSON object instead of text")]
_PERSON = "县级联络员"
NO_COUNTY = """\
还没有县。换成本县的代码、名称和手机号，在另一个终端运行：
There is no county yet. In another terminal, with its code, its name and a mobile number of yours:
  yefang county create 451029 --name 田林县 --office-phone 13900000000"""


@county.command()
def create(
    code: Code,
    name: Annotated[str, typer.Option(help="such as 田林县")],
    office_phone: Annotated[
        str, typer.Option(help="mobile number of the person in the county's office who sets it up")
    ],
    office_person: Annotated[str, typer.Option(help="that person's name; it can be mended on the page")] = _PERSON,
    name_en: Annotated[str, typer.Option(help="for the English page; default: the name")] = "",
    as_json: AsJson = False,
) -> None:
    """Make a county: its calendar, its usual channels, and the account of its office.

    Prints the activation code with which that person chooses a password; it is shown this once.
    """
    new = NewCounty(code, name.strip(), name_en.strip() or name.strip(), office_person.strip(), office_phone)

    async def run(database: Database) -> Issued:
        async with database.transaction(new.id) as session:
            return await make_county.create(session, new, now=system_clock())

    _say_code(_run(run), as_json, f"{code} {new.name} 已建立 is made")


@county.command()
def activation(
    code: Code,
    phone: Annotated[str, typer.Argument(help="mobile number of somebody of the county")],
    as_json: AsJson = False,
) -> None:
    """Make a new activation code for an office that is locked out. The page does it for everybody else."""

    async def run(database: Database) -> Issued:
        async with database.transaction(code) as session:
            return await make_county.office_code(session, code, phone, now=system_clock())

    _say_code(_run(run), as_json, phone)


def _say_code(issued: Issued, as_json: bool, head: str) -> None:
    settings = Settings()
    link = f"http://{settings.host}:{settings.port}/#/activate/{issued.code}"
    if as_json:
        said = {"code": issued.code, "expires_at": issued.expires_at, "link": link, "person_id": issued.person_id}
        typer.echo(json.dumps(said, default=str))
        return
    out.print(head, highlight=False)
    out.print(
        f"激活码 activation code: [bold]{issued.code}[/bold]  (until {issued.expires_at:%Y-%m-%d})",
        highlight=False,
    )
    out.print(f"打开网页设置密码 open the page to choose a password: {link}", highlight=False, soft_wrap=True)


@county.command(name="list")
def list_counties(as_json: AsJson = False) -> None:
    """All counties of this installation."""

    async def run(database: Database) -> list[dict[str, str]]:
        async with database.transaction(None) as session:
            found = await make_county.known(session)
        return [{"id": each.id, "name": each.name, "name_en": each.name_en} for each in found]

    found = _run(run)
    if as_json:
        typer.echo(json.dumps({"counties": found}, ensure_ascii=False))
        return
    for each in found:
        out.print(f"{each['id']}  {each['name']}  {each['name_en']}", highlight=False)
    if not found:
        out.print(NO_COUNTY, highlight=False)


@county.command()
def show(code: Code, as_json: AsJson = False) -> None:
    """A county, what it has set, and how many rows of what there are."""

    async def run(database: Database) -> tuple[County, Mapping[str, int]]:
        async with database.transaction(code) as session:
            return await make_county.rows_of(session, code)

    found, rows = _run(run)
    about = {
        "id": found.id,
        "name": found.name,
        "name_en": found.name_en,
        "timezone": found.timezone,
        "settings": found.raw_settings,
    }
    if as_json:
        typer.echo(json.dumps({**about, "rows": rows}, ensure_ascii=False))
        return
    table = Table(title=f"{found.id} {found.name}", show_header=False)
    for key, value in {**about, **rows}.items():
        table.add_row(key, str(value))
    out.print(table)


@county.command(name="export")
def export_county(
    code: Code,
    file: Annotated[Path, typer.Argument(help="the archive to write, such as 451029.zip")],
    as_json: AsJson = False,
) -> None:
    """Write all of a county to an open archive: CSV of each table, GeoJSON of its places, its photos.

    It holds names, phone numbers and places of people: only its owner may read the file.
    """
    settings = Settings()

    async def run(database: Database) -> Archived:
        with progress.status("...") as status:
            return await county_archive.write(
                database,
                wiring.photo_objects(settings),
                code,
                file,
                schema=wiring.schema_head(),
                now=system_clock(),
                watch=status.update,
            )

    _say_archived(_run(run), as_json, f"{file} 已写好 is written")


@county.command(name="import")
def import_county(
    file: Annotated[
        Path, typer.Argument(help="an archive that `county export` wrote", exists=True, dir_okay=False)
    ],
    as_json: AsJson = False,
) -> None:
    """Read a county back from its archive, and count all of its duties anew: nothing may differ."""
    settings = Settings()

    async def run(database: Database) -> tuple[Archived, int]:
        with progress.status("...") as status:
            read = await county_archive.read(
                database,
                wiring.photo_objects(settings),
                file,
                schema=wiring.schema_head(),
                now=system_clock(),
                watch=status.update,
            )
            status.update("recount")
            async with database.transaction(read.county_id) as session:
                its = await make_county.duty_county(session, read.county_id)
            report = await recount_county(database, its, now=system_clock(), apply=False)
            return read, len(report.differences)

    read, differences = _run(run, wiring.owner_url(settings))  # seals are the owner's to write
    _say_archived(read, as_json, f"{read.county_id} 已导入 is imported", differences=differences)
    raise typer.Exit(1 if differences else 0)


def _say_archived(done: Archived, as_json: bool, head: str, **more: int) -> None:
    if as_json:
        said = {"county": done.county_id, "rows": done.rows, "photos": done.photos, **more}
        typer.echo(json.dumps(said, ensure_ascii=False))
        return
    total = sum(done.rows.values())
    out.print(head, highlight=False)
    out.print(f"{total} rows of {len(done.rows)} tables, {done.photos} photos", highlight=False)
    for name, number in more.items():
        out.print(f"{name}: {number}", highlight=False)


@county.command()
def remove(
    code: Code,
    really: Annotated[bool, typer.Option("--really", help="do it; without, say only what would go")] = False,
    as_json: AsJson = False,
) -> None:
    """Delete all of a county, its people's visits and photos included. Export it first: nothing brings it back."""
    settings = Settings()

    async def run(database: Database) -> dict[str, int]:
        async with database.transaction(code) as session:
            if not really:
                return dict((await make_county.rows_of(session, code))[1])
            return dict(await make_county.remove(session, code))

    rows = _run(run, wiring.owner_url(settings))
    photos = asyncio.run(wiring.photo_objects(settings).remove_all(f"{code}/")) if really else 0
    if as_json:
        typer.echo(json.dumps({"county": code, "rows": rows, "photos": photos, "removed": really}))
        return
    for name, number in rows.items():
        out.print(f"{name:20} {number:>10}", highlight=False)
    out.print(f"{code} 已删除 removed" if really else "什么也没有删除 nothing was deleted: --really does")


@county.command()
def anonymise(
    code: Code,
    person: Annotated[UUID, typer.Argument(help="id of somebody who has left; the page shows it")],
    reason: Annotated[str, typer.Option(help="why; it is kept in the audit log")],
    really: Annotated[bool, typer.Option("--really", help="do it; without, say only what would go")] = False,
    as_json: AsJson = False,
) -> None:
    """Make a person who has left anonymous. Figures stay; nothing brings back who it was."""
    wanted = Wanted(code, person, reason, None)

    async def run(database: Database) -> Anonymised:
        if really:
            photos = wiring.photo_objects(Settings())
            return await anonymise_person.anonymise(database, photos, wanted, now=system_clock())
        async with database.transaction(code) as session:
            return await anonymise_person.preview(session, wanted, now=system_clock())

    done = asdict(_run(run))
    if as_json:
        typer.echo(json.dumps({"person": str(person), **done, "anonymised": really}))
        return
    for name, number in done.items():
        out.print(f"{name:20} {number:>10}", highlight=False)
    out.print(
        f"{person} 已匿名 is anonymous" if really else "什么也没有改动 nothing was done: --really does",
        highlight=False,
    )


def _run(work: Callable[[Database], Awaitable[T]], url: str | None = None) -> T:
    """As the service, or by another `url`. What is wrong is said in both languages, and ends with status 2."""

    async def run() -> T:
        database = Database(url or wiring.database_url(Settings()), pool_size=2)
        try:
            return await work(database)
        finally:
            await database.close()

    try:
        return asyncio.run(run())
    except Problem as problem:
        for language in ("zh-CN", "en"):
            typer.echo(problem.as_dict(language)["detail"], err=True)
        raise typer.Exit(2) from None
