"""A county is made by the command, written to an archive, removed, and read back as it was."""

import asyncio
import csv
import io
import json
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from app.cli import cli
from app.directory.merging import Merge
from app.duties.service import DutyCounty
from app.flows import merge_people
from app.kernel import tables
from app.kernel.clock import system_clock
from app.kernel.database import Database
from app.kernel.roles import as_service
from app.worker.schedule import tick
from tests.api.console.test_import_records import dingtalk, me, post, row, sent, shifted
from tests.support import tracks
from tests.support.camera import photo
from tests.support.county import (
    A1,
    COUNTY,
    HELPER_A1,
    HELPER_B1,
    OFFICE,
    OTHER_COUNTY,
    PASSWORD,
    RESIDENT_A2,
)
from tests.support.server import WEDNESDAY_NIGHT, Api, check_in, running

NEW = ["451031", "--name", "隆林县", "--office-phone", "+86 139-0000 0099"]


@pytest.fixture
def yefang(county_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """The command on the test's database; what it prints as JSON, and how it ended."""
    monkeypatch.setenv("YEFANG_DATABASE_URL", as_service(county_url))
    monkeypatch.setenv("YEFANG_MIGRATION_URL", county_url)
    monkeypatch.setenv("YEFANG_VAR", str(tmp_path))

    async def run(*arguments: str) -> tuple[int, Any, str]:
        # Its own thread: the command starts an event loop of its own.
        result = await asyncio.to_thread(CliRunner().invoke, cli, ["county", *arguments, "--json"])
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result.exit_code, json.loads(result.stdout) if result.stdout else None, result.stderr

    return run


@pytest.fixture
async def api(county_url: str, tmp_path: Path):
    async with running(county_url, var=tmp_path) as started:
        yield started


async def test_the_office_of_a_new_county_signs_in_with_the_code_that_the_command_prints(api: Api, yefang):
    status, made, _ = await yefang("create", *NEW)
    assert status == 0
    api.clock.now = system_clock()  # which the command goes by
    body = {"code": made["code"], "password": "a secret of mine"}
    opened = await api.http.post("/v1/auth/activate", json=body)
    assert opened.status_code == 201, opened.text
    headers = {"Authorization": f"Bearer {opened.json()['access_token']}"}
    me = (await api.http.get("/v1/me", headers=headers)).json()
    assert (me["county"]["id"], me["county"]["name"]) == ("451031", "隆林县")
    assert [(post["role"], post["unit"]["level"]) for post in me["posts"]] == [("office", "county")]
    base = "/v1/counties/451031"
    for path in ("/units", "/villages", "/people", "/rules", "/calendar?year=2026", "/settings", "/flags"):
        assert (await api.http.get(base + path, headers=headers)).status_code == 200, path


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({0: "45103"}, "6 位数字"),
        ({0: "四五一〇三一"}, "6 位数字"),
        ({2: "  "}, "缺少县的名称"),
        ({4: "0776-7212345"}, "手机号"),
        ({4: ""}, "手机号"),
        ({0: COUNTY}, "系统中已有这个县"),
    ],
)
async def test_what_cannot_be_made_is_said_and_nothing_is_left(api: Api, yefang, changed: dict, said: str):
    arguments = [changed.get(number, argument) for number, argument in enumerate(NEW)]
    status, printed, wrong = await yefang("create", *arguments)
    assert (status, printed) == (2, None)
    assert said in wrong
    assert [each["id"] for each in (await yefang("list"))[1]["counties"]] == [OTHER_COUNTY, COUNTY]


async def test_an_office_is_one_person(api: Api, yefang):
    status, _, wrong = await yefang("create", *NEW, "--office-person", "隆林县乡村振兴局")
    assert status == 2
    assert "不是个人姓名" in wrong


async def test_a_locked_out_office_gets_another_code(api: Api, yefang):
    status, made, _ = await yefang("activation", COUNTY, "+86 139 0000 0003")
    assert status == 0
    assert made["person_id"] == str(HELPER_A1.id)
    assert (await yefang("activation", COUNTY, "13012345678"))[0] == 2
    assert (await yefang("activation", "999999", OFFICE.phone))[0] == 2


@pytest.fixture
async def lived_in(api: Api) -> Api:
    """Visits, a photo, a device with a push, an old track, a record taken back: rows in most tables."""
    await tick(api.service, api.clock)
    helper = await api.as_(HELPER_A1)
    photo_id = str(uuid4())
    kept = await helper.put(f"/v1/photos/{photo_id}", content=photo(), headers={"Content-Type": "image/jpeg"})
    assert kept.status_code == 201, kept.text
    visit = check_in(note='说"好", 逗号\n换行', photo_ids=[photo_id])
    assert (await helper.post("/v1/check-ins", json=visit)).status_code == 201
    push = {"channel": "fcm", "token": "t"}
    assert (await helper.put("/v1/devices/phone-1", json={"model": "", "push": push})).status_code == 200
    await tracks.turn(api.service, on=True)
    a_month_ago = WEDNESDAY_NIGHT - timedelta(days=31)
    await tracks.upload(api.service, [tracks.fix(a_month_ago, A1)], a_month_ago)
    yesterday = WEDNESDAY_NIGHT - timedelta(days=1)
    record = await sent(api, dingtalk(row(yesterday, *shifted())), people=me())
    await post(api, record, "apply", 202)
    await post(api, record, "undo", 200)
    return api


async def contents(database: Database, county_id: str) -> dict[str, list[str]]:
    """All rows of a county as the database writes them, but for the record of its export and import."""
    found: dict[str, list[str]] = {}
    async with database.transaction(county_id) as session:
        for table in tables.tables():
            column = "id" if table.name == "county" else "county_id"
            rows = await session.execute(
                text(f"SELECT CAST(t AS text) FROM {table.name} AS t WHERE {column} = :id"), {"id": county_id}
            )
            kept = [row for (row,) in rows if "county.exported" not in row and "county.imported" not in row]
            found[table.name] = sorted(kept)
    return found


async def test_an_archive_read_back_is_the_county_as_it_was(lived_in: Api, yefang, tmp_path: Path):
    archive = tmp_path / "451029.zip"
    before, others = await contents(lived_in.database, COUNTY), await contents(lived_in.database, OTHER_COUNTY)
    filled = {name for name, rows in before.items() if rows}
    assert filled >= {"check_in", "photo", "track_fix", "geofence", "device", "push_owner", "sign_in", "household"}
    assert filled >= {"import_job", "import_name", "rejudgement"}
    status, written, _ = await yefang("export", COUNTY, str(archive))
    assert (status, written["photos"]) == (0, 2)
    assert archive.stat().st_mode & 0o077 == 0
    files = sorted(path.relative_to(tmp_path) for path in (tmp_path / "photos").rglob("*.jpg"))

    assert (await yefang("remove", COUNTY))[1]["removed"] is False
    assert await contents(lived_in.database, COUNTY) != {}
    status, removed, _ = await yefang("remove", COUNTY, "--really")
    assert (status, removed["photos"]) == (0, 2)
    assert not any((await contents(lived_in.database, COUNTY)).values())
    assert await contents(lived_in.database, OTHER_COUNTY) == others
    assert not list((tmp_path / "photos").rglob("*.jpg"))

    status, read, _ = await yefang("import", str(archive))
    assert (status, read["differences"], read["photos"]) == (0, 0, 2)
    assert await contents(lived_in.database, COUNTY) == before
    assert sorted(path.relative_to(tmp_path) for path in (tmp_path / "photos").rglob("*.jpg")) == files
    form = {"grant_type": "password", "username": HELPER_A1.phone, "password": PASSWORD}
    assert (await lived_in.http.post("/v1/auth/token", data=form)).status_code == 200
    status, _, wrong = await yefang("import", str(archive))
    assert status == 2
    assert "已在本系统中" in wrong


async def test_who_was_merged_is_one_person_in_the_archive_too(lived_in: Api, yefang, tmp_path: Path):
    asked, now = Merge(HELPER_A1.id, HELPER_B1.id), lived_in.clock()
    county = DutyCounty(COUNTY, "Asia/Shanghai")
    async with lived_in.database.transaction() as session:
        merged = await merge_people.merge(session, county, asked, actor_id=OFFICE.id, now=now)
        await merge_people.two_people(session, county, HELPER_B1.id, RESIDENT_A2.id, actor_id=OFFICE.id, now=now)
    assert merged.visits
    before = await contents(lived_in.database, COUNTY)
    assert {"person_merge", "two_people"} <= {name for name, rows in before.items() if rows}
    await yefang("export", COUNTY, str(tmp_path / "c.zip"))
    await yefang("remove", COUNTY, "--really")
    status, read, _ = await yefang("import", str(tmp_path / "c.zip"))
    assert (status, read["differences"]) == (0, 0)
    assert await contents(lived_in.database, COUNTY) == before


async def test_an_archive_is_open(lived_in: Api, yefang, tmp_path: Path):
    """A spreadsheet and a map read it without us."""
    await yefang("export", COUNTY, str(tmp_path / "c.zip"))
    with zipfile.ZipFile(tmp_path / "c.zip") as archive:
        people = list(csv.DictReader(io.StringIO(archive.read("tables/person.csv").decode())))
        fences = json.loads(archive.read("fences.geojson"))
    assert {person["name"] for person in people} >= {HELPER_A1.name, OFFICE.name}
    assert {feature["id"] for feature in fences["features"]} >= {A1}
    assert fences["features"][0]["geometry"]["type"] == "MultiPolygon"


def _without_manifest(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("tables/county.csv", "id\n451029\n")


def _altered(path: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        held = {name: archive.read(name) for name in archive.namelist()}
    held["tables/person.csv"] = held["tables/person.csv"].replace(HELPER_A1.phone.encode(), b"13800000000")
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in held.items():
            archive.writestr(name, content)


def _of_another_schema(path: Path) -> None:
    with zipfile.ZipFile(path, "a") as archive:
        manifest = json.loads(archive.read("manifest.json")) | {"schema": "0001"}
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("manifest.json", json.dumps(manifest))


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda path: path.write_bytes(b"PK\x03\x04 and no more"), "文件不完整"),
        (_without_manifest, "文件不完整"),
        (_altered, "person.csv"),
        (_of_another_schema, "升级到同一版本"),
    ],
)
async def test_an_archive_that_is_not_whole_changes_nothing(api: Api, yefang, tmp_path: Path, spoil, said: str):
    archive = tmp_path / "c.zip"
    await yefang("export", COUNTY, str(archive))
    spoil(archive)
    await yefang("remove", COUNTY, "--really")
    status, _, wrong = await yefang("import", str(archive))
    assert status == 2
    assert said in wrong
    assert not any((await contents(api.service, COUNTY)).values())


async def test_anonymity_by_the_command_line_is_looked_at_first(api: Api, yefang):
    status, _, wrong = await yefang("anonymise", COUNTY, str(HELPER_A1.id), "--reason", "left")
    assert (status, HELPER_A1.name in wrong) == (2, True), "who serves is not"
    async with api.database.transaction() as session:
        await session.execute(
            text("UPDATE person SET until_date = '2026-06-01' WHERE id = :id"), {"id": HELPER_A1.id}
        )
    asked = ("anonymise", COUNTY, str(HELPER_A1.id), "--reason", "left")
    names = text("SELECT name FROM person WHERE id = :id")
    for really, name in (((), HELPER_A1.name), (("--really",), "（已匿名）")):
        status, said, _ = await yefang(*asked, *really)
        assert (status, said["anonymised"]) == (0, bool(really))
        async with api.database.transaction() as session:
            assert (await session.execute(names, {"id": HELPER_A1.id})).scalar_one() == name
