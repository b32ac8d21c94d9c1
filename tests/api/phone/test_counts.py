"""Whether a check-in counted for each duty that it touches, and why not: what a person is told of their own."""

from datetime import datetime, timedelta

import httpx
import pytest

from tests.support.county import (
    A2,
    B1,
    HELPER_A1,
    HELPER_B1,
    HOUSE_A1,
    LEADER_A,
    NIGHT_RULE,
    RESIDENT_A2,
    VISIT_RULE,
)
from tests.support.server import WEDNESDAY_NIGHT, Api, check_in

NIGHT = {"purpose": "night_visit", "household_id": str(HOUSE_A1)}


async def posted(client: httpx.AsyncClient, **given) -> dict:
    reply = await client.post("/v1/check-ins", json=check_in(**given))
    assert reply.status_code == 201, reply.text
    body: dict = reply.json()
    return body


async def counts(client: httpx.AsyncClient, check_in_id: str) -> list[dict]:
    reply = await client.get(f"/v1/me/check-ins/{check_in_id}")
    assert reply.status_code == 200, reply.text
    found: list[dict] = reply.json()["counts"]
    return found


def reasons(found: list[dict]) -> list[str | None]:
    return [each["reason"] and each["reason"]["code"] for each in found]


async def test_a_night_visit_without_a_household_says_what_the_rule_still_wants(api: Api):
    leader = await api.as_(LEADER_A)
    body = await posted(leader, **NIGHT | {"household_id": None})
    assert body["standing"] == "counted"
    (duty,) = [duty for duty in body["duties"] if duty["rule"]["id"] == str(NIGHT_RULE)]
    assert duty["done"] == 0
    assert "须填明所走访的农户、在 18:30 至次日 05:00 签到方计入" in duty["explanation"]
    (count,) = await counts(leader, body["id"])
    assert count["rule"] == {"id": str(NIGHT_RULE), "name": "领导夜访"}
    assert (count["period"]["id"], count["period"]["kind"]) == ("2026-W47", "week")
    assert datetime.fromisoformat(count["period"]["closes_at"]) == datetime.fromisoformat(
        duty["period"]["closes_at"]
    )
    assert count["counted"] is False
    assert count["reason"] == {"code": "no_household", "detail": "未填写所走访的农户"}


async def test_it_is_said_in_english_too_and_nothing_is_said_against_what_counted(api: Api):
    leader = await api.as_(LEADER_A, **{"Accept-Language": "en"})
    first = await posted(leader, **NIGHT)
    api.clock.turn(minutes=5)
    second = await posted(leader, **NIGHT, at=api.clock())
    (count,) = await counts(leader, first["id"])
    assert (count["rule"]["name"], count["counted"], count["reason"]) == ("Leaders' night visit", True, None)
    (count,) = await counts(leader, second["id"])
    assert (count["counted"], count["reason"]["code"]) == (False, "same_night")
    assert count["reason"]["detail"] == "Another check-in already stands for this night"


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"at": WEDNESDAY_NIGHT.replace(hour=12)}, "not_at_night"),
        ({"position": {"mock": True}}, "held"),
        ({}, None),
    ],
)
async def test_each_reason_is_of_the_duty_and_not_of_the_place_alone(api: Api, given, reason):
    leader = await api.as_(LEADER_A)
    body = await posted(leader, **NIGHT | given)
    assert reasons(await counts(leader, body["id"])) == [reason]


async def test_the_list_says_the_same_of_each_in_one_look(api: Api):
    helper = await api.as_(HELPER_A1)
    for village, at in ((None, 4), (A2, 3), (None, 28), ("own", 2)):
        given = {} if village == "own" else {"village": village or B1}
        await posted(helper, at=WEDNESDAY_NIGHT - timedelta(hours=at), **given)
    listed = (await helper.get("/v1/me/check-ins")).json()["items"]
    assert [reasons(each["counts"]) for each in listed] == [
        [None],
        ["not_assigned_village"],
        ["not_assigned_village"],
        ["not_assigned_village"],
    ]
    for each in listed:
        assert each["counts"] == await counts(helper, each["id"])
        assert [count["rule"]["id"] for count in each["counts"]] == [str(VISIT_RULE)]


async def test_a_night_past_midnight_counts_for_the_week_of_its_evening(api: Api):
    leader = await api.as_(LEADER_A)
    monday = datetime(2026, 11, 16, 0, 20, tzinfo=WEDNESDAY_NIGHT.tzinfo)
    body = await posted(leader, at=monday, **NIGHT)
    (count,) = await counts(leader, body["id"])
    assert (count["period"]["id"], count["counted"]) == ("2026-W46", True)


async def test_who_owes_nothing_is_told_nothing_and_nobody_sees_another_s(api: Api):
    resident = await api.as_(RESIDENT_A2)
    body = await posted(resident, village=A2)
    assert await counts(resident, body["id"]) == []
    assert (await (await api.as_(HELPER_B1)).get(f"/v1/me/check-ins/{body['id']}")).status_code == 404


async def test_a_fix_that_follows_is_answered_with_what_it_counts_for(api: Api):
    helper = await api.as_(HELPER_A1)
    given = check_in()
    body = await posted(helper, position=None, position_problem="timeout")
    assert reasons(await counts(helper, body["id"])) == ["held"]
    reply = await helper.put(f"/v1/check-ins/{body['id']}/position", json=given["position"])
    assert reply.status_code == 200, reply.text
    assert reasons(reply.json()["counts"]) == [None]
