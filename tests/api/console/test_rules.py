"""The office changes rules: in words, in versions, tried before they are made, and never for what has begun."""

from datetime import datetime
from typing import Any

import pytest

from tests.support import county
from tests.support.county import COUNTY, HELPER_B1, VISIT_RULE, Cast, unit_id
from tests.support.server import SHANGHAI, Api, check_in

URL = f"/v1/counties/{COUNTY}/rules"
TWICE = {
    "name": "每周两访",
    "name_en": "Two visits a week",
    "source": "县办〔2026〕9号",
    "categories": ["helper"],
    "measure": "visits",
    "period": "week",
    "required": 2,
    "counts_in": "assigned",
}
NEXT_MONDAY = "2026-11-30"  # `weeks` stands on Wednesday, 25 November


async def send(api: Api, method: str, path: str, body: dict[str, Any] | None = None, who: Cast = county.OFFICE):
    async with await api.as_(who, **{"Accept-Language": "en"}) as console:
        return await console.request(method, URL + path, json=body)


async def test_a_preview_says_whom_the_change_would_have_flagged_and_changes_nothing(weeks: Api):
    tried = await send(weeks, "POST", "/preview", TWICE | {"rule_id": str(VISIT_RULE), "tried_on": "2026-W47"})
    assert tried.status_code == 200, tried.text
    body = tried.json()
    assert (body["period"]["id"], body["before"]["missed"], body["after"]["missed"]) == ("2026-W47", 1, 2)
    flagged = {item["person"]["name"]: (item["before"], item["after"], item["done"]) for item in body["items"]}
    assert flagged == {"甲一帮扶": ("met", "missed", 1), "乙一帮扶": ("missed", "missed", 0)}
    versions = (await send(weeks, "GET", f"/{VISIT_RULE}")).json()["items"]
    assert [each["version"] for each in versions] == [1]
    async with await weeks.as_(county.OFFICE) as office:
        assert len((await office.get(URL)).json()["items"]) == 2


async def test_a_new_rule_is_tried_on_the_last_period(weeks: Api):
    body = (await send(weeks, "POST", "/preview", TWICE)).json()
    assert (body["period"]["id"], body["before"], body["missed"]) == ("2026-W47", None, 2)


async def test_a_change_governs_from_its_date_on_and_leaves_a_trace(weeks: Api):
    changed = await send(weeks, "PUT", f"/{VISIT_RULE}", TWICE | {"effective_from": NEXT_MONDAY})
    assert changed.status_code == 200, changed.text
    assert (changed.json()["version"], changed.json()["effective_from"]) == (2, NEXT_MONDAY)
    newest, first = (await send(weeks, "GET", f"/{VISIT_RULE}")).json()["items"]
    assert (newest["required"], newest["effective_until"], first["effective_until"]) == (2, None, NEXT_MONDAY)
    assert "Visits, at least 2 a week" in newest["text"]
    assert await owed_by_helper(weeks) == 1
    weeks.clock.turn(days=7)
    assert await owed_by_helper(weeks) == 2


async def owed_by_helper(api: Api) -> int:
    async with await api.as_(county.HELPER_A1) as phone:
        duties = (await phone.get("/v1/me/duties")).json()["items"]
    (visits,) = [duty for duty in duties if duty["rule"]["id"] == str(VISIT_RULE)]
    return visits["required"]


async def test_an_ended_rule_asks_for_nothing_any_more(weeks: Api):
    ended = await send(weeks, "POST", f"/{VISIT_RULE}/end", {"effective_until": NEXT_MONDAY})
    assert ended.json()["items"][0]["effective_until"] == NEXT_MONDAY
    weeks.clock.turn(days=7)
    async with await weeks.as_(county.HELPER_A1) as phone:
        assert (await phone.get("/v1/me/duties")).json()["items"] == []
    again = await send(weeks, "POST", f"/{VISIT_RULE}/end", {"effective_until": "2027-01-01"})
    assert again.json()["errors"][0]["code"] == "ended"


async def test_a_rule_may_be_for_some_units_and_not_for_everybody(weeks: Api):
    some = TWICE | {"unit_ids": [str(unit_id("theatre_b"))], "required": 1}
    assert (await send(weeks, "POST", "/preview", some)).json()["after"]["people"] == 1
    nobody = some | {"except_ids": [str(HELPER_B1.id)]}
    assert (await send(weeks, "POST", "/preview", nobody)).json()["after"]["people"] == 0


async def test_a_new_rule_may_govern_the_running_week(weeks: Api):
    begun = await send(weeks, "POST", "", TWICE | {"effective_from": "2026-11-23", "required": 3})
    assert begun.status_code == 201, begun.text
    async with await weeks.as_(county.HELPER_A1) as phone:
        duties = (await phone.get("/v1/me/duties")).json()["items"]
    assert sorted(duty["required"] for duty in duties) == [1, 3]


async def test_every_preset_can_be_put_in_force_as_it_is_offered(weeks: Api):
    offered = (await send(weeks, "GET", "/presets")).json()["items"]
    assert len(offered) >= 10
    for preset in offered:
        begun = await send(weeks, "POST", "", preset | {"effective_from": "2027-01-01"})
        assert begun.status_code == 201, begun.text
        assert begun.json()["text"] == preset["text"]


@pytest.mark.parametrize(
    ("measure", "start", "until", "shown", "missed"),
    [
        ("nights", "23:59", "05:00", "23:59-05:00", 0),
        ("nights", "24:00", "05:00", "24:00-05:00", 0),
        ("nights", "00:00", "05:00", "24:00-05:00", 0),
        ("nights_in_village", "00:30", "02:00", "00:30-02:00", 0),
        ("visits", "24:00", "05:00", "24:00-05:00", 0),
        ("visits", "00:00", "24:00", "00:00-24:00", 1),  # the hours of a day are its own
        ("nights", "18:30", "24:00", "18:30-24:00", 1),
        ("nights", "18:30", "00:00", "18:30-24:00", 1),
    ],
)
async def test_a_night_past_midnight_is_of_the_evening_before(
    weeks: Api, measure: str, start: str, until: str, shown: str, missed: int
):
    """A visit on Monday at 01:00 is last week's where only the small hours, or what follows an evening, count."""
    monday = datetime(2026, 11, 23, 1, tzinfo=SHANGHAI)
    async with await weeks.as_(county.HELPER_B1) as phone:
        await phone.post("/v1/check-ins", json=check_in(county.B1, at=monday))
    hours = {"start": start, "until": until}
    only = {"unit_ids": [str(unit_id("theatre_b"))], "required": 1, "measure": measure, "night": hours}
    tried = await send(weeks, "POST", "/preview", TWICE | only | {"tried_on": "2026-W47"})
    assert tried.status_code == 200, tried.text
    assert tried.json()["missed"] == missed
    begun = (await send(weeks, "POST", "", TWICE | only | {"effective_from": NEXT_MONDAY})).json()
    assert "-".join(begun["night"].values()) == shown


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"measure": "nights"}, "/night"),
        ({"required": 0}, "/required"),
        ({"categories": []}, "/categories"),
        ({"name": "\u0000"}, "/name"),
        ({"night": {"start": "25:00", "until": "05:00"}}, "/night/start"),
        ({"night": {"start": "24:01", "until": "05:00"}}, "/night/start"),
        ({"night": {"start": "24:00", "until": "13:00"}}, "/night/until"),
        ({"night": {"start": "24:00", "until": "24:00"}}, "/night/until"),
        ({"unit_ids": [str(county.known_id("nowhere"))]}, "/unit_ids"),
        ({"except_ids": [str(county.STRANGER.id)]}, "/except_ids"),
        ({"effective_from": "2026-11-22"}, "/effective_from"),
        ({"period": "fortnight"}, "/period"),
        ({"min_dwell_min": 10**9}, "/min_dwell_min"),
    ],
)
async def test_a_bad_rule_is_refused_at_its_field(untouched_weeks: Api, change: dict[str, Any], pointer: str):
    reply = await send(untouched_weeks, "POST", "", TWICE | {"effective_from": NEXT_MONDAY} | change)
    assert reply.status_code == 422, reply.text
    assert [error["pointer"] for error in reply.json()["errors"]] == [pointer]


async def test_what_has_begun_does_not_change_and_another_period_is_another_rule(weeks: Api):
    today = await send(weeks, "PUT", f"/{VISIT_RULE}", TWICE | {"effective_from": "2026-11-25"})
    assert today.json()["errors"][0]["pointer"] == "/effective_from"
    monthly = TWICE | {"effective_from": NEXT_MONDAY, "period": "month"}
    assert (await send(weeks, "PUT", f"/{VISIT_RULE}", monthly)).json()["errors"][0]["pointer"] == "/period"
    trial = TWICE | {"rule_id": str(VISIT_RULE), "tried_on": "2026-11"}
    assert (await send(weeks, "POST", "/preview", trial)).json()["errors"][0]["pointer"] == "/tried_on"
    unknown = await send(weeks, "PUT", f"/{county.known_id('no rule')}", TWICE | {"effective_from": NEXT_MONDAY})
    assert unknown.status_code == 404


async def test_only_the_office_changes_rules(weeks: Api):
    for method, path, body in (
        ("POST", "", TWICE | {"effective_from": NEXT_MONDAY}),
        ("PUT", f"/{VISIT_RULE}", TWICE | {"effective_from": NEXT_MONDAY}),
        ("POST", f"/{VISIT_RULE}/end", {"effective_until": NEXT_MONDAY}),
        ("POST", "/preview", TWICE),
    ):
        assert (await send(weeks, method, path, body, county.LEADER_A)).status_code == 403
        assert (await send(weeks, method, path, body, county.STRANGER)).status_code == 404
