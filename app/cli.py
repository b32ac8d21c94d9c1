"""The command line: `yefang serve | worker | migrate | recount | rejudge | openapi | demo | mock | ...`."""

import asyncio
import json
import os
import secrets
import signal
import sys
from contextlib import suppress
from datetime import datetime
from functools import partial
from pathlib import Path
from socket import socket
from typing import Annotated

import structlog
import typer
import uvicorn
import uvloop
from alembic import command
from alembic.config import Config
from pydantic import SecretStr
from rich.console import Console
from sqlalchemy.exc import DBAPIError

from app import wiring, worker
from app.cli_conformance import conformance, mock
from app.cli_county import NO_COUNTY, county
from app.cli_verify import heads, verify
from app.demo import build as demo_build
from app.demo import integrity, screen
from app.demo.build import Span, State
from app.demo.server import TurnedServer
from app.demo.simulation import World
from app.flows import recount as recount_flow
from app.flows import rejudge as rejudge_flow
from app.flows.deliver_notices import Dispatcher
from app.http.server import OPTIONS as SERVER
from app.http.server import allow_connections
from app.kernel import log
from app.kernel.clock import system_clock
from app.kernel.cluster import ClusterError
from app.kernel.database import Database
from app.kernel.garbage import collect_rarely
from app.kernel.problems import Problem
from app.main import create_app
from app.phone import document
from app.reads.findings import findings
from app.settings import Settings

cli = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
cli.add_typer(county, name="county")
cli.add_typer(heads, name="heads")
cli.command()(verify)
cli.command()(conformance)
cli.command()(mock)
out = Console()
SPEC = Path(__file__).parent.parent / "mobile_api_spec" / "openapi.yaml"

_DAY = "%Y-%m-%d"


@cli.callback()
def every_command() -> None:
    """Field check-in and GPS supervision (夜访). Settings come from YEFANG_* (see docs/setup.md)."""
    log.configure("warning")  # those that serve or work say more


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
    if not asyncio.run(_any_county(wiring.database_url(settings))):
        out.print(NO_COUNTY, highlight=False)
    allow_connections()
    uvicorn.run(
        "app.main:from_environment",
        factory=True,
        host=host or settings.host,
        port=port or settings.port,
        workers=workers,
        **SERVER,
    )


async def _any_county(url: str) -> bool:
    """Whether one has been made. Where the database does not answer yet, the server says so itself."""
    database = Database(url, pool_size=1)
    try:
        await _warn_owner(database)
        return await database.has_counties()
    except DBAPIError:
        return True
    finally:
        await database.close()


async def _warn_owner(database: Database) -> None:
    """Say it where the service runs as a role that could change evidence."""
    with suppress(DBAPIError):
        if await database.is_owner():
            structlog.get_logger().warning("runs_as_owner", advice="set YEFANG_DATABASE_URL to yefang_app's")


_BEHIND = 10  # who checks in goes first, where a machine has both; a worker has all that is left of it


@cli.command(name="worker")
def run_worker() -> None:
    """Open and close periods, raise flags and send notices, whenever due. Any number of workers may run."""
    settings = Settings()
    log.configure(settings.log_level)
    os.nice(_BEHIND)

    async def run() -> None:
        stop = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        database = wiring.worker_database(settings)
        collect_rarely()
        await _warn_owner(database)
        await _work(settings, database, stop)
        await database.close()

    uvloop.run(run())


async def _work(settings: Settings, database: Database, stop: asyncio.Event) -> None:
    """All rounds of a worker, until `stop` is set."""
    channels = wiring.channels(settings)
    try:
        await asyncio.gather(
            worker.run(database, system_clock, stop, photos=wiring.photo_objects(settings)),
            worker.dispatch(Dispatcher(database, system_clock, channels), stop),
            worker.keep_sealing(database, system_clock, stop),
        )
    finally:
        for channel in channels.values():
            await channel.close()


@cli.command()
def migrate(
    revision: Annotated[
        str, typer.Argument(help="a revision, `head`, or `base` to take everything down")
    ] = "head",
) -> None:
    """Bring the database's schema to a revision."""
    settings = Settings()
    migrate_database(wiring.owner_url(settings), revision, service_url=settings.database_url)
    out.print(f"schema is at {revision}")


def migrate_database(url: str, revision: str = "head", *, service_url: str | None = None) -> None:
    """As a superuser or the owner; `service_url` is as which the service will connect."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent.parent / "migrations"))
    config.attributes["url"] = url
    config.attributes["service_url"] = service_url
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
def rejudge(
    county: Annotated[str | None, typer.Option(help="6-digit code; default: every county")] = None,
    village: Annotated[str | None, typer.Option(help="12-digit code")] = None,
    from_: Annotated[
        datetime | None, typer.Option("--from", formats=[_DAY], help="captured on this day or later")
    ] = None,
    to: Annotated[datetime | None, typer.Option(formats=[_DAY], help="captured on this day or earlier")] = None,
    as_json: AsJson = False,
    apply: Annotated[
        bool, typer.Option("--apply", help="write it, recount the duties and tell the people")
    ] = False,
) -> None:
    """Judge stored check-ins by the village boundaries as they are now, and say what changes."""
    asked = rejudge_flow.Selection(
        county or (village and village[:6]), village, from_ and from_.date(), to and to.date()
    )
    progress = Console(stderr=True)

    async def run() -> list[rejudge_flow.CountyReport]:
        database = Database(wiring.database_url(Settings()), pool_size=2)
        try:
            with progress.status("judging") as status:
                return await rejudge_flow.rejudge_all(
                    database,
                    asked,
                    now=system_clock(),
                    apply=apply,
                    watch=lambda county_id, judged: status.update(f"{county_id}: {judged} judged"),
                )
        finally:
            await database.close()

    try:
        reports = asyncio.run(run())
    except Problem as problem:
        typer.echo(problem.as_dict("en")["detail"], err=True)
        raise typer.Exit(2) from None
    if as_json:
        found = {"counties": [report.as_dict() for report in reports], "applied": apply}
        typer.echo(json.dumps(found, ensure_ascii=False, default=str))
        return
    for report in reports:
        for line in report.lines():
            typer.echo(line)
    if any(report.changed for report in reports):
        typer.echo("applied" if apply else "nothing was written: --apply does")


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


@cli.command(name="evaluate-integrity")
def evaluate_integrity(
    seed: Annotated[int, typer.Option(help="another seed, other phones")] = 1,
    phones: Annotated[int, typer.Option(help="simulated phones", min=10)] = 1000,
    county: Annotated[
        str | None, typer.Option(help="no simulation: what verifications on site found in this county")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Say how often each integrity signal is right: of simulated phones whose truth is known, or in the field."""
    if county:
        said = asyncio.run(_findings(wiring.database_url(Settings()), county))
        for code, of in said.items() if not as_json else ():
            out.print(f"{code:20} " + ", ".join(f"{word} {number}" for word, number in of.items()))
    else:
        with screen.evaluation(Console(stderr=True)) as watch:
            report = integrity.simulate(Settings().var / "evaluation", migrate_database, (phones, seed), watch)
        said = report.as_dict()
        for line in report.lines() if not as_json else ():
            out.print(line, highlight=False)
    if as_json:
        typer.echo(json.dumps(said, ensure_ascii=False))


async def _findings(url: str, county_id: str) -> dict[str, dict[str, object]]:
    """By code of reason."""
    database = Database(url, pool_size=1)
    try:
        async with database.transaction(county_id) as session:
            return {
                row.code: {
                    "confirmed": row.confirmed,
                    "unfounded": row.unfounded,
                    "inconclusive": row.inconclusive,
                    "precision": row.precision,
                }
                for row in await findings(session, county_id)
            }
    finally:
        await database.close()


@cli.command()
def demo(
    reset: Annotated[bool, typer.Option("--reset", help="make the demo's data anew")] = False,
) -> None:
    """Serve three demo counties; the first run makes them, with six weeks of simulated phones."""
    log.configure("warning")
    # SIGTERM ends the demo as Ctrl-C does: by way of SIGINT, which a running event loop takes at a safe point.
    # A shell that starts us in the background has SIGINT ignored.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    settings = Settings()
    config = uvicorn.Config(create_app(settings), host=settings.host, port=settings.port, **SERVER)
    listener = config.bind_socket()  # a port that is taken is better known before than after
    try:
        _make_demo(settings, reset=reset)
        asyncio.run(_serve_with_worker(settings, uvicorn.Server(config), listener))
    except KeyboardInterrupt:
        raise typer.Exit(130) from None


def _make_demo(settings: Settings, *, reset: bool) -> None:
    """Bring the database to a finished demo, whatever was there before, short of a real county."""
    url, owner = wiring.database_url(settings), wiring.owner_url(settings)
    migrate_database(owner, service_url=settings.database_url)
    state = asyncio.run(_state_of_demo(url))
    if state is State.FOREIGN:
        out.print(screen.FOREIGN)
        raise typer.Exit(1)
    if state is State.FINISHED and not reset:
        return
    if state is not State.EMPTY:
        migrate_database(owner, "base")
        migrate_database(owner)
    span = Span.ending(system_clock())
    # The phones' access tokens live as long as the simulation: six thousand people would otherwise refresh theirs
    # before every visit. The key is thrown away, and the tokens with it.
    simulated = settings.model_copy(
        update={
            "database_url": url,
            "secret_key": SecretStr(secrets.token_urlsafe(48)),
            "access_token_s": int(span.seconds),
        }
    )
    with TurnedServer(partial(create_app, simulated), span.start) as server:
        asyncio.run(_simulate(url, span, server))


async def _state_of_demo(url: str) -> State:
    database = Database(url, pool_size=1)
    try:
        return await demo_build.state_of(database)
    finally:
        await database.close()


async def _simulate(url: str, span: Span, server: TurnedServer) -> None:
    database = Database(url, pool_size=2)
    world = World(server.clock.turn, partial(worker.tick, database, server.clock))
    try:
        with screen.SimulationProgress(out, span) as progress:
            tally = await demo_build.make(database, span, server.base_url, world, progress.watch)
        screen.say_made(out, tally)
    finally:
        await database.close()


async def _serve_with_worker(settings: Settings, server: uvicorn.Server, listener: socket) -> None:
    database, stop = wiring.worker_database(settings), asyncio.Event()
    rounds = asyncio.create_task(_work(settings, database, stop))
    try:
        listener.listen()  # who connects from now on waits until the server answers
        screen.say_ready(out, f"http://{settings.host}:{settings.port}")
        await server.serve(sockets=[listener])
    finally:
        stop.set()
        await rounds
        await database.close()


def main() -> None:
    try:
        cli()
    except ClusterError as error:
        sys.exit(f"yefang: {error}")
