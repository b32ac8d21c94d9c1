"""Whichever door is asked: while the database cannot, it is "come back later"; our faults are not the caller's."""

import errno
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from app.directory import service as directory
from tests.api.clients.conftest import OSMAND, app_of
from tests.support.camera import photo
from tests.support.county import COUNTY, HELPER_A1, LEADER_A
from tests.support.server import Api, check_in

LEAVE = {
    "kind": "filed_duty",
    "from_date": "2026-11-16",
    "from_half": "am",
    "until_date": "2026-11-22",
    "until_half": "pm",
    "reason": "县里培训",
}
PRESS = {"_type": "location", "tst": 1795003800, "lat": 24.32, "lon": 106.22, "acc": 12, "t": "u", "_id": "1"}


async def leave(api: Api, _prepared: dict[str, Any]) -> httpx.Response:
    return await (await api.as_(HELPER_A1)).post("/v1/me/leave", json=LEAVE | {"id": str(uuid4())})


async def appeal(api: Api, prepared: dict[str, Any]) -> httpx.Response:
    body = {"id": str(uuid4()), "text": "我在场", "check_in_id": prepared["outside"]}
    return await (await api.as_(HELPER_A1)).post("/v1/me/appeals", json=body)


async def position(api: Api, prepared: dict[str, Any]) -> httpx.Response:
    body = {"lon": 106.22, "lat": 24.32, "accuracy_m": 12}
    return await (await api.as_(HELPER_A1)).put(f"/v1/check-ins/{prepared['no_fix']}/position", json=body)


async def upload(api: Api, _prepared: dict[str, Any]) -> httpx.Response:
    return await (await api.as_(HELPER_A1)).put(f"/v1/photos/{uuid4()}", content=photo())


async def review(api: Api, prepared: dict[str, Any]) -> httpx.Response:
    path = f"/v1/counties/{COUNTY}/check-ins/{prepared['no_fix']}/reviews"
    return await (await api.as_(LEADER_A)).post(path, json={"decision": "count", "reason": "本人在场"})


async def visit(api: Api, _prepared: dict[str, Any]) -> httpx.Response:
    return await (await api.as_(HELPER_A1)).post("/v1/check-ins", json=check_in())


async def press(api: Api, prepared: dict[str, Any]) -> httpx.Response:
    return await prepared["owntracks"].send(PRESS)


async def heartbeat(api: Api, prepared: dict[str, Any]) -> httpx.Response:
    return await api.http.post(OSMAND, data={"id": prepared["traccar"].key, "lat": "24.32", "lon": "106.22"})


Door = Callable[[Api, dict[str, Any]], Awaitable[httpx.Response]]
DOORS: list[tuple[Door, str, str]] = [
    (leave, "leave", "INSERT"),
    (appeal, "appeal", "INSERT"),
    (position, "check_in", "UPDATE"),
    (upload, "photo", "INSERT"),
    (review, "review", "INSERT"),
    (visit, "check_in", "INSERT"),
    (press, "check_in", "INSERT"),
    (heartbeat, "device_session", "UPDATE"),
]
_IDS = [door.__name__ for door, _, _ in DOORS]


async def prepare(api: Api) -> dict[str, Any]:
    helper = await api.as_(HELPER_A1)
    outside = check_in(position={"lon": 106.50})
    no_fix = check_in(position=None, position_problem="timeout")
    for each in (outside, no_fix):
        assert (await helper.post("/v1/check-ins", json=each)).status_code == 201
    return {
        "outside": outside["id"],
        "no_fix": no_fix["id"],
        "owntracks": await app_of(api, "owntracks"),
        "traccar": await app_of(api, "traccar"),
    }


async def execute(api: Api, *statements: str) -> None:
    async with api.database.transaction() as session:
        for statement in statements:
            await session.execute(text(statement))


@pytest.mark.parametrize(("door", "table", "act"), DOORS, ids=_IDS)
async def test_every_door_says_come_back_later_and_takes_it_then(api: Api, door: Door, table: str, act: str):
    prepared = await prepare(api)
    await execute(api, "CREATE TABLE fault AS SELECT '' AS state")
    await execute(
        api,
        """CREATE FUNCTION meet_fault() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN RAISE EXCEPTION 'fault' USING ERRCODE = (SELECT state FROM fault); END $$""",
        f"CREATE TRIGGER fault BEFORE {act} ON {table} FOR EACH ROW EXECUTE FUNCTION meet_fault()",
    )
    for state in ("57P03", "57P01", "53100", "53300", "25006", "40001", "40P01", "55P03"):
        await execute(api, f"UPDATE fault SET state = '{state}'")
        with capture_logs() as logs:
            reply = await door(api, prepared)
        assert (reply.status_code, int(reply.headers.get("retry-after", 0)) > 0) == (503, True), (
            state,
            reply.text,
        )
        assert any(line.get("exc_info") for line in logs), state
    await execute(api, f"DROP TRIGGER fault ON {table}")
    assert (await door(api, prepared)).status_code in (200, 201)


@pytest.mark.parametrize("state", ["XX000", "23502", "22012"])
@pytest.mark.parametrize(("door", "table", "act"), DOORS[:5], ids=_IDS[:5])
async def test_a_fault_of_our_own_is_logged_and_not_the_callers(
    api: Api, door: Door, table: str, act: str, state: str
):
    prepared = await prepare(api)
    await execute(
        api,
        f"""CREATE FUNCTION meet_fault() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN RAISE EXCEPTION 'fault' USING ERRCODE = '{state}'; END $$""",
        f"CREATE TRIGGER fault BEFORE {act} ON {table} FOR EACH ROW EXECUTE FUNCTION meet_fault()",
    )
    with capture_logs() as logs:
        reply = await door(api, prepared)
    assert (reply.status_code, reply.json()["type"]) == (500, "/problems/internal")
    assert any(line.get("exc_info") for line in logs)


@pytest.mark.parametrize(
    ("number", "status"), [(errno.ENOSPC, 503), (errno.EMFILE, 503), (errno.ENOENT, 500), (errno.EACCES, 500)]
)
async def test_trouble_with_files_is_not_called_the_databases(
    api: Api, monkeypatch: pytest.MonkeyPatch, number: int, status: int
):
    async def fails(*_: Any, **__: Any) -> None:
        raise OSError(number, "of a file")

    helper = await api.as_(HELPER_A1)
    monkeypatch.setattr(directory, "my_villages", fails)
    with capture_logs() as logs:
        reply = await helper.get("/v1/me/villages")
    assert reply.status_code == status
    assert "database_unavailable" not in [line["event"] for line in logs]
    assert ("retry-after" in reply.headers) is (status == 503)


async def test_what_a_constraint_refuses_is_logged_without_the_row(api: Api, capsys: pytest.CaptureFixture[str]):
    """A row holds names and places, and lines of the log go about."""
    await execute(api, "ALTER TABLE check_in ADD CONSTRAINT ck_no CHECK (note <> '张三家')")
    helper = await api.as_(HELPER_A1)
    reply = await helper.post("/v1/check-ins", json=check_in(note="张三家"))
    assert reply.status_code == 503
    said = capsys.readouterr().err
    assert "ck_no" in said
    assert "张三家" not in said
    assert "106.22" not in said
