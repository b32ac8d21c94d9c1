"""个人履职情况表: a person's sheet says what board, lists and the person's page say, and reaches no further."""

from collections import Counter
from collections.abc import AsyncIterator, Iterable
from datetime import date, datetime, timedelta
from io import BytesIO
from itertools import product
from typing import Any
from uuid import UUID

import pytest
from docx import Document
from sqlalchemy import text

from app.reads import person_sheet
from tests.api.console.conftest import post
from tests.api.console.test_exports import EVIL, two_weeks
from tests.api.console.test_people import counted as statements
from tests.support.cluster import Server
from tests.support.county import (
    A1,
    COUNTY,
    HELPER_A1,
    HELPER_B1,
    LEADER_A,
    NIGHT_RULE,
    OFFICE,
    PEOPLE,
    RESIDENT_A2,
    STRANGER,
    VISIT_RULE,
    Cast,
    unit_id,
)
from tests.support.server import SHANGHAI, Api, check_in, running

BASE = f"/v1/counties/{COUNTY}"
WEEKS = ("2026-W46", "2026-W47")
DAYS = "from=2026-11-09&to=2026-11-22"  # these weeks
DUTY = ("id", "required", "done", "pending_review", "status", "explanation", "review_due_at", "appeal")


@pytest.fixture(scope="module")
async def lived_in(server: Server, county_template: str) -> AsyncIterator[Api]:
    """One for all: they only look."""
    async with server.database(county_template) as url, running(url) as api:
        yield await two_weeks(api)


async def get(api: Api, path: str, who: Cast = OFFICE, **headers: str) -> Any:
    async with await api.as_(who, **headers) as console:
        reply = await console.get(BASE + path)
    assert reply.status_code == 200, reply.text
    return reply.json()


async def sheet(api: Api, whose: Cast, query: str = DAYS, who: Cast = OFFICE, **headers: str) -> Any:
    return await get(api, f"/people/{whose.id}/sheet?{query}", who, **headers)


async def on_board(api: Api, of: Iterable[tuple[UUID | str, str]]) -> list[Any]:
    """What the board lists of these rules and periods."""
    return [
        each
        for rule, period in of
        for each in (await get(api, f"/duties?rule={rule}&period={period}&limit=200"))["items"]
    ]


def same_as_the_board(said: Any, duties: list[Any]) -> None:
    """Each duty is what the board says of it, with what is the sheet's own beside; and so are the sums."""
    duties = [each for each in duties if each["person"]["id"] == said["person"]["id"]]
    listed = {each["id"]: each for each in said["duties"]}
    assert listed == {each["id"]: {**listed[each["id"]], **each} for each in duties}
    summed: Counter[str] = Counter()
    for each in duties:
        waits = each["status"] == "open" and each["review_due_at"] is not None
        summed.update({"duties": 1, each["status"]: 1, "awaiting_review": waits})
        summed.update({"required": each["required"], "done": each["done"]})
    figures = {name: summed[name] for name in said["total"] if name != "rate"}
    assert {name: said["total"][name] for name in figures} == figures
    for name in figures:
        assert said["total"][name] == sum(each[name] for each in said["by_rule"])


async def same_as_the_evidence(api: Api, said: Any) -> int:
    """For each duty its check-ins and stays have the outcomes of its own page; so many of the check-ins.

    A check-in may also say what it is to a duty of other days, or of a period that nobody has opened yet.
    """
    owed = {(duty["rule"]["id"], duty["period"]["id"]) for duty in said["duties"]}
    outcomes = {
        (each["id"], count["rule"]["id"], count["period"]["id"]): (
            count["counted"],
            count["in_time"],
            count["reason"] and count["reason"]["code"],
        )
        for each in said["check_ins"]
        for count in each["counts"]
        if (count["rule"]["id"], count["period"]["id"]) in owed
    }
    evidence: dict[Any, Any] = {}
    for duty in said["duties"]:
        found = (await get(api, f"/duties/{duty['id']}"))["evidence"]
        assert found["stays"] == duty["stays"]
        evidence |= {
            (each["check_in"]["id"], duty["rule"]["id"], duty["period"]["id"]): (
                each["counted"],
                each["in_time"],
                None if each["counted"] else each["reason"]["code"],
            )
            for each in found["check_ins"]
        }
        why = Counter(each["reason"]["code"] for each in found["check_ins"] if not each["counted"])
        assert {each["code"]: each["check_ins"] for each in duty["not_counted"]} == why
    assert outcomes == evidence
    return len(evidence)


@pytest.mark.parametrize("whose", PEOPLE, ids=lambda cast: cast.phone)
async def test_it_says_what_the_other_screens_say(lived_in: Api, whose: Cast):
    of = f"person={whose.id}"
    said = await sheet(lived_in, whose)
    same_as_the_board(said, await on_board(lived_in, product((NIGHT_RULE, VISIT_RULE), WEEKS)))
    assert await same_as_the_evidence(lived_in, said) == (6 if whose in (HELPER_A1, HELPER_B1) else 0)
    visits = (await get(lived_in, f"/check-ins?{of}&order=oldest"))["items"]
    assert [{name: each[name] for name in each if name != "counts"} for each in said["check_ins"]] == visits
    flags = (await get(lived_in, f"/flags?{of}&limit=200"))["items"]
    assert {each["id"]: each for each in said["flags"]} == {
        each["id"]: each for each in flags if each["duty"]["period"]["id"] in WEEKS
    }
    assert said["appeals"] == (await get(lived_in, f"/appeals?{of}"))["items"]
    assert said["leave"] == (await get(lived_in, f"/leave?{of}&{DAYS}"))["items"]
    person = await get(lived_in, f"/people/{whose.id}")
    for name in ("id", "name", "category", "number", "unit", "from", "until", "last_contact_at", "waiting"):
        assert said["person"][name] == person[name]
    held = [{name: post[name] for name in ("role", "title", "unit")} for post in said["posts"]]
    assert held == [{name: post[name] for name in ("role", "title", "unit")} for post in person["posts"]]
    assert said["assignments"] == person["assignments"]


@pytest.mark.parametrize("whose", [HELPER_A1, HELPER_B1], ids=lambda cast: cast.phone)
async def test_the_board_of_whoever_sees_only_themselves_has_the_same_figures(lived_in: Api, whose: Cast):
    said = await sheet(lived_in, whose, who=whose)
    summed: Counter[str] = Counter()
    for rule in (NIGHT_RULE, VISIT_RULE):
        for week in WEEKS:
            summed.update(
                (await get(lived_in, f"/compliance?rule={rule}&period={week}", whose))["total"] | {"rate": 0}
            )
    assert said["total"]["duties"] == summed["people"] == len(WEEKS)
    for name in ("met", "met_late", "open", "missed", "excused", "awaiting_review"):
        assert said["total"][name] == summed[name]


async def test_they_see_their_own_and_who_leads_sees_theirs(lived_in: Api):
    own, seen = await sheet(lived_in, HELPER_A1, who=HELPER_A1), await sheet(lived_in, HELPER_A1, who=LEADER_A)
    for each in (*own["leave"], *seen["leave"]):
        each.pop("may_decide"), each.pop("may_revoke")
    assert own == seen
    for who, whose in ((HELPER_A1, HELPER_B1), (LEADER_A, HELPER_B1), (STRANGER, HELPER_A1)):
        async with await lived_in.as_(who) as console:
            for file in ("sheet", "sheet.docx"):
                assert (await console.get(f"{BASE}/people/{whose.id}/{file}")).status_code == 404


async def test_every_look_and_every_paper_is_on_record(lived_in: Api):
    record = "SELECT action, actor_id, subject, detail FROM audit_entry ORDER BY id DESC LIMIT 2"

    async def last(whose: Cast, who: Cast, file: str) -> list[Any]:
        async with await lived_in.as_(who) as console:
            assert (await console.get(f"{BASE}/people/{whose.id}/{file}?{DAYS}")).status_code == 200
        async with lived_in.database.transaction() as session:
            return list((await session.execute(text(record))).all())

    asked = {"sheet": "2026-11-09/2026-11-22"}
    seen, _ = await last(HELPER_A1, LEADER_A, "sheet")
    assert tuple(seen) == ("location.seen", LEADER_A.id, f"person:{HELPER_A1.id}", asked)
    kept, seen = await last(HELPER_A1, LEADER_A, "sheet.docx")
    assert (kept.action, kept.subject, seen.action) == ("list.exported", "export:person-sheet", "location.seen")
    assert kept.detail == {
        "filter": {"person": str(HELPER_A1.id), "from": "2026-11-09", "to": "2026-11-22"},
        "rows": 6,
        "format": "docx",
    }
    assert await last(HELPER_A1, HELPER_A1, "sheet") == [kept, seen], "one's own is no look at another's"
    own, _ = await last(HELPER_A1, HELPER_A1, "sheet.docx")
    assert (own.action, own.actor_id) == ("list.exported", HELPER_A1.id)


async def test_days(lived_in: Api):
    usual = await sheet(lived_in, HELPER_A1, "")
    assert (usual["from"], usual["to"]) == ("2026-08-24", "2026-11-22")  # on a Wednesday, 18 November
    assert len(usual["check_ins"]) == 6
    week = await sheet(lived_in, HELPER_A1, "from=2026-11-16&to=2026-11-22")
    assert ({duty["period"]["id"] for duty in week["duties"]}, week["check_ins"]) == ({"2026-W47"}, [])
    cut = await sheet(lived_in, HELPER_A1, "from=2026-11-12&to=2026-11-17")
    assert {(duty["period"]["id"], duty["whole"]) for duty in cut["duties"]} == {(week, False) for week in WEEKS}
    async with await lived_in.as_(OFFICE) as console:
        for query, at, code in (
            ("from=2026-11-12&to=2026-11-11", "/to", "before_from"),
            ("from=2025-11-11&to=2026-11-12", "/from", "too_many_days"),
            ("from=11-12", "/from", "bad_date"),
        ):
            for file in ("sheet", "sheet.docx"):
                reply = await console.get(f"{BASE}/people/{HELPER_A1.id}/{file}?{query}")
                (error,) = reply.json()["errors"]
                assert (reply.status_code, error["pointer"], error["code"]) == (422, at, code)
        assert (await sheet(lived_in, HELPER_A1, "from=2025-11-12&to=2026-11-12"))["duties"]


async def test_it_takes_as_many_statements_however_much_it_says(lived_in: Api):
    async with await lived_in.as_(OFFICE) as office:
        taken = []
        for whose in (HELPER_A1, RESIDENT_A2, LEADER_A):
            with statements(lived_in) as sent:
                assert (await office.get(f"{BASE}/people/{whose.id}/sheet")).status_code == 200
            taken.append(len(sent))
    assert max(taken) - min(taken) <= 1, taken  # names of villages where there are stays


async def paper(api: Api, whose: Cast, query: str = DAYS, **headers: str) -> Any:
    async with await api.as_(OFFICE, **headers) as console:
        reply = await console.get(f"{BASE}/people/{whose.id}/sheet.docx?{query}")
    assert reply.status_code == 200, reply.text
    return Document(BytesIO(reply.content))


def cells(table: Any) -> list[list[str]]:
    return [[cell.text for cell in row.cells] for row in table.rows]


async def test_the_paper_says_what_the_sheet_says(lived_in: Api):
    since = "from=2026-10-26&to=2026-11-29"  # with weeks that nobody did anything in
    said, made = await sheet(lived_in, HELPER_A1, since), await paper(lived_in, HELPER_A1, since)
    facts, by_rule, owed, visits, leave, raised = (cells(table) for table in made.tables)
    assert dict(facts)["姓名"] == HELPER_A1.name
    assert dict(facts)["结对联系"] == "甲一村 户主（2026-01-01起）"
    assert [row[:2] for row in by_rule[1:]] == [
        [each["rule"]["name"], str(each["duties"])] for each in said["by_rule"]
    ]
    assert len(owed) - 1 == len(said["duties"]) > 0
    for row, duty in zip(owed[1:], said["duties"], strict=True):
        assert row[:3] == [duty["rule"]["name"], duty["period"]["id"], f"{duty['done']}/{duty['required']}"]
        assert row[4].startswith(duty["explanation"])
        assert all(f"{each['detail']} {each['check_ins']} 次" in row[4] for each in duty["not_counted"])
    assert [row[0] for row in visits[1:]] == [f"2026-11-11 21:0{minute}" for minute in range(1, 7)]
    assert visits[-1][3] == "待核实"
    assert "手机报告使用了模拟位置" in visits[-1][5]
    assert visits[-1][4] == "帮扶走访 2026-W46：不计，当日同一处已计一次，不重复计"
    assert leave[1][2] == "待审批"
    assert [row[1] for row in raised[1:]] == [each["duty"]["period"]["id"] for each in said["flags"]] != []
    whole = "\n".join(paragraph.text for paragraph in made.paragraphs)
    assert "（2026年10月26日至11月29日）" in whole
    assert "六、申诉\n无。" in whole
    assert "数据截至2026-11-18" in whole
    assert "{" not in whole + str([facts, by_rule, owed, visits, leave, raised])


async def test_what_was_typed_stays_text_and_the_paper_is_in_the_reader_s_language(lived_in: Api):
    made = await paper(lived_in, LEADER_A, **{"Accept-Language": "en"})
    whole = "\n".join(paragraph.text for paragraph in made.paragraphs)
    assert "Sheet of duties" in whole
    assert "2. Duties by period" in whole
    (appealed,) = [row for table in made.tables for row in cells(table) if "@另有任务" in row]
    assert appealed[3] == "open"
    assert EVIL not in whole


async def test_who_supervises_is_told_of_a_silent_phone(lived_in: Api):
    facts = dict(cells((await paper(lived_in, RESIDENT_A2)).tables[0]))
    assert facts["手机联系"] == "从未联系上"
    assert (await sheet(lived_in, RESIDENT_A2))["person"]["last_contact_at"] is None


async def test_what_is_past_midnight_belongs_to_the_last_evening(weeks: Api):
    at = datetime(2026, 11, 23, 0, 20, tzinfo=SHANGHAI)  # on Monday: Sunday's night, and for visits the new week
    weeks.clock.now = at + timedelta(days=2)
    sent = await post(weeks, LEADER_A, check_in(A1, at=at))
    for monday in (date(2026, 11, 16), date(2026, 11, 23)):
        said = await sheet(weeks, LEADER_A, f"from={monday}&to={monday + timedelta(days=6)}")
        (listed,) = [each for each in said["check_ins"] if each["id"] == sent]
        (night,) = [count for count in listed["counts"] if count["rule"]["id"] == str(NIGHT_RULE)]
        assert (night["period"]["id"], listed["night_of"]) == ("2026-W47", "2026-11-22")


async def test_posts_and_assignments_are_those_of_the_days(api: Api):
    async with api.database.transaction() as session:
        for statement in (
            "UPDATE post SET until_date = '2026-11-12' WHERE person_id = :id",
            "UPDATE assignment SET until_date = '2026-11-16' WHERE person_id = :id",
            (
                "INSERT INTO post (county_id, id, person_id, unit_id, role, title, from_date)"
                " VALUES (:county_id, gen_random_uuid(), :id, :unit_id, 'leader', '班长', '2026-11-12')"
            ),
            "UPDATE person SET department_id = :unit_id WHERE id = :id",
        ):
            given = {"county_id": COUNTY, "id": HELPER_A1.id, "unit_id": unit_id("squad_a2")}
            await session.execute(text(statement), given)
    both = await sheet(api, HELPER_A1, "from=2026-11-09&to=2026-11-15")
    assert [(post["role"], post["title"], post["from"], post["until"]) for post in both["posts"]] == [
        ("cadre", "", "2026-01-01", "2026-11-12"),
        ("leader", "班长", "2026-11-12", None),
    ]
    assert [each["until"] for each in both["assignments"]] == ["2026-11-16"]
    assert both["person"]["department"]["name"] == "甲二突击班"
    after = await sheet(api, HELPER_A1, "from=2026-11-16&to=2026-11-22")
    assert ([post["role"] for post in after["posts"]], after["assignments"]) == (["leader"], [])


async def test_more_check_ins_than_a_sheet_holds_are_said_and_not_left_out(
    lived_in: Api, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(person_sheet, "MOST_CHECK_INS", 6)
    assert len((await sheet(lived_in, HELPER_A1))["check_ins"]) == 6
    monkeypatch.setattr(person_sheet, "MOST_CHECK_INS", 5)
    async with await lived_in.as_(OFFICE) as office:
        reply = await office.get(f"{BASE}/people/{HELPER_A1.id}/sheet?{DAYS}")
    (error,) = reply.json()["errors"]
    assert (reply.status_code, error["code"]) == (422, "too_many_check_ins")
    assert error["detail"] == "这段时间的签到超过 5 次，请选短一些的日期"
