"""What the server could not do is never the visit's fault: deferred or 503, logged, taken the next time.

Faults of the database are real ones where a test can make them, else raised by a trigger with their SQLSTATE.
"""

import asyncio
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from app.phone.schemas import forms
from tests.support.county import HELPER_A1, HELPER_B1
from tests.support.lossy import lossy
from tests.support.server import Api, check_in, running

BATCH = "/v1/check-ins/batch"
# A visit whose note is a SQLSTATE meets that fault, as often as `faults` says.
FAULTS = (
    "CREATE SEQUENCE met",
    "CREATE TABLE faults AS SELECT 1000 AS most",
    """CREATE FUNCTION meet_fault() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF NEW.note ~ '^[0-9A-Z]{5}$' AND nextval('met') <= (SELECT most FROM faults) THEN
        RAISE EXCEPTION 'a fault' USING ERRCODE = NEW.note;
      END IF;
      RETURN NEW;
    END $$""",
    "GRANT SELECT ON faults TO PUBLIC",
    "GRANT USAGE ON SEQUENCE met TO PUBLIC",
    "CREATE TRIGGER fault BEFORE INSERT ON check_in FOR EACH ROW EXECUTE FUNCTION meet_fault()",
)


@pytest.fixture
async def api(county_url: str):
    async with running(county_url) as started:
        await execute(started, *FAULTS)
        yield started


async def execute(api: Api, *statements: str) -> None:
    async with api.database.transaction() as session:
        for statement in statements:
            await session.execute(text(statement))


async def meets(api: Api, times: int) -> None:
    await execute(api, f"UPDATE faults SET most = {times}", "ALTER SEQUENCE met RESTART")


def faulty(state: str, **changes: Any) -> dict[str, Any]:
    return check_in(note=state, **changes)


async def stored(api: Api) -> int:
    async with api.database.transaction() as session:
        return (await session.execute(text("SELECT count(*) FROM check_in"))).scalar_one()


def is_come_back_later(reply: httpx.Response) -> bool:
    return (
        reply.status_code == 503
        and reply.json()["type"] == "/problems/unavailable"
        and int(reply.headers["retry-after"]) > 0
    )


OWN = ["XX000", "23502", "23514", "23503", "P0001", "57014", "53200", "22012"]


@pytest.mark.parametrize("state", OWN)
async def test_a_fault_of_the_servers_own_defers_the_item_and_costs_its_neighbours_nothing(api: Api, state: str):
    helper = await api.as_(HELPER_A1)
    items = [faulty(state) if number in (3, 11) else check_in() for number in range(16)]
    with capture_logs() as logs:
        body = (await helper.post(BATCH, json={"check_ins": items})).json()
    assert {index: result["status"] for index, result in enumerate(body["results"])} == {
        index: "deferred" if index in (3, 11) else "recorded" for index in range(16)
    }
    deferred = body["results"][3]
    assert (deferred["id"], deferred["check_in"]) == (items[3]["id"], None)
    assert deferred["problem"]["type"] == "/problems/unavailable"
    told = [line for line in logs if line["event"] == "visits_failed" and line["check_in"] == items[3]["id"]]
    assert isinstance(told[0]["exc_info"], Exception)
    single = await helper.post("/v1/check-ins", json=items[3])
    assert is_come_back_later(single)
    await meets(api, 0)
    assert (await helper.post(BATCH, json={"check_ins": [items[3], items[11]]})).json()["results"][0][
        "status"
    ] == "recorded"
    assert await stored(api) == 16


@pytest.mark.parametrize("state", ["57P03", "57P02", "42703", "53100", "53300", "25006", "58030"])
async def test_a_database_that_cannot_now_is_come_back_later_for_all_and_keeps_nothing(api: Api, state: str):
    helper = await api.as_(HELPER_A1)
    items = [check_in(), faulty(state), check_in()]
    assert is_come_back_later(await helper.post(BATCH, json={"check_ins": items}))
    assert is_come_back_later(await helper.post("/v1/check-ins", json=items[1]))
    assert await stored(api) == 0
    await meets(api, 0)
    body = (await helper.post(BATCH, json={"check_ins": items})).json()
    assert [result["status"] for result in body["results"]] == ["recorded"] * 3


@pytest.mark.parametrize("state", ["40001", "40P01", "55P03"])
async def test_what_was_lost_to_another_transaction_is_tried_again_at_once(api: Api, state: str):
    helper = await api.as_(HELPER_A1)
    await meets(api, 2)
    assert (await helper.post("/v1/check-ins", json=faulty(state))).status_code == 201
    await meets(api, 1000)
    items = [check_in(), faulty(state), check_in()]
    body = (await helper.post(BATCH, json={"check_ins": items})).json()
    assert [result["status"] for result in body["results"]] == ["recorded", "deferred", "recorded"]


@pytest.mark.parametrize("state", ["22003", "22P05", "22021"])
async def test_a_value_that_the_database_cannot_hold_is_the_items_own(api: Api, state: str):
    helper = await api.as_(HELPER_A1)
    items = [check_in(), faulty(state), check_in()]
    with capture_logs() as logs:
        body = (await helper.post(BATCH, json={"check_ins": items})).json()
    assert [result["status"] for result in body["results"]] == ["recorded", "invalid", "recorded"]
    assert [line["sqlstate"] for line in logs if line["event"] == "visits_unstorable"][-1] == state
    assert (await helper.post("/v1/check-ins", json=items[1])).status_code == 422


async def test_a_value_out_of_range_elsewhere_than_in_the_visits_row_is_the_servers(api: Api):
    """A duty's arithmetic, say, that a rule of the county's makes overflow."""
    await execute(
        api,
        "CREATE FUNCTION overflow() RETURNS trigger LANGUAGE plpgsql AS"
        " $$BEGIN RAISE EXCEPTION 'overflow' USING ERRCODE = '22003'; END $$",
        "CREATE TRIGGER overflow BEFORE INSERT OR UPDATE ON duty FOR EACH ROW EXECUTE FUNCTION overflow()",
    )
    helper = await api.as_(HELPER_A1)
    assert is_come_back_later(await helper.post("/v1/check-ins", json=check_in()))
    await execute(api, "DROP TRIGGER overflow ON duty")
    assert (await helper.post("/v1/check-ins", json=check_in())).status_code == 201


async def test_a_fault_met_by_everything_ends_soon_and_leaves_all_to_be_sent_again(api: Api):
    """Not two failures for each of 256 items."""
    helper = await api.as_(HELPER_A1)
    items = [faulty("XX000") for _ in range(256)]
    with capture_logs() as logs:
        assert is_come_back_later(await helper.post(BATCH, json={"check_ins": items}))
    assert len([line for line in logs if line["event"] == "visits_failed"]) == 32
    await meets(api, 0)
    body = (await helper.post(BATCH, json={"check_ins": items})).json()
    assert {result["status"] for result in body["results"]} == {"recorded"}


async def test_a_connection_that_is_gone_is_not_the_phones_trouble(api: Api):
    """After a restart of the database the pool is full of dead connections."""
    helper = await api.as_(HELPER_A1)
    await helper.post("/v1/check-ins", json=check_in())
    async with api.service.engine.connect() as other:
        await other.execute(
            text(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE usename = current_user"
                " AND datname = current_database() AND pid <> pg_backend_pid() AND query NOT ILIKE 'LISTEN%'"
            )
        )
    replies = await asyncio.gather(*(helper.post("/v1/check-ins", json=check_in()) for _ in range(20)))
    assert {reply.status_code for reply in replies} == {201}


@asynccontextmanager
async def on_a_lossy_line(url: str):
    async with lossy(url) as (line, by_line), running(by_line) as api:
        yield line, api


async def test_a_commit_whose_answer_is_lost_is_a_duplicate_and_counts_once(county_url: str):
    """The server tries again by itself; what went through is found there."""
    async with on_a_lossy_line(county_url) as (line, api):
        helper = await api.as_(HELPER_A1)
        items = [check_in(), check_in()]
        line.lose = 1
        body = (await helper.post(BATCH, json={"check_ins": items})).json()
        assert line.lost == 1
        assert [result["status"] for result in body["results"]] == ["duplicate", "duplicate"]
        assert [duty["done"] for duty in body["duties"]] == [1]
        assert await stored(api) == 2


async def test_where_every_answer_is_lost_the_phone_sends_again_and_hears_that_it_is_there(county_url: str):
    async with on_a_lossy_line(county_url) as (line, api):
        helper = await api.as_(HELPER_A1)
        posted = check_in()
        line.lose = 1000
        assert is_come_back_later(await helper.post("/v1/check-ins", json=posted))
        assert line.lost >= 2
        line.lose = 0
        again = await helper.post("/v1/check-ins", json=posted)
        assert (again.status_code, again.json()["id"]) == (200, posted["id"])
        assert await stored(api) == 1
        (duty,) = again.json()["duties"]
        assert duty["done"] == 1


async def test_nobody_listening_is_come_back_later(county_url: str):
    """New connections end before they begin."""
    async with on_a_lossy_line(county_url) as (line, api):
        helper = await api.as_(HELPER_A1)
        await api.service.engine.dispose()
        line.refuses = True
        for path, body in (("/v1/check-ins", check_in()), (BATCH, {"check_ins": [check_in(), check_in()]})):
            assert is_come_back_later(await helper.post(path, json=body))
        assert is_come_back_later(await helper.get("/v1/me/check-ins"))
        line.refuses = False
        assert (await helper.post("/v1/check-ins", json=check_in())).status_code == 201


async def test_no_free_connection_is_come_back_later(county_url: str):
    async with running(county_url, pool_size=1) as api:
        helper = await api.as_(HELPER_A1)
        api.service.engine.pool._timeout = 0.05
        async with api.service.engine.connect() as only:
            await only.execute(text("SELECT 1"))
            assert is_come_back_later(await helper.post("/v1/check-ins", json=check_in()))
            assert is_come_back_later(await helper.post(BATCH, json={"check_ins": [check_in()]}))
        assert (await helper.post("/v1/check-ins", json=check_in())).status_code == 201


async def test_a_fault_in_reading_one_item_defers_it_alone(api: Api, monkeypatch: pytest.MonkeyPatch):
    sound = forms.check

    def check(form: dict[str, Any] | None) -> None:
        if form == {"kind": "trips"}:
            raise RecursionError
        sound(form)

    monkeypatch.setattr(forms, "check", check)
    helper = await api.as_(HELPER_A1)
    items = [check_in(), check_in(form={"kind": "trips"}), "nonsense"]
    body = (await helper.post(BATCH, json={"check_ins": items})).json()
    assert [result["status"] for result in body["results"]] == ["recorded", "deferred", "invalid"]
    assert body["results"][1]["id"] == items[1]["id"]
    assert is_come_back_later(await helper.post("/v1/check-ins", json=items[1]))


async def test_what_a_phone_still_holds_costs_nothing_of_what_it_sent(api: Api):
    helper = await api.as_(HELPER_A1)
    await execute(
        api,
        "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS"
        " $$BEGIN RAISE EXCEPTION 'full' USING ERRCODE = '53100'; END $$",
        "CREATE TRIGGER full_disk BEFORE INSERT OR UPDATE ON device FOR EACH ROW EXECUTE FUNCTION full_disk()",
    )
    reply = await helper.post(BATCH, json={"check_ins": [check_in()], "waiting": 3})
    assert (reply.status_code, reply.json()["results"][0]["status"]) == (200, "recorded")


async def test_a_session_that_has_ended_is_no_fault_of_the_visits_in_a_batch(api: Api):
    """401 for all of it, as for a single one: the phone signs in again, and sends them again."""
    helper, other = await api.as_(HELPER_A1), await api.as_(HELPER_B1)
    items = [check_in(), check_in()]
    assert (await helper.post("/v1/auth/logout")).status_code == 204
    reply, untouched = await asyncio.gather(
        helper.post(BATCH, json={"check_ins": items}), other.post(BATCH, json={"check_ins": [check_in()]})
    )
    assert (reply.status_code, reply.json()["type"]) == (401, "/problems/session-ended")
    assert untouched.json()["results"][0]["status"] == "recorded"
    assert (await helper.post("/v1/check-ins", json=items[0])).status_code == 401
    helper = await api.as_(HELPER_A1)
    body = (await helper.post(BATCH, json={"check_ins": items})).json()
    assert [result["status"] for result in body["results"]] == ["recorded", "recorded"]
