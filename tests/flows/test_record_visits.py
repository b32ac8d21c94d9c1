"""What recording promises: neighbours of a bad item are kept, fences of the day judge, counting is serial."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import event, text

from app.main import create_app
from app.settings import Settings
from tests.support.county import A1, A2, COUNTY, HELPER_A1, RESIDENT_A2, square
from tests.support.server import KEY, WEDNESDAY_NIGHT, Api, check_in, running

POISON = """
CREATE FUNCTION refuse_poison() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.note = 'poison' THEN RAISE EXCEPTION 'poison' USING ERRCODE = '{code}'; END IF;
  RETURN NEW;
END $$;
"""
TRIGGER = "CREATE TRIGGER poison BEFORE INSERT ON check_in FOR EACH ROW EXECUTE FUNCTION refuse_poison()"


@pytest.fixture
async def api(county_url: str):
    async with running(county_url) as started:
        yield started


async def execute(api: Api, *statements: str) -> None:
    async with api.database.transaction() as session:
        for statement in statements:
            await session.execute(text(statement))


@pytest.mark.parametrize(("code", "status"), [("22000", 422), ("XX000", 503)])
async def test_a_poisoned_item_fails_alone_in_a_batch_and_among_single_posts(api: Api, code: str, status: int):
    """The database itself refuses one row, which no validation foresaw."""
    await execute(api, POISON.format(code=code), TRIGGER)
    helper = await api.as_(HELPER_A1)
    items = [check_in(note="poison" if number == 37 else "") for number in range(64)]
    results = (await helper.post("/v1/check-ins/batch", json={"check_ins": items})).json()["results"]
    assert [result["index"] for result in results if result["status"] != "recorded"] == [37]
    assert results[37]["problem"]["status"] == status
    assert "poison" not in str(results[37]["problem"])
    replies = await asyncio.gather(
        *(helper.post("/v1/check-ins", json=check_in(note="poison" if n == 5 else "")) for n in range(16))
    )
    assert [reply.status_code for reply in replies] == [201] * 5 + [status] + [201] * 10


async def test_a_poisoned_item_among_256_costs_its_neighbours_seventeen_statements(api: Api):
    """A set that fails is halved until the bad item stands alone: 2 log2(256) + 1 times an INSERT."""
    await execute(api, POISON.format(code="22000"), TRIGGER)
    helper = await api.as_(HELPER_A1)
    items = [check_in(note="poison" if number == 201 else "") for number in range(256)]
    inserts = []
    engine = api.app.state.services.database.engine.sync_engine
    event.listen(
        engine,
        "before_cursor_execute",
        lambda _connection, _cursor, statement, *_: (
            inserts.append(1) if "INSERT INTO check_in" in statement else None
        ),
    )
    results = (await helper.post("/v1/check-ins/batch", json={"check_ins": items})).json()["results"]
    assert [result["index"] for result in results if result["status"] != "recorded"] == [201]
    assert len(inserts) == 17
    async with api.database.transaction() as session:
        assert (await session.execute(text("SELECT count(*) FROM check_in"))).scalar_one() == 255


async def test_two_processes_recording_the_same_person_at_once_count_every_visit(county_url: str):
    """Who writes a person's duties holds the person's row: neither recount misses the other's visit."""
    async with running(county_url) as one:
        other_app = create_app(Settings(database_url=county_url, secret_key=KEY), one.clock)
        async with other_app.router.lifespan_context(other_app):
            first = await one.as_(HELPER_A1)
            second = await Api(other_app, one.clock, one.database).as_(replace(HELPER_A1, name="second phone"))
            for week in range(6):
                days = [WEDNESDAY_NIGHT - timedelta(weeks=week, days=day, minutes=week) for day in range(2)]
                replies = await asyncio.gather(
                    first.post("/v1/check-ins", json=check_in(at=days[0])),
                    second.post("/v1/check-ins", json=check_in(at=days[1])),
                )
                assert max(reply.json()["duties"][0]["done"] for reply in replies) == 2


async def test_a_changed_fence_judges_from_the_next_set_on_and_only_what_was_captured_since(api: Api):
    resident = await api.as_(RESIDENT_A2)
    before = (await resident.post("/v1/check-ins", json=check_in(A2, position={"lon": 106.30}))).json()
    assert before["place"] == "outside"
    changed_at = api.clock.turn(minutes=5)
    await execute(
        api,
        f"UPDATE geofence SET valid_until = '{changed_at.isoformat()}'"
        f" WHERE county_id = '{COUNTY}' AND village_id = '{A2}'",
        "INSERT INTO geofence (county_id, village_id, version, area, synthetic, source, valid_from)"
        f" SELECT '{COUNTY}', '{A2}', 2, ST_Multi(ST_Envelope(ST_Collect(ST_GeomFromEWKT('{square(A2)}'),"
        " ST_SetSRID(ST_MakePoint(106.32, 24.30), 4326)))), true, 'test', '" + changed_at.isoformat() + "'",
        f"UPDATE county SET fence_version = fence_version + 1 WHERE id = '{COUNTY}'",
    )
    api.clock.turn(minutes=5)
    now = (
        await resident.post("/v1/check-ins", json=check_in(A2, at=api.clock.now, position={"lon": 106.30}))
    ).json()
    assert (now["place"], now["village"]["geofence_version"]) == ("inside", 2)
    late = (await resident.post("/v1/check-ins", json=check_in(A2, position={"lon": 106.30}))).json()
    assert (late["place"], late["village"]["geofence_version"]) == ("outside", 1)
    before.pop("duties")
    assert (await resident.get(f"/v1/me/check-ins/{before['id']}")).json() == before | {
        "review": None,
        "appeal": None,
        "counts": [],
    }


async def test_an_answered_check_in_is_on_disk(api: Api):
    helper = await api.as_(HELPER_A1)
    posted = check_in(A1)
    assert (await helper.post("/v1/check-ins", json=posted)).status_code == 201
    async with api.database.transaction() as session:
        found = await session.execute(text("SELECT raw_lon, raw_lat, crs FROM check_in"))
        assert [tuple(row) for row in found] == [(posted["position"]["lon"], posted["position"]["lat"], "wgs84")]


async def test_a_full_queue_answers_503_with_a_time_to_come_back(county_url: str):
    async with running(county_url, gather_limit=10) as api:
        helper = await api.as_(HELPER_A1)
        replies = await asyncio.gather(*(helper.post("/v1/check-ins", json=check_in()) for _ in range(40)))
        busy = [reply for reply in replies if reply.status_code == 503]
        assert busy
        assert busy[0].headers["retry-after"] == "2"
        assert {reply.status_code for reply in replies} == {201, 503}
        kept = await helper.get("/v1/me/check-ins", params={"limit": 100})
        assert len(kept.json()["items"]) == 40 - len(busy)
