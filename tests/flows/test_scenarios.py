"""The cases that people argue about, from the phone to the flag: visits, places and periods.

The others are by the doors that they concern: 3 in test_calendar, 6 in test_roster, 8 in test_appeals.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from app import worker
from app.flows.recount import recount_all
from app.geo.coordinates import wgs84_to_gcj02
from tests.support import county
from tests.support.county import (
    A1,
    COUNTY,
    HELPER_A1,
    HELPER_B1,
    HOUSE_A1,
    LEADER_A,
    NIGHT_RULE,
    OFFICE,
    SOUTH,
    VISIT_RULE,
    Cast,
)
from tests.support.server import SHANGHAI, Api, check_in, running

BASE = f"/v1/counties/{COUNTY}"
DEGREE_M = 110_772  # of latitude here
SUCCESSOR = Cast("接任帮扶", "13900000021", "helper", "squad_a1", "cadre")
RULE = {
    "name": "每月走访",
    "name_en": "Visits a month",
    "source": "test",
    "categories": ["helper"],
    "measure": "visits",
    "period": "month",
    "required": 4,
    "counts_in": "assigned",
}


@pytest.fixture
async def api(county_url: str):
    async with running(county_url) as started:
        yield started


def at(moment: str) -> datetime:
    return datetime.fromisoformat(moment).replace(tzinfo=SHANGHAI)


async def work(api: Api, moment: str) -> None:
    """A worker comes round at this moment; whatever it finds to do leaves nothing for a recount."""
    api.clock.now = at(moment)
    await worker.tick(api.service, api.clock)
    assert (await recount_all(api.service, now=api.clock(), apply=False)).differences == 0


async def post(api: Api, who: Cast, moment: str, *, village: str = A1, **changes: Any) -> Any:
    """A check-in captured then, sent now."""
    async with await api.as_(who) as phone:
        reply = await phone.post("/v1/check-ins", json=check_in(village, at=at(moment), **changes))
    assert reply.status_code == 201, reply.text
    return reply.json()


async def put_rule(api: Api, since: str, **changes: Any) -> str:
    async with await api.as_(OFFICE) as office:
        reply = await office.post(f"{BASE}/rules", json=RULE | changes | {"effective_from": since})
    assert reply.status_code == 201, reply.text
    return str(reply.json()["id"])


async def owed(api: Api, who: Cast, rule: str | UUID, period: str) -> tuple[int, int, str]:
    """Required, done and status."""
    async with await api.as_(OFFICE) as office:
        query = {"rule": str(rule), "period": period, "person": str(who.id)}
        (duty,) = (await office.get(f"{BASE}/duties", params=query)).json()["items"]
    return duty["required"], duty["done"], duty["status"]


async def flags_of(api: Api, rule: str | UUID, since: str) -> list[tuple[str, str]]:
    """Status, and first day of the period, of each flag under the rule from a day on."""
    found = """
    SELECT flag.status, CAST(duty.period_start AS text) FROM flag
    JOIN duty ON duty.county_id = flag.county_id AND duty.id = flag.duty_id
    WHERE duty.rule_id = :rule AND duty.period_start >= CAST(:since AS text)::date ORDER BY 2
    """
    async with api.database.transaction() as session:
        return [tuple(row) for row in await session.execute(text(found), {"rule": rule, "since": since})]


async def test_scenario_1_a_gcj02_fix_labelled_wgs84_by_the_county_line(api: Api):
    lon, lat = 106.22, SOUTH + 100 / DEGREE_M  # within the village, 100 m from the county line
    shifted = dict(zip(("lon", "lat"), map(float, wgs84_to_gcj02(lon, lat)), strict=True))
    assert shifted["lat"] < SOUTH - 100 / DEGREE_M  # the wrong label leads out of the county
    wrong = await post(api, HELPER_A1, "2026-11-18 10:00", position=shifted | {"crs": "wgs84"})
    assert (wrong["place"], wrong["found_in_village"], wrong["standing"]) == ("outside", None, "held")
    hints = {reason["code"]: reason["values"] for reason in wrong["reasons"]}
    assert hints["crs_mismatch"] == {"crs": "wgs84", "fits": "gcj02"}
    assert wrong["duties"][0]["pending_review"] == 1
    right = await post(api, HELPER_A1, "2026-11-18 10:30", position=shifted | {"crs": "gcj02"})
    assert (right["place"], right["standing"], right["found_in_village"]["id"]) == ("inside", "counted", A1)


async def test_scenario_2_a_night_signed_at_twenty_past_midnight_on_monday_is_of_last_week(api: Api):
    api.clock.now = at("2026-11-16 00:20")
    night = await post(api, LEADER_A, "2026-11-16 00:20", household_id=str(HOUSE_A1))
    assert night["night_of"] == "2026-11-15"
    await work(api, "2026-11-26 09:00")
    assert await owed(api, LEADER_A, NIGHT_RULE, "2026-W46") == (1, 1, "met")
    assert await owed(api, LEADER_A, NIGHT_RULE, "2026-W47") == (1, 0, "missed")


async def test_scenario_4_sent_three_days_later_it_counts_in_the_month_of_the_fix(api: Api):
    rule = await put_rule(api, "2026-11-01", required=1)
    await work(api, "2026-12-02 09:00")
    assert await owed(api, HELPER_A1, rule, "2026-11") == (1, 0, "missed")
    late = await post(api, HELPER_A1, "2026-11-29 10:00")
    assert late["standing"] == "counted"
    assert await owed(api, HELPER_A1, rule, "2026-11") == (1, 1, "met_late")
    assert await owed(api, HELPER_A1, rule, "2026-12") == (1, 0, "open")
    doubtful = await post(
        api, HELPER_A1, "2026-11-30 10:00", position={"fixed_at": at("2026-12-01 23:00").isoformat()}
    )
    assert (doubtful["standing"], doubtful["reasons"][0]["code"]) == ("held", "stale_fix")
    assert (await owed(api, HELPER_A1, rule, "2026-11"))[1] == 1
    ahead = await post(api, HELPER_A1, "2026-12-05 10:00")
    assert (ahead["standing"], ahead["reasons"][0]["code"]) == ("held", "clock_skew")


async def test_scenario_5_replaced_in_mid_month_each_owes_a_share_and_history_stays(api: Api):
    rule = await put_rule(api, "2026-11-01", share="days")
    async with api.database.transaction() as session:
        await county.add_person(session, SUCCESSOR)
    await work(api, "2026-11-18 09:00")
    for day in ("03", "05", "10"):
        await post(api, HELPER_A1, f"2026-11-{day} 10:00")
    assert await owed(api, HELPER_A1, rule, "2026-11") == (4, 3, "open")
    async with await api.as_(OFFICE) as office:
        person = (await office.get(f"{BASE}/people/{HELPER_A1.id}")).json()
        (old,) = person["assignments"]
        handed = await office.post(
            f"{BASE}/assignments/{old['id']}/hand-over",
            json={"person_id": str(SUCCESSOR.id), "from_date": "2026-11-16"},
        )
    assert handed.status_code == 201, handed.text
    assert await owed(api, HELPER_A1, rule, "2026-11") == (2, 3, "met")
    await work(api, "2026-11-19 09:00")
    assert await owed(api, SUCCESSOR, rule, "2026-11") == (2, 0, "open")
    await post(api, SUCCESSOR, "2026-11-18 15:00")
    await post(api, SUCCESSOR, "2026-11-19 08:00")
    assert await owed(api, SUCCESSOR, rule, "2026-11") == (2, 2, "met")


async def test_scenario_15_a_household_visited_from_the_road_beyond_its_radius_but_in_the_village(api: Api):
    lon, lat = county.centre(A1)
    road = {"lon": lon, "lat": lat + 500 / DEGREE_M}
    seen = await post(api, HELPER_A1, "2026-11-18 10:00", household_id=str(HOUSE_A1), position=road)
    assert (seen["place"], seen["standing"]) == ("inside", "counted")
    assert seen["household_distance_m"] == pytest.approx(500, rel=0.01)
    assert [reason["code"] for reason in seen["reasons"]] == ["far_from_household"]
    assert seen["duties"][0]["done"] == 1
    near = await post(
        api, HELPER_A1, "2026-11-18 11:00", household_id=str(HOUSE_A1), position={"lat": lat + 280 / DEGREE_M}
    )
    assert near["reasons"] == []


@pytest.mark.parametrize("hour", ["00:00", "03:30", "07:59"])
async def test_matomo_24980_monday_before_eight_in_shanghai_is_monday_to_the_worker(api: Api, hour: str):
    """In UTC it is still Sunday, and a worker that asks UTC opens and closes weeks a day late, or twice."""
    await work(api, "2026-11-22 23:59")
    assert await duties_of(api, "2026-11-23") == 0
    await work(api, f"2026-11-23 {hour}")
    opened = await duties_of(api, "2026-11-23")
    assert opened > 0
    await work(api, "2026-11-24 23:59")  # the rule has two days of grace
    assert await flags_of(api, VISIT_RULE, "2026-11-16") == []
    await work(api, f"2026-11-25 {hour}")
    assert await flags_of(api, VISIT_RULE, "2026-11-16") == [("open", "2026-11-16")] * 2
    assert await duties_of(api, "2026-11-23") == opened


async def duties_of(api: Api, monday: str) -> int:
    count = "SELECT count(*) FROM duty WHERE period_start = CAST(:monday AS text)::date"
    async with api.database.transaction() as session:
        return int((await session.execute(text(count), {"monday": monday})).scalar_one())


async def test_frappe_hrms_1703_the_tail_of_a_night_makes_no_absence(api: Api):
    """There, what was signed after midnight went to the next day's shift, and the evening was an absence."""
    evenings = {"measure": "nights", "period": "week", "required": 2, "categories": ["leader"]}
    night = {"start": "18:30", "until": "05:00"}
    rule = await put_rule(api, "2026-11-16", **evenings | {"counts_in": "county", "night": night})
    await work(api, "2026-11-23 06:00")
    await post(api, LEADER_A, "2026-11-22 00:10")  # the tail of Saturday
    await post(api, LEADER_A, "2026-11-22 23:50")  # Sunday's evening, and its tail: one night
    await post(api, LEADER_A, "2026-11-23 00:40")
    assert await owed(api, LEADER_A, rule, "2026-W47") == (2, 2, "met")
    assert await owed(api, LEADER_A, rule, "2026-W48") == (2, 0, "open")
    api.clock.now = at("2026-11-23 21:00")
    await post(api, LEADER_A, "2026-11-23 20:00")  # Monday has its own night all the same
    assert await owed(api, LEADER_A, rule, "2026-W48") == (2, 1, "open")
    await work(api, "2026-11-26 09:00")
    assert [each for each in await flags_of(api, rule, "2026-11-16") if each[1] == "2026-11-16"] == [
        ("open", "2026-11-16")  # leader B, who visited nobody
    ]


async def test_frappe_hrms_3268_a_day_off_is_no_absence(api: Api):
    """There, days off were absences. Here the county has two of its own: three days are all that can be owed."""
    days = {"measure": "village_days", "period": "week", "required": 5, "days": "working", "share": "cap"}
    rule = await put_rule(api, "2026-11-16", **days)
    async with await api.as_(OFFICE) as office:
        for day in ("2026-11-19", "2026-11-20"):
            path, off = f"{BASE}/calendar/{day}", {"working": False, "name": "县庆", "source": "县政府通知"}
            assert (await office.put(path, json=off)).status_code == 200
    await work(api, "2026-11-19 09:00")
    for day in ("16", "17", "18"):
        await post(api, HELPER_A1, f"2026-11-{day} 10:00")
    await work(api, "2026-11-26 09:00")
    assert await owed(api, HELPER_A1, rule, "2026-W47") == (3, 3, "met")
    assert await owed(api, HELPER_B1, rule, "2026-W47") == (3, 0, "missed")
