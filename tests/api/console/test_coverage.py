"""Who was not visited and who was not heard from, as the office and a township's leader see it."""

import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text

from app.checkins.models import CheckIn
from tests.api.console.conftest import post
from tests.support import county
from tests.support.county import A1, B1, COUNTY, HOUSE_A1, HOUSE_B1, unit_id
from tests.support.forms import night_form
from tests.support.server import WEDNESDAY_NIGHT, Api, check_in

# A copy of the only check-in, with other values in the columns named.
_COLUMNS = [column.name for column in CheckIn.__table__.columns if column.computed is None]
_WITH_FORM = f"""
INSERT INTO check_in ({", ".join(_COLUMNS)})
SELECT {", ".join(f"changed.{name}" for name in _COLUMNS)}
FROM check_in, jsonb_populate_record(check_in, CAST(:changes AS jsonb)) AS changed
WHERE check_in.county_id = '451029'
"""
BASE = f"/v1/counties/{COUNTY}"


async def ask(api: Api, who: county.Cast, path: str, language: str = "zh-CN", **query: Any) -> dict[str, Any]:
    async with await api.as_(who, **{"Accept-Language": language}) as client:
        reply = await client.get(BASE + path, params=query)
    assert reply.status_code == 200, reply.text
    body: dict[str, Any] = reply.json()
    return body


def houses(found: dict[str, Any]) -> list[str]:
    return [item["household"]["id"] for item in found["items"]]


NOBODY = {"households": 2, "visited": 0, "not_visited": 2, "never": 2}


async def test_a_household_counts_as_visited_whoever_came(api: Api):
    assert (await ask(api, county.OFFICE, "/coverage"))["total"] == NOBODY
    await post(api, county.LEADER_A, check_in(household_id=str(HOUSE_A1)))  # a leader, whose it is not
    api.clock.turn(minutes=1)
    found = await ask(api, county.OFFICE, "/coverage")
    assert houses(found) == [str(HOUSE_B1)]
    (item,) = found["items"]
    assert (item["last_visited_at"], item["last_visited_by"]) == (None, None)
    assert [person["name"] for person in item["assigned"]] == ["乙一帮扶"]
    assert found["total"] == {"households": 2, "visited": 1, "not_visited": 1, "never": 1}
    assert [(each["unit"]["name"], each["households"], each["visited"]) for each in found["by_unit"]] == [
        ("乐里战区", 1, 1),
        ("利周战区", 1, 0),
    ]
    assert [(each["village"]["id"], each["visited"]) for each in found["by_village"]] == [(A1, 1), (B1, 0)]


async def test_after_so_many_days_it_is_not_visited_any_more(api: Api):
    await post(api, county.LEADER_A, check_in(household_id=str(HOUSE_A1)))
    api.clock.turn(days=3)
    assert houses(await ask(api, county.OFFICE, "/coverage", not_visited_for_days=3)) == [str(HOUSE_B1)]
    api.clock.turn(seconds=1)
    found = await ask(api, county.OFFICE, "/coverage", not_visited_for_days=3)
    assert houses(found) == [str(HOUSE_B1), str(HOUSE_A1)]  # never, then the longest ago
    assert found["items"][1]["last_visited_by"]["name"] == "乐里领导"
    assert found["total"] == {"households": 2, "visited": 0, "not_visited": 2, "never": 1}


async def test_what_does_not_count_is_no_visit(api: Api):
    mocked = check_in(household_id=str(HOUSE_A1), position={"mock": True})
    await post(api, county.HELPER_A1, mocked)
    api.clock.turn(minutes=1)
    assert (await ask(api, county.OFFICE, "/coverage"))["total"] == NOBODY


async def test_pages_follow_one_another(api: Api):
    await post(api, county.LEADER_A, check_in(household_id=str(HOUSE_A1)))
    api.clock.turn(days=2)
    found = await ask(api, county.OFFICE, "/coverage", not_visited_for_days=1, limit=1)
    assert houses(found) == [str(HOUSE_B1)]
    found = await ask(
        api, county.OFFICE, "/coverage", not_visited_for_days=1, limit=1, cursor=found["next_cursor"]
    )
    assert (houses(found), found["next_cursor"]) == ([str(HOUSE_A1)], None)


async def test_coverage_ends_where_the_subtree_does(api: Api):
    found = await ask(api, county.LEADER_A, "/coverage")
    assert (houses(found), found["total"]["households"]) == ([str(HOUSE_A1)], 1)
    assert [each["unit"]["name"] for each in found["by_unit"]] == ["甲一突击班"]
    assert (await ask(api, county.HELPER_B1, "/coverage"))["total"]["households"] == 0
    narrowed = await ask(api, county.OFFICE, "/coverage", unit=str(unit_id("theatre_b")))
    assert houses(narrowed) == [str(HOUSE_B1)]
    assert houses(await ask(api, county.OFFICE, "/coverage", village=A1)) == [str(HOUSE_A1)]


async def test_whoever_came_from_elsewhere_is_not_named(api: Api):
    """The township's leader visited: whoever leads the squad below sees when, not who."""
    squad = county.Cast("甲一班长", "13900000021", "leader", "squad_a1", "leader")
    async with api.database.transaction() as session:
        await county.add_person(session, squad)
    await post(api, county.LEADER_A, check_in(household_id=str(HOUSE_A1)))
    api.clock.turn(days=2)
    (item,) = (await ask(api, squad, "/coverage", not_visited_for_days=1))["items"]
    assert item["last_visited_at"] is not None
    assert item["last_visited_by"] is None


@pytest.mark.parametrize("path", ["/coverage", "/silence", "/night-visits"])
async def test_what_lies_outside_is_not_found(api: Api, path: str):
    async with await api.as_(county.LEADER_A) as leader:
        reply = await leader.get(BASE + path, params={"unit": str(unit_id("theatre_b"))})
        assert reply.status_code == 404
    async with await api.as_(county.STRANGER) as stranger:
        assert (await stranger.get(BASE + path)).status_code == 404


@pytest.mark.parametrize(
    ("path", "pointer"),
    [
        ("/coverage?not_visited_for_days=0", "/not_visited_for_days"),
        ("/coverage?not_visited_for_days=99999", "/not_visited_for_days"),
        ("/coverage?village=1", "/village"),
        ("/coverage?cursor=abc", "/cursor"),
        ("/coverage?cursor=WyJjb3ZlcmFnZSIsICIwMDAxLTAxLTAxVDAwOjAwOjAwKzE0OjAwIiwgIngiXQ==", "/cursor"),
        ("/silence?hours=-1", "/hours"),
        ("/silence?cursor=abc", "/cursor"),
        ("/night-visits?period=2026-W60", "/period"),
        ("/night-visits?group_by=county", "/group_by"),
    ],
)
async def test_bad_questions_are_answered_at_the_field(untouched: Api, path: str, pointer: str):
    async with await untouched.as_(county.OFFICE) as office:
        reply = await office.get(BASE + path)
    assert (reply.status_code, reply.json()["errors"][0]["pointer"]) == (422, pointer)


async def test_silence_says_what_is_known(weeks: Api):
    async with await weeks.as_(county.HELPER_B1) as phone:
        reply = await phone.put(
            "/v1/devices/old-phone", json={"waiting": 4, "oldest_waiting_at": WEDNESDAY_NIGHT.isoformat()}
        )
        assert reply.status_code == 200
    weeks.clock.turn(days=3)
    found = await ask(weeks, county.OFFICE, "/silence", "en", hours=48)
    people = [item["person"]["name"] for item in found["items"]]
    assert found["people"] == len(people)
    assert people[-1] == "乙一帮扶"  # the last to be heard from
    assert "办公室" not in people  # who has just signed in
    helper = found["items"][-1]
    assert (helper["waiting"]["count"], helper["app_status"]) == (4, None)
    assert all(
        duty["closes_at"] > helper["last_contact_at"] or duty["status"] == "open" for duty in helper["duties"]
    )
    never = next(item for item in found["items"] if item["person"]["name"] == "甲二队员")
    assert (never["last_contact_at"], never["waiting"]) == (None, None)
    leader = next(item for item in found["items"] if item["person"]["name"] == "利周领导")
    assert {(duty["rule"], duty["period"], duty["status"]) for duty in leader["duties"]} == {
        ("Leaders' night visit", "2026-W46", "missed"),
        ("Leaders' night visit", "2026-W47", "missed"),
    }
    assert (await ask(weeks, county.OFFICE, "/silence", hours=24 * 30))["items"] != found["items"]


async def test_silence_pages_and_ends_where_the_subtree_does(api: Api):
    first = await ask(api, county.LEADER_A, "/silence", limit=1)
    second = await ask(api, county.LEADER_A, "/silence", limit=5, cursor=first["next_cursor"])
    names = {item["person"]["name"] for item in first["items"] + second["items"]}
    assert names == {"甲一帮扶", "甲二队员"}
    assert (first["people"], second["next_cursor"]) == (2, None)


async def test_what_waits_stands_beside_whoever_is_behind(weeks: Api):
    async with await weeks.as_(county.HELPER_B1) as phone:
        await phone.put("/v1/devices/old-phone", json={"waiting": 4})
    rule = str(county.VISIT_RULE)
    behind = (await ask(weeks, county.OFFICE, "/duties", rule=rule, period="2026-W47", status="missed"))["items"]
    assert {item["person"]["name"]: item["waiting"] and item["waiting"]["count"] for item in behind} == {
        "乙一帮扶": 4
    }
    flags = (await ask(weeks, county.OFFICE, "/flags"))["items"]
    assert {flag["waiting"]["count"] for flag in flags if flag["person"]["name"] == "乙一帮扶"} == {4}
    assert {flag["waiting"] for flag in flags if flag["person"]["name"] != "乙一帮扶"} == {None}
    for path in (f"/people/{county.HELPER_B1.id}", f"/duties/{behind[0]['id']}"):
        assert (await ask(weeks, county.OFFICE, path))["waiting"]["count"] == 4
    (contact, *_) = (await ask(weeks, county.OFFICE, f"/villages/{B1}"))["people"]
    assert contact["waiting"]["count"] == 4


async def fill(api: Api, who: county.Cast, village: str, minutes: int, **form: Any) -> None:
    at = WEDNESDAY_NIGHT + timedelta(minutes=minutes)
    api.clock.now = max(api.clock.now, at)
    await post(api, who, check_in(village, at=at, purpose="night_visit", form=night_form(**form)))


async def test_the_rates_of_night_visits_are_sums_over_sums(api: Api):
    await fill(api, county.LEADER_A, A1, 0, water="gap", recognition=(1, 1), satisfaction=(0, 0))
    await fill(api, county.LEADER_A, A1, 5, water="gap", tv="not_checked", recognition=(9, 4), satisfaction=(0, 0))
    await fill(api, county.LEADER_B, B1, 6, recognition=(0, 0), satisfaction=(4, 3))
    found = await ask(api, county.OFFICE, "/night-visits", period="2026-W47")
    assert [(item["village"]["id"], item["forms"]) for item in found["items"]] == [(A1, 2), (B1, 1)]
    ours = found["items"][0]
    assert ours["items"]["water"] == {"name": "有安全饮水", "checked": 2, "gaps": 2}
    assert ours["items"]["tv"] == {"name": "有电视看", "checked": 1, "gaps": 0}
    assert ours["recognition"] == {"asked": 10, "recognised": 5, "rate": 0.5}
    assert ours["satisfaction"] == {"asked": 0, "satisfied": 0, "rate": None}
    assert ours["consistency"] == {"checked": 2, "consistent": 2, "rate": 1.0}
    assert found["total"]["forms"] == 3
    assert found["total"]["satisfaction"]["rate"] == 0.75
    by_person = await ask(api, county.OFFICE, "/night-visits", period="2026-11", group_by="person")
    assert {item["person"]["name"]: item["forms"] for item in by_person["items"]} == {"乐里领导": 2, "利周领导": 1}
    by_unit = await ask(api, county.OFFICE, "/night-visits", period="2026-W47", group_by="unit")
    assert [(item["unit"]["name"], item["forms"]) for item in by_unit["items"]] == [
        ("乐里战区", 2),
        ("利周战区", 1),
    ]
    assert (await ask(api, county.LEADER_A, "/night-visits", period="2026-W47"))["total"]["forms"] == 2
    assert (await ask(api, county.OFFICE, "/night-visits", period="2026-W46"))["items"] == []


async def test_a_form_from_before_forms_were_checked_breaks_no_rate(api: Api):
    odd = {"kind": "night_visit", "items": 3, "recognition": {"asked": "many"}}
    await fill(api, county.LEADER_A, A1, 0)
    async with api.database.transaction() as session:
        await session.execute(text(_WITH_FORM), {"changes": json.dumps({"id": str(uuid4()), "form": odd})})
    total = (await ask(api, county.OFFICE, "/night-visits"))["total"]
    assert (total["forms"], total["recognition"]) == (2, {"asked": 3, "recognised": 3, "rate": 1.0})


async def test_a_check_in_shows_its_form_in_the_readers_language(api: Api):
    form = night_form(water="gap", recognition=(3, 2)) | {"card": {"state": "problems", "note": "旧卡"}}
    kept = await post(api, county.LEADER_A, check_in(purpose="night_visit", form=form))
    shown = (await ask(api, county.OFFICE, f"/check-ins/{kept}"))["form"]
    assert [item["name"] for item in shown["items"] if item["state"] == "gap"] == ["有安全饮水"]
    assert (shown["card"], shown["booklet"]) == (
        {"state": "problems", "note": "旧卡"},
        {"state": "ok", "note": ""},
    )
    assert (shown["recognition"], shown["consistent"]["state"]) == ({"asked": 3, "recognised": 2}, "yes")
    async with await api.as_(county.OFFICE, **{"Accept-Language": "en"}) as office:
        english = (await office.get(f"/v1/counties/{COUNTY}/check-ins/{kept}")).json()["form"]
    assert english["items"][4]["name"] == "safe drinking water"


@pytest.mark.parametrize(
    "part",
    [
        {"items": 3},
        {"items": {"water": "gap"}},
        {"card": {"state": ["ok"], "note": 1}},
        {"recognition": {"asked": "x"}},
    ],
)
async def test_a_form_from_before_forms_were_checked_is_shown_as_far_as_it_can_be(api: Api, part: dict[str, Any]):
    await post(api, county.LEADER_A, check_in())
    old = {"id": str(uuid4()), "form": night_form(tv="gap") | part}
    async with api.database.transaction() as session:
        await session.execute(text(_WITH_FORM), {"changes": json.dumps(old)})
    shown = (await ask(api, county.OFFICE, f"/check-ins/{old['id']}"))["form"]
    assert len(shown["items"]) == 9
    assert {shown["items"][4]["state"], shown["card"]["state"]} <= {"ok", "not_checked"}


async def test_a_check_in_without_a_known_form_has_none(api: Api):
    for form in (None, {"kind": "stock"}):
        kept = await post(api, county.LEADER_A, check_in(form=form))
        assert (await ask(api, county.OFFICE, f"/check-ins/{kept}"))["form"] is None
