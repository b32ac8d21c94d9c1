"""Whose household a visit names: never a refusal. It is kept, marked, and each rule decides."""

from datetime import date, datetime, timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from tests.support.county import (
    A1,
    B1,
    COUNTY,
    HELPER_A1,
    HOUSE_A1,
    HOUSE_B1,
    LEADER_A,
    RESIDENT_A2,
    VISIT_RULE,
    known_id,
)
from tests.support.server import SHANGHAI, WEDNESDAY_NIGHT, Api, check_in, running

SUNDAY, MONDAY = date(2026, 11, 15), date(2026, 11, 16)
PAST_MIDNIGHT = datetime(2026, 11, 16, 0, 20, tzinfo=SHANGHAI)  # Monday by the calendar, Sunday's night
NEIGHBOUR = known_id("neighbour in A1")


@pytest.fixture
async def api(county_url: str):
    async with running(county_url) as started:
        yield started


async def execute(api: Api, statement: str, **parameters: Any) -> None:
    async with api.database.transaction() as session:
        await session.execute(text(statement), {"county_id": COUNTY} | parameters)


async def ends(api: Api, day: date, person: Any = HELPER_A1) -> None:
    """The person's assignments end as of this day."""
    await execute(
        api,
        "UPDATE assignment SET until_date = :day WHERE county_id = :county_id AND person_id = :person_id",
        day=day,
        person_id=person.id,
    )


def codes(reply: httpx.Response) -> list[str]:
    return [reason["code"] for reason in reply.json()["reasons"]]


async def test_a_stored_visit_sent_again_is_a_repeat_though_its_assignment_has_ended_meanwhile(api: Api):
    helper = await api.as_(HELPER_A1)
    posted = check_in(household_id=str(HOUSE_A1))
    first = await helper.post("/v1/check-ins", json=posted)
    await ends(api, WEDNESDAY_NIGHT.date() - timedelta(days=30))
    again = await helper.post("/v1/check-ins", json=posted)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json()["reasons"] == first.json()["reasons"] == []
    batch = await helper.post("/v1/check-ins/batch", json={"check_ins": [posted]})
    assert batch.json()["results"][0]["status"] == "duplicate"


async def test_a_queued_visit_whose_assignment_ended_as_of_that_day_is_kept_and_marked(api: Api):
    await ends(api, WEDNESDAY_NIGHT.date())
    said = {}
    for language in ("zh-CN", "en"):
        helper = await api.as_(HELPER_A1, **{"Accept-Language": language})
        reply = await helper.post("/v1/check-ins", json=check_in(household_id=str(HOUSE_A1)))
        assert (reply.status_code, reply.json()["household_id"]) == (201, str(HOUSE_A1))
        said |= {reason["code"]: reason["detail"] for reason in reply.json()["reasons"]}
        assert said.keys() == {"no_assigned_village", "not_your_household"}
    assert "not yours" in said["not_your_household"]


async def test_at_a_neighbours_the_visit_counts_where_the_rule_asks_for_no_household(api: Api):
    await execute(
        api,
        "INSERT INTO household (county_id, id, village_id, head_name) VALUES (:county_id, :id, :village_id, '邻')",
        id=NEIGHBOUR,
        village_id=A1,
    )
    helper = await api.as_(HELPER_A1)
    for household in (NEIGHBOUR, HOUSE_B1):
        reply = await helper.post("/v1/check-ins", json=check_in(household_id=str(household)))
        assert (reply.status_code, reply.json()["standing"]) == (201, "counted")
        assert "not_your_household" in codes(reply)
        assert reply.json()["duties"][0]["status"] == "met"
    own = await helper.post("/v1/check-ins", json=check_in(household_id=str(HOUSE_A1)))
    assert codes(own) == []


async def test_at_a_neighbours_it_does_not_count_where_the_rule_wants_ones_own(api: Api):
    await execute(
        api,
        "UPDATE duty_rule SET household_required = true WHERE county_id = :county_id AND id = :id",
        id=VISIT_RULE,
    )
    helper = await api.as_(HELPER_A1)
    reply = await helper.post("/v1/check-ins", json=check_in(household_id=str(HOUSE_B1)))
    assert (reply.status_code, reply.json()["duties"][0]["done"]) == (201, 0)
    reply = await helper.post("/v1/check-ins", json=check_in(household_id=str(HOUSE_A1)))
    assert reply.json()["duties"][0]["done"] == 1


async def test_a_leaders_night_visit_counts_anywhere_in_the_county_at_any_household(api: Api):
    leader = await api.as_(LEADER_A)
    reply = await leader.post("/v1/check-ins", json=check_in(B1, household_id=str(HOUSE_B1)))
    assert reply.status_code == 201, reply.text
    assert "not_your_household" in codes(reply)
    (duty,) = reply.json()["duties"]
    assert (duty["done"], duty["status"]) == (1, "met")


async def test_a_resident_stands_for_the_whole_village(api: Api):
    """Assigned a village, not its households: each of them is theirs."""
    await execute(
        api,
        "UPDATE assignment SET village_id = :village_id WHERE county_id = :county_id AND person_id = :person_id",
        village_id=A1,
        person_id=RESIDENT_A2.id,
    )
    resident = await api.as_(RESIDENT_A2)
    assert codes(await resident.post("/v1/check-ins", json=check_in(household_id=str(HOUSE_A1)))) == []


@pytest.mark.parametrize(("until", "theirs"), [(MONDAY, True), (SUNDAY, False)])
async def test_past_midnight_the_evenings_assignments_are_asked_as_the_count_does(
    api: Api, until: date, theirs: bool
):
    """At 00:20 on Monday, of an assignment that ended with Sunday, and of one that ended before."""
    await ends(api, until, LEADER_A)
    await execute(
        api,
        "UPDATE post SET until_date = :day WHERE county_id = :county_id AND person_id = :person_id",
        day=until,
        person_id=LEADER_A.id,
    )
    await execute(
        api,
        "UPDATE duty_rule SET counts_in = 'assigned' WHERE county_id = :county_id AND categories = '{leader}'",
    )
    leader = await api.as_(LEADER_A)
    posted = check_in(at=PAST_MIDNIGHT, household_id=str(HOUSE_A1))
    reply = await leader.post("/v1/check-ins", json=posted)
    assert reply.json()["night_of"] == "2026-11-15"
    assert (reply.json()["village"] is not None) is theirs
    assert ("not_your_household" not in codes(reply)) is theirs


async def test_an_assignment_that_begins_on_monday_is_not_yet_of_sundays_night(api: Api):
    await execute(
        api,
        "UPDATE assignment SET from_date = :day WHERE county_id = :county_id AND person_id = :person_id",
        day=MONDAY,
        person_id=HELPER_A1.id,
    )
    helper = await api.as_(HELPER_A1)
    night = await helper.post("/v1/check-ins", json=check_in(at=PAST_MIDNIGHT, household_id=str(HOUSE_A1)))
    day = await helper.post(
        "/v1/check-ins", json=check_in(at=PAST_MIDNIGHT.replace(hour=9), household_id=str(HOUSE_A1))
    )
    assert (night.json()["village"], "not_your_household" in codes(night)) == (None, True)
    assert (day.json()["village"]["id"], codes(day)) == (A1, [])


async def test_only_a_household_that_is_not_in_the_county_is_invalid(api: Api):
    helper = await api.as_(HELPER_A1)
    items = [check_in(household_id=str(known_id("nowhere"))), check_in(household_id=str(HOUSE_B1))]
    results = (await helper.post("/v1/check-ins/batch", json={"check_ins": items})).json()["results"]
    assert [result["status"] for result in results] == ["invalid", "recorded"]
    assert results[0]["problem"]["errors"][0]["code"] == "unknown_household"


async def test_a_county_may_hold_such_visits_for_review(api: Api):
    await execute(
        api,
        """UPDATE county SET settings = '{"signals": {"not_your_household": "hold"}}' WHERE id = :county_id""",
    )
    helper = await api.as_(HELPER_A1)
    reply = await helper.post("/v1/check-ins", json=check_in(household_id=str(HOUSE_B1)))
    assert (reply.json()["standing"], reply.json()["duties"][0]["pending_review"]) == ("held", 1)


async def test_who_has_left_still_sends_in_what_was_captured_in_service(api: Api):
    """Signed in while in service; replaced since. The queue on the phone is not lost."""
    helper = await api.as_(HELPER_A1)
    yesterday = WEDNESDAY_NIGHT - timedelta(days=1)
    await ends(api, WEDNESDAY_NIGHT.date())
    await execute(
        api,
        "UPDATE person SET until_date = :day WHERE county_id = :county_id AND id = :person_id",
        day=WEDNESDAY_NIGHT.date(),
        person_id=HELPER_A1.id,
    )
    posted = check_in(at=yesterday, household_id=str(HOUSE_A1))
    reply = await helper.post("/v1/check-ins", json=posted)
    assert (reply.status_code, reply.json()["standing"], codes(reply)) == (201, "counted", [])
    body = (await helper.post("/v1/check-ins/batch", json={"check_ins": [posted, check_in()]})).json()
    assert [result["status"] for result in body["results"]] == ["duplicate", "recorded"]
