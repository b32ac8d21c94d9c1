"""`yefang conformance` and `yefang mock`: the phone's contract for those who build on it elsewhere."""

import json
from collections.abc import Callable
from datetime import timedelta
from inspect import cleandoc
from typing import Annotated, NoReturn

import httpx
import typer

from app.conformance.broken_servers import MUTANTS
from app.conformance.cases import Broken
from app.conformance.county import PASSWORD, PEOPLE
from app.conformance.line import Asked, Said
from app.conformance.mock import Mock
from app.conformance.mutants import self_test as play_mutants
from app.conformance.phones import try_phone
from app.conformance.report import Report
from app.conformance.servers import try_server
from app.conformance.serving import MockServer
from app.conformance.troubles import WHAT, WHERE, Troubles, UnknownTrouble
from app.conformance.visitor import Account, Visitor
from app.kernel.clock import system_clock

_CANNOT = 2
_FIRST, _SECOND, _ = PEOPLE
_SCRIPT_HELP = (
    "what goes wrong, as `lost, 503=2, token:lost, ok, deferred`: each request takes the next that is meant for"
    " it; see above"
)


def conformance(
    url: Annotated[
        str | None, typer.Argument(help="the server to try, as http://127.0.0.1:8000", show_default=False)
    ] = None,
    client: Annotated[
        str | None,
        typer.Option(
            help="try a phone instead: a command that keeps a queue, as mobile_api_spec/conformance.md has it",
            show_default=False,
        ),
    ] = None,
    username: Annotated[str, typer.Option(help="phone number of somebody made for this: visits stay")] = _FIRST,
    password: Annotated[
        str, typer.Option(envvar="YEFANG_CONFORMANCE_PASSWORD", help="the demo's by default", show_default=False)
    ] = PASSWORD,
    other_username: Annotated[
        str | None,
        typer.Option(
            help="somebody else of the same county, for what is not one's own", show_default="the demo's"
        ),
    ] = None,
    other_password: Annotated[str | None, typer.Option(show_default="that of the first")] = None,
    only: Annotated[
        list[str] | None,
        typer.Option(help="only this clause, such as SERVER-9; may be said again", show_default=False),
    ] = None,
    self_test: Annotated[
        bool, typer.Option("--self-test", help="try servers that are broken on purpose: each has to be caught")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object instead of text")] = False,
) -> None:
    """Say clause by clause whether a server, or a phone, keeps the contract of mobile_api_spec/.

    A server is visited by scripted phones, which leave some 60 visits and a few photos with whoever they
    sign in as. Ends with 0 where every MUST that was tried holds, 1 where one is broken, and 2 where nothing
    could be tried.
    """
    if sum(map(bool, (url, client, self_test))) != 1:
        _give_up("say one of: a URL, --client COMMAND, --self-test")
    if self_test:
        _self_test(as_json=as_json)
    elif client:
        _say(try_phone(client, only), as_json=as_json)
    else:
        second = other_username or (_SECOND if username == _FIRST else None)
        other = Account(second, other_password or password) if second else None
        visitor = Visitor((url or "").rstrip("/"), Account(username, password), other)
        _say(_visited(lambda: try_server(visitor, only), visitor.url), as_json=as_json)


def _visited(visit: Callable[[], Report], url: str) -> Report:
    try:
        return visit()
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        _give_up(f"{url} does not answer: {error}")
    except Broken as why:
        _give_up(f"cannot sign in (--username, --password): {why}")


def _give_up(why: str) -> NoReturn:
    typer.echo(why, err=True)
    raise typer.Exit(_CANNOT)


def _say(report: Report, *, as_json: bool) -> None:
    if not report.results:
        _give_up("there is no such clause")
    if as_json:
        typer.echo(json.dumps(report.as_dict(), ensure_ascii=False))
    else:
        typer.echo("\n".join(report.lines()))
    raise typer.Exit(0 if report.conforms else 1)


def _self_test(*, as_json: bool) -> None:
    found = [
        {
            "clause": clause,
            "mutant": MUTANTS[clause].__name__,
            "caught": result.verdict == "broken" and ran > 0,
            "broken_path_ran": ran,
            "case": result.case,
            "why": result.why,
        }
        for clause, result, ran in play_mutants(MUTANTS)
    ]
    missed = [each for each in found if not each["caught"]]
    if as_json:
        typer.echo(json.dumps({"mutants": found, "missed": len(missed)}, ensure_ascii=False))
    else:
        for each in found:
            mark = "✓" if each["caught"] else "✗"
            typer.echo(f"{mark} {each['clause']:<10} {each['mutant']}: {each['why'] or 'not caught'}")
        typer.echo(f"{len(found)} broken servers, {len(missed)} not caught")
    raise typer.Exit(1 if missed else 0)


def mock(
    host: Annotated[str, typer.Option(help="address to listen on")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="port to listen on; 0: any that is free")] = 8010,
    trouble: Annotated[str, typer.Option(help=_SCRIPT_HELP, show_default=False)] = "",
    clock_off: Annotated[int, typer.Option(help="seconds that the server's clock is ahead, or behind")] = 0,
    newer: Annotated[bool, typer.Option("--newer", help="answers have members that no app knows yet")] = False,
) -> None:
    """Serve the phone's contract from memory, without a database, for who builds an app.

    Signs in 13800000003, 13800000002 and 13800000013 with the password yefang-demo. Tokens, visits, batches,
    photos and devices are as on a real server; the rest is answered with examples. PUT /mock/trouble adds
    troubles while it runs, GET /mock/journal shows what was asked, GET /mock/clauses what was wrong with it.
    """
    try:
        troubles = Troubles(trouble, clock_off=timedelta(seconds=clock_off), newer=newer)
        server = _Spoken(Mock(system_clock, troubles), host, port)
    except (UnknownTrouble, OSError) as error:
        _give_up(str(error))
    typer.echo(f"{server.url}/v1  (sign in as {', '.join(PEOPLE)}, password {PASSWORD})")
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        raise typer.Exit(130) from None
    finally:
        server.server_close()


class _Spoken(MockServer):
    """One line for each request."""

    def watch(self, asked: Asked, said: Said | None) -> None:
        typer.echo(f"{asked.at:%H:%M:%S} {asked.method:<6} {asked.target}  {said.status if said else 'cut'}")


_WORDS = "\n\n".join(
    ["What may go wrong, each written where:what=number; where and number may be left out:"]
    + [f"{what}: {means}" for what, means in WHAT.items()]
    + [
        "400 to 599: that status; the number is Retry-After",
        f"where (send where it is not said): {', '.join(WHERE)}",
    ]
)
mock.__doc__ = f"{cleandoc(mock.__doc__ or '')}\n\n{_WORDS}"
