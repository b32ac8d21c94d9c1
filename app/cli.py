"""The command line: `yefang serve | worker | migrate | recount | openapi | demo`."""

import asyncio
import json
import signal
from pathlib import Path
from typing import Annotated

import typer
import uvicorn
from alembic import command
from alembic.config import Config
from rich.console import Console

from app import wiring, worker
from app.flows import recount as recount_flow
from app.kernel import log
from app.kernel.clock import system_clock
from app.kernel.database import Database
from app.main import create_app
from app.phone import document
from app.settings import Settings

cli = typer.Typer(
    help="Yefang (夜访): field check-in and GPS supervision. Settings come from YEFANG_* (see docs/setup.md).",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
out = Console()
SPEC = Path(__file__).parent.parent / "mobile_api_spec" / "openapi.yaml"

AsJson = Annotated[bool, typer.Option("--json", help="one JSON object instead of text")]


@cli.command()
def serve(
    host: Annotated[str | None, typer.Option(help="address to listen on (YEFANG_HOST)")] = None,
    port: Annotated[int | None, typer.Option(help="port to listen on (YEFANG_PORT)")] = None,
    workers: Annotated[int, typer.Option(help="processes", min=1)] = 1,
) -> None:
    """Serve the API and the supervisors' page."""
    settings = Settings()
    log.configure(settings.log_level)
    uvicorn.run(
        "app.main:from_environment",
        factory=True,
        host=host or settings.host,
        port=port or settings.port,
        workers=workers,
        log_config=None,
        access_log=False,
    )


@cli.command(name="worker")
def run_worker() -> None:
    """Open and close periods and raise flags, whenever they are due. Any number of workers may run."""
    settings = Settings()
    log.configure(settings.log_level)

    async def run() -> None:
        stop = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        database = Database(wiring.database_url(settings), pool_size=2)
        await worker.run(database, system_clock, stop)
        await database.close()

    asyncio.run(run())


@cli.command()
def migrate(
    revision: Annotated[
        str, typer.Argument(help="a revision, `head`, or `base` to take everything down")
    ] = "head",
) -> None:
    """Bring the database's schema to a revision."""
    migrate_database(wiring.database_url(Settings()), revision)
    out.print(f"schema is at {revision}")


def migrate_database(url: str, revision: str = "head") -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent.parent / "migrations"))
    config.attributes["url"] = url
    (command.downgrade if revision == "base" else command.upgrade)(config, revision)


@cli.command()
def recount(
    as_json: AsJson = False,
    apply: Annotated[bool, typer.Option("--apply", help="write what a full recount says")] = False,
) -> None:
    """Count every duty anew and say what differs from what is stored: nothing, in health."""

    async def run() -> recount_flow.Report:
        database = Database(wiring.database_url(Settings()), pool_size=2)
        try:
            return await recount_flow.recount_all(database, now=system_clock(), apply=apply)
        finally:
            await database.close()

    report = asyncio.run(run())
    if as_json:
        typer.echo(json.dumps(report.as_dict(), ensure_ascii=False, default=str))
    else:
        out.print(f"{report.duties} duties counted, {report.differences} differ" + (" (applied)" if apply else ""))
        for line in report.lines():
            out.print(line)
    raise typer.Exit(1 if report.differences and not apply else 0)


@cli.command()
def openapi(
    check: Annotated[bool, typer.Option("--check", help="only say whether the file is up to date")] = False,
) -> None:
    """Write the phone's contract, mobile_api_spec/openapi.yaml, from the code."""
    text = document.phone_document(create_app(Settings()))
    if check:
        if not SPEC.exists() or SPEC.read_text() != text:
            typer.echo(f"{SPEC} is not what the code serves: run `make spec`", err=True)
            raise typer.Exit(1)
        out.print(f"{SPEC.name} is what the code serves")
        return
    SPEC.write_text(text)
    out.print(f"wrote {SPEC}")


def main() -> None:
    cli()
