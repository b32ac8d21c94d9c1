"""What is kept for a time really goes after it, and what it has led to stays as it was."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text

from app import worker
from app.flows import delete_expired
from app.flows.recount import recount_all
from app.kernel import retention
from tests.api.clients.conftest import app_of
from tests.support.county import COUNTY, HELPER_A1, HELPER_B1, HOUSE_A1, LEADER_A, OFFICE, OTHER_COUNTY, STRANGER
from tests.support.server import WEDNESDAY_NIGHT, Api, check_in, running

BASE = f"/v1/counties/{COUNTY}"
_STAY = """
INSERT INTO stay (county_id, person_id, day, village_id, from_at, until_at, fixes, received_at, geofence_version)
SELECT :county_id, :person_id, DATE '2026-11-18', '451029100201', TIMESTAMPTZ '2026-11-18 12:00Z',
  TIMESTAMPTZ '2026-11-18 13:00Z', 3, TIMESTAMPTZ '2026-11-18 14:00Z', 1
"""


@pytest.fixture
async def api(database_url: str) -> AsyncIterator[Api]:
    async with running(database_url) as started:
        yield started


async def ask(api: Api, sql: str, **parameters: object) -> list[Any]:
    async with api.database.transaction() as session:
        found = await session.execute(text(sql), parameters)
        return list(found.all()) if found.returns_rows else []


async def counts(api: Api, county_id: str = COUNTY) -> dict[str, int]:
    """Rows by table, of those that go for their age."""
    named = [name for name in delete_expired.times() if name not in ("track_day", "track_fix")]
    each = ", ".join(f"(SELECT count(*) FROM {name} WHERE county_id = :county_id) AS {name}" for name in named)
    (row,) = await ask(api, f"SELECT {each}", county_id=county_id)
    return dict(row._mapping)


async def clear(api: Api, county_id: str = COUNTY) -> dict[str, int]:
    """How many rows went, by table."""
    due = await delete_expired.due(api.service, county_id, api.clock())
    gone = {old.table_name: await delete_expired.delete(api.service, old, api.clock) for old in due}
    return {name: rows for name, rows in gone.items() if rows}


async def season(api: Api) -> dict[str, str]:
    """A week with a bit of everything, closed: ids by what they are of."""
    helper, leader = await api.as_(HELPER_A1), await api.as_(LEADER_A)
    visit = check_in(household_id=str(HOUSE_A1), note="a note")
    odd = check_in(at=WEDNESDAY_NIGHT - timedelta(hours=1), position={"mock": True})
    for each in (visit, odd):
        assert (await helper.post("/v1/check-ins", json=each)).status_code == 201
    decision = {"decision": "refuse", "reason": "nobody was there"}
    assert (await leader.post(f"{BASE}/check-ins/{odd['id']}/reviews", json=decision)).status_code == 201
    saw = {"finding": "unfounded", "note": "asked", "verified_at": WEDNESDAY_NIGHT.isoformat()}
    await leader.post(f"{BASE}/check-ins/{odd['id']}/verifications", json=saw)
    appeal = {"id": str(uuid4()), "check_in_id": odd["id"], "text": "I was there"}
    assert (await helper.post("/v1/me/appeals", json=appeal)).status_code == 201
    ask_leave = {
        "id": str(uuid4()),
        "kind": "sick",
        "from_date": "2026-11-19",
        "from_half": "am",
        "until_date": "2026-11-19",
        "until_half": "pm",
        "reason": "fever",
    }
    assert (await helper.post("/v1/me/leave", json=ask_leave)).status_code == 201
    assert (await helper.put("/v1/devices/phone-of-hers", json={"platform": "android"})).status_code == 200
    await (await app_of(api, "owntracks", HELPER_A1)).send(b"no JSON")
    await ask(api, _STAY, county_id=COUNTY, person_id=HELPER_A1.id)
    await worker.tick(api.service, api.clock)
    api.clock.turn(days=12)
    await worker.tick(api.service, api.clock)
    flag = (await ask(api, "SELECT id FROM flag WHERE person_id = :id", id=HELPER_B1.id))[0].id
    late = {"id": str(uuid4()), "flag_id": str(flag), "text": "the road was closed"}
    assert (await (await api.as_(HELPER_B1)).post("/v1/me/appeals", json=late)).status_code == 201
    (duty,) = await ask(
        api, "SELECT id, status FROM duty WHERE person_id = :id AND period_start = '2026-11-16'", id=HELPER_A1.id
    )
    assert duty.status == "met"
    (mine,) = await ask(api, "SELECT id FROM appeal WHERE check_in_id IS NOT NULL")
    return {"duty": str(duty.id), "appeal": str(mine.id), "visit": visit["id"]}


async def close_everything(api: Api) -> None:
    """As years of rounds would have."""
    await ask(
        api,
        "UPDATE duty SET closed_at = closes_at, status = CASE status WHEN 'open' THEN 'missed'"
        " ELSE status END WHERE closed_at IS NULL",
    )


async def decide_appeals(api: Api) -> None:
    await ask(
        api,
        "UPDATE appeal SET status = 'upheld', decided_by = :id, decided_at = filed_at, post = 'office',"
        " decision_reason = 'seen'",
        id=OFFICE.id,
    )


async def duties(api: Api) -> list[Any]:
    return await ask(api, "SELECT * FROM duty WHERE closed_at IS NOT NULL ORDER BY id")


async def test_rows_go_after_their_time_and_duties_stay_as_they_were(api: Api):
    of = await season(api)
    there = await counts(api)
    nothing = {"photo", "import_job", "rejudgement", "duty_waiver", "activation", "deferred_notice", "delivery"}
    assert {name for name, rows in there.items() if not rows} <= nothing
    assert await clear(api) == {}, "everything is young"
    await close_everything(api)
    before, since = await duties(api), api.clock()

    api.clock.now = since + timedelta(days=1200)
    gone = await clear(api)
    assert "check_in" not in gone, "an appeal against one of them is not decided yet"
    assert "leave" not in gone
    assert "audit_entry" in gone
    await decide_appeals(api)
    api.clock.turn(days=1)
    gone |= await clear(api)
    assert gone["check_in"] == 2
    left = await counts(api)
    assert {name for name, rows in left.items() if rows} == {
        *("duty", "duty_period", "flag", "flag_recipient", "appeal", "audit_entry"),
        *("device", "device_session"),  # of a tracking app, whose key does not expire
    }
    assert [row.flag_id is not None for row in await ask(api, "SELECT flag_id FROM appeal")] == [True]
    assert await clear(api) == {}

    assert await duties(api) == before
    report = await recount_all(api.service, now=api.clock(), apply=True)
    assert report.differences == 0
    assert await duties(api) == before
    office, helper = await api.as_(OFFICE), await api.as_(HELPER_A1)
    shown = (await office.get(f"{BASE}/duties/{of['duty']}")).json()
    assert (shown["status"], shown["done"], shown["evidence"]["check_ins"]) == ("met", 1, [])
    assert "1096" in shown["evidence"]["deleted"]
    own = (await helper.get("/v1/me/duties", params={"period": "2026-W47"})).json()["items"]
    assert [(duty["status"], duty["done"]) for duty in own] == [("met", 1)]
    # What the phone brings now for a week that is settled is kept, and changes nothing.
    late = check_in(at=WEDNESDAY_NIGHT)
    assert (await helper.post("/v1/check-ins", json=late)).status_code == 201
    said = (await helper.get(f"/v1/me/check-ins/{late['id']}")).json()
    assert {count["reason"]["code"] for count in said["counts"]} == {"settled"}
    assert await duties(api) == before

    api.clock.now = since + timedelta(days=1900)
    await clear(api)
    left = await counts(api)
    assert [name for name in ("duty", "flag", "flag_recipient", "appeal") if left[name]] == []
    assert left["check_in"] == 1, "it came in later"


async def test_each_transaction_is_on_record_and_what_stops_half_way_is_gone_on_with(
    api: Api, monkeypatch: pytest.MonkeyPatch
):
    helper = await api.as_(HELPER_A1)
    for minutes in range(5):
        visit = check_in(at=WEDNESDAY_NIGHT - timedelta(minutes=minutes))
        assert (await helper.post("/v1/check-ins", json=visit)).status_code == 201
    await close_everything(api)
    api.clock.turn(days=1200)
    monkeypatch.setattr(delete_expired, "AT_ONCE", 2)
    note, notes = retention.note, 0

    async def note_or_break(*of: Any) -> None:
        nonlocal notes
        notes += 1
        if notes == 2:
            raise ZeroDivisionError
        await note(*of)

    (visits,) = [
        old for old in await delete_expired.due(api.service, COUNTY, api.clock()) if old.table_name == "check_in"
    ]
    with monkeypatch.context() as broken:
        broken.setattr(retention, "note", note_or_break)
        with pytest.raises(ZeroDivisionError):
            await delete_expired.delete(api.service, visits, api.clock)
    assert (await counts(api))["check_in"] == 3
    assert (await recount_all(api.service, now=api.clock(), apply=False)).differences == 0, "settled beforehand"
    assert (await clear(api))["check_in"] == 3
    noted = await ask(
        api,
        "SELECT county_id, detail FROM audit_entry WHERE action = 'retention.deleted'"
        " AND subject = 'table:check_in' ORDER BY id",
    )
    until = str((api.clock() - timedelta(days=1096)).date())
    assert [(row.county_id, row.detail) for row in noted] == [
        (COUNTY, {"until": until, "rows": rows}) for rows in (2, 2, 1)
    ]


async def test_a_worker_clears_every_county_by_its_own_settings(api: Api):
    for who in (HELPER_A1, STRANGER):
        await api.as_(who)
    await ask(api, """UPDATE county SET settings = '{"sign_in_retention_d": 400}' WHERE id = :id""", id=COUNTY)
    api.clock.turn(days=200)
    for county_id, left in ((OTHER_COUNTY, 0), (COUNTY, 1)):
        await clear(api, county_id)
        now = await counts(api, county_id)
        assert (now["sign_in_event"], now["contact"]) == (left, 0)
    assert (await counts(api))["device_session"] == 1, "it is over for less than 400 days"
