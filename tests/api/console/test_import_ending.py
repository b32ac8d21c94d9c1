"""What a file leaves out ends only where the office asks for it, from a day on, having seen the list."""

import io
from collections.abc import AsyncIterator
from datetime import date, timedelta
from typing import Any

import pytest
import python_calamine

from app.worker.schedule import tick
from tests.api.console.test_imports import (
    BASE,
    PEOPLE,
    act,
    applied,
    ask,
    checked,
    differences,
    see,
    send,
    stand,
    workbook,
)
from tests.support.cluster import Server
from tests.support.county import (
    A1,
    A2,
    B1,
    COUNTY,
    HELPER_A1,
    HELPER_B1,
    HOUSE_A1,
    OFFICE,
    RESIDENT_A2,
    Cast,
    add_person,
    known_id,
)
from tests.support.server import WEDNESDAY_NIGHT, Api, after, check_in

FRIDAY = "2026-11-20"
SECOND = Cast("甲一二号", "13900000021", "helper", "squad_a1", "cadre", (A1,))
THIRD = Cast("甲二三号", "13900000022", "helper", "squad_a2", "cadre", (A2,))
DEPUTY = Cast("县办副手", "13900000023", "helper", "squad_a1", "office")
HERE = [HELPER_A1.name, HELPER_A1.phone, "帮扶干部", None, A1, "乐里镇", None, None, None]


async def hire(api: Api) -> None:
    async with api.database.transaction() as session:
        for cast in (SECOND, THIRD, DEPUTY):
            await add_person(session, cast)
    await tick(api.service, api.clock)


@pytest.fixture
async def staffed(server: Server, county_template: str) -> AsyncIterator[Api]:
    """With two more helpers in the township, and one who has an office account."""
    async with after(server, county_template, hire) as api:
        yield api


async def again(api: Api, found: dict[str, Any], day: str = FRIDAY, keep: tuple[Any, ...] = ()) -> dict[str, Any]:
    """Checked once more, with whom the file leaves out ending from that day on."""
    async with await api.as_(OFFICE) as console:
        body = {"ending": {"from_date": day, "keep": [str(each) for each in keep]}}
        reply = await console.post(f"{BASE}/{found['id']}/again", json=body)
        assert reply.status_code == 202, reply.text
    return await see(api, reply.json()["id"])


async def left_out(api: Api, found: dict[str, Any]) -> dict[str, tuple[bool, str | None]]:
    async with await api.as_(OFFICE) as console:
        reply = await console.get(f"{BASE}/{found['id']}/missing")
        assert reply.status_code == 200, reply.text
    return {each["name"]: (each["ends"], each["why"]) for each in reply.json()["items"]}


async def untils(api: Api, table: str) -> dict[str, str]:
    """The last days of people, or of their posts or assignments, by name."""
    of = "id" if table == "person" else "person_id"
    found = await ask(
        api,
        f"SELECT person.name, CAST(row.until_date AS text) FROM {table} AS row"
        f" JOIN person ON person.id = row.{of} WHERE row.until_date IS NOT NULL",
    )
    return dict(found)


async def notes(found: dict[str, Any]) -> list[str]:
    return [each["code"] for each in found["notes"]]


async def test_who_is_left_out_is_listed_within_what_the_file_is_about(staffed: Api):
    found = await checked(staffed, "people", PEOPLE, HERE)
    assert await left_out(staffed, found) == {
        DEPUTY.name: (False, "是办公室或管理员账号，请在花名册逐人办理"),
        SECOND.name: (False, None),
        THIRD.name: (False, None),
    }, "of the township that it names: no leader, no resident, nobody of the other township"
    assert "甲一突击班、甲二突击班（含下级）；帮扶干部" in found["changes"]["gone_among"]
    squad_only = await checked(staffed, "people", PEOPLE, [*HERE[:5], None, *HERE[6:]])
    assert set(await left_out(staffed, squad_only)) == {DEPUTY.name, SECOND.name}
    await act(staffed, found, "apply")
    assert await untils(staffed, "person") == {}, "never by default"
    async with await staffed.as_(OFFICE) as console:
        sheet = await console.get(f"{BASE}/{found['id']}/missing.xlsx")
    rows = (
        python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(sheet.content)).get_sheet_by_index(0).to_python()
    )
    assert [row[0] for row in rows] == ["名称", SECOND.name, DEPUTY.name, THIRD.name]


async def test_they_end_with_posts_and_assignments_said_before_and_taken_back(staffed: Api):
    before = await stand(staffed)
    owed = await ask(staffed, "SELECT person_id, required, status FROM duty ORDER BY 1, 2, 3")
    found = await again(staffed, await checked(staffed, "people", PEOPLE, HERE), keep=(THIRD.id,))
    assert await left_out(staffed, found) == {
        DEPUTY.name: (False, "是办公室或管理员账号，请在花名册逐人办理"),
        SECOND.name: (True, None),
        THIRD.name: (False, None),
    }
    assert found["changes"]["ending"] == {"from_date": FRIDAY, "ended": 1}
    effect = found["changes"]["effect"]
    assert {each: effect["changed"][each] for each in ("posts", "assignments")} == {"posts": 1, "assignments": 1}
    assert effect["duties_changed"] > 0
    assert await stand(staffed) == before
    assert (await act(staffed, found, "apply")).status_code == 202
    done = await see(staffed, found["id"])
    assert (done["state"], done["changes"]["effect"]) == ("applied", effect)
    for table in ("person", "post", "assignment"):
        assert await untils(staffed, table) == {SECOND.name: FRIDAY}, table
    assert await differences(staffed) == 0
    assert (await act(staffed, found, "undo")).status_code == 200
    assert await stand(staffed) == before
    assert await ask(staffed, "SELECT person_id, required, status FROM duty ORDER BY 1, 2, 3") == owed
    assert await differences(staffed) == 0


async def test_a_file_ends_people_just_as_a_hand_does(staffed: Api):
    await applied(staffed, "people", PEOPLE, HERE)
    untouched = await stand(staffed)
    found = await again(staffed, await checked(staffed, "people", PEOPLE, HERE))
    await act(staffed, found, "apply")
    by_file = await stand(staffed)
    await act(staffed, found, "undo")
    assert await stand(staffed) == untouched
    async with await staffed.as_(OFFICE) as console:
        for cast in (SECOND, THIRD):
            path = f"/v1/counties/{COUNTY}/people/{cast.id}/service"
            assert (await console.put(path, json={"until_date": FRIDAY})).status_code == 200
        by_hand = await stand(staffed)
        for cast in (SECOND, THIRD):
            await console.put(f"/v1/counties/{COUNTY}/people/{cast.id}/service", json={"until_date": None})
    assert by_hand == by_file != untouched
    assert await stand(staffed) == untouched, "taken back by hand, posts and assignments go on with them"


async def test_who_was_ended_is_signed_out_that_day_and_loses_no_visit(staffed: Api):
    before = WEDNESDAY_NIGHT - timedelta(days=1)
    async with await staffed.as_(SECOND) as phone:
        found = await checked(staffed, "people", PEOPLE, HERE)
        assert (await phone.get("/v1/me/villages")).json()["features"]
        await act(staffed, await again(staffed, found, day="2026-11-18"), "apply")
        assert (await phone.get("/v1/me/villages")).status_code == 401, "only for what was captured before"
        came = (await phone.post("/v1/check-ins", json=check_in(A1, at=before))).json()
        assert came["standing"] == "counted"
        late = (await phone.post("/v1/check-ins", json=check_in(A1))).json()
        assert [reason["code"] for reason in late["reasons"]] == ["after_service"]


async def test_the_importer_offices_and_who_comes_later_do_not_end_and_it_is_said(staffed: Api):
    moved = "UPDATE person SET from_date = '2026-11-20' WHERE id = :id RETURNING id"
    await ask(staffed, "UPDATE post SET from_date = '2026-11-20' WHERE person_id = :id RETURNING id", id=THIRD.id)
    await ask(
        staffed, "UPDATE assignment SET from_date = '2026-11-20' WHERE person_id = :id RETURNING id", id=THIRD.id
    )
    await ask(staffed, moved, id=THIRD.id)
    at_the_top = ["新办事员", "13700000031", "村两委", "田林县", None, None, None, None, None]
    found = await again(staffed, await checked(staffed, "people", PEOPLE, HERE, at_the_top))
    said = {each["code"]: each["detail"] for each in found["notes"]}
    assert set(said) == {"whole_county", "own", "office", "later"}
    assert "全县" in said["whole_county"]
    assert said["later"] == f"{THIRD.name}没有结束：2026-11-20 才开始"
    assert said["own"].startswith(OFFICE.name)
    assert said["office"].startswith(DEPUTY.name)
    await act(staffed, found, "apply")
    assert set(await untils(staffed, "person")) == {SECOND.name, HELPER_B1.name}, "of all the county by then"
    async with await staffed.as_(OFFICE) as console:
        assert (await console.get(f"/v1/counties/{COUNTY}/units")).status_code == 200


async def test_nobody_ends_whom_the_list_did_not_show(staffed: Api):
    found = await again(staffed, await checked(staffed, "people", PEOPLE, HERE))
    newcomer = ["刚来的", "13700000041", "帮扶干部", None, A1, None, None, None, None]
    await applied(staffed, "people", PEOPLE, newcomer)
    await act(staffed, found, "apply")
    assert set(await untils(staffed, "person")) == {SECOND.name, THIRD.name}


async def test_what_is_wrong_with_somebody_without_a_row_is_said_of_the_file_with_their_name(staffed: Api):
    await ask(staffed, "UPDATE person SET phone = '无' WHERE id = :id RETURNING id", id=SECOND.id)
    found = await again(staffed, await checked(staffed, "people", PEOPLE, HERE))
    assert found["state"] == "failed"
    assert [(each["row"], each["code"], each["detail"]) for each in found["problems"]] == [
        (None, "no_phone", f"不在文件里的{SECOND.name}：不是手机号")
    ]
    assert await untils(staffed, "person") == {}


async def test_households_end_unless_somebody_answers_for_them(staffed: Api):
    await applied(
        staffed, "households", ["户编号", "户主", "村"], ["1", "甲", A1], ["2", "乙", A1], ["3", "丙", B1]
    )
    found = await again(staffed, await checked(staffed, "households", ["户编号", "户主", "村"], ["1", "甲", A1]))
    shown = await left_out(staffed, found)
    assert shown["乙"] == (True, None)
    assert [each for each, (ends, why) in shown.items() if not ends and why] == [
        name for (name,) in await ask(staffed, "SELECT head_name FROM household WHERE id = :id", id=HOUSE_A1)
    ]
    assert "丙" not in shown
    before = await stand(staffed)
    await act(staffed, found, "apply")
    ended = "SELECT number FROM household WHERE until_date = :day"
    assert await ask(staffed, ended, day=date.fromisoformat(FRIDAY)) == [("2",)]
    assert (await act(staffed, found, "undo")).status_code == 200
    assert await stand(staffed) == before


async def test_assignments_end_in_the_villages_that_the_file_names(staffed: Api):
    heads = ["手机号", "村", "乡镇"]
    found = await again(staffed, await checked(staffed, "assignments", heads, [RESIDENT_A2.phone, A2, None]))
    assert await left_out(staffed, found) == {THIRD.name: (True, None)}, "whole villages, as the file has them"
    wider = await again(staffed, await checked(staffed, "assignments", heads, [RESIDENT_A2.phone, A2, "乐里镇"]))
    assert set(await left_out(staffed, wider)) == {"乐里领导", SECOND.name, THIRD.name}
    before = await stand(staffed)
    await act(staffed, found, "apply")
    assert await untils(staffed, "assignment") == {THIRD.name: FRIDAY}
    assert await untils(staffed, "person") == {}
    assert await differences(staffed) == 0
    assert (await act(staffed, found, "undo")).status_code == 200
    assert await stand(staffed) == before


async def test_it_is_asked_for_after_the_list_was_seen_and_only_of_what_can_end(staffed: Api):
    early = await send(staffed, "people", workbook(PEOPLE, HERE), ending={"from_date": FRIDAY})
    assert early.json()["errors"][0]["pointer"] == "/options/ending"
    days = await checked(staffed, "calendar", ["日期", "上班或休息", "名称", "依据"], [FRIDAY, "休", "x", "y"])
    async with await staffed.as_(OFFICE) as console:
        body = {"ending": {"from_date": FRIDAY, "keep": []}}
        reply = await console.post(f"{BASE}/{days['id']}/again", json=body)
    assert reply.json()["errors"][0]["pointer"] == "/ending"


async def test_leaving_by_hand_takes_posts_and_assignments_along_and_brings_them_back(staffed: Api):
    """What had ended before stays ended; what was begun anew meanwhile is not overlapped."""
    await ask(
        staffed,
        "INSERT INTO assignment (county_id, id, person_id, village_id, from_date, until_date)"
        " VALUES (:county, :id, :person, :village, '2026-02-01', '2026-03-01') RETURNING id",
        county=COUNTY,
        id=known_id("of old"),
        person=SECOND.id,
        village=B1,
    )
    path = f"/v1/counties/{COUNTY}/people/{SECOND.id}/service"
    lasts = "SELECT village_id, CAST(until_date AS text) FROM assignment WHERE person_id = :id ORDER BY 1"
    async with await staffed.as_(OFFICE) as console:
        for day in (FRIDAY, "2026-11-25", "2026-11-19", None):
            reply = await console.put(path, json={"until_date": day})
            assert (reply.status_code, reply.json()["until"]) == (200, day), reply.text
            assert await ask(staffed, lasts, id=SECOND.id) == [(A1, day), (B1, "2026-03-01")]
            posts = "SELECT CAST(until_date AS text) FROM post WHERE person_id = :id"
            assert await ask(staffed, posts, id=SECOND.id) == [(day,)]
            assert await differences(staffed) == 0
        await console.put(path, json={"until_date": FRIDAY})
        begun = {"person_id": str(SECOND.id), "village_id": A1, "from_date": "2026-12-01"}
        assert (await console.post(f"/v1/counties/{COUNTY}/assignments", json=begun)).status_code == 201
        assert (await console.put(path, json={"until_date": None})).status_code == 200
    assert await ask(staffed, lasts, id=SECOND.id) == [
        (A1, "2026-12-01"),
        (A1, None),
        (B1, "2026-03-01"),
    ]


async def test_villages_end_when_nobody_is_left_in_them(staffed: Api):
    """Two of three villages of the township were merged; in one of them somebody still answers for it."""
    gone, heads = "451029100209", ["村代码", "村名"]
    await applied(staffed, "villages", heads, [gone, "甲九村"])
    before = await stand(staffed)
    found = await again(staffed, await checked(staffed, "villages", heads, [A1, "甲一村"]))
    shown = await left_out(staffed, found)
    assert shown["甲九村"] == (True, None)
    assert shown["甲二村"] == (False, "还有 2 人联系此村、0 户在此村；请先结束")
    await act(staffed, found, "apply")
    assert await ask(
        staffed, "SELECT id FROM village WHERE until_date = :day", day=date.fromisoformat(FRIDAY)
    ) == [(gone,)]
    async with await staffed.as_(OFFICE) as console:
        for day, there in (("2026-11-19", True), (FRIDAY, False)):
            path = f"/v1/counties/{COUNTY}/structure?day={day}"
            nobody = [each["id"] for each in (await console.get(path)).json()["items"]]
            assert (gone in nobody) == there, "it has nobody, and from the day on need have nobody"
    assert (await act(staffed, found, "undo")).status_code == 200
    after = await stand(staffed)
    assert {**after, "township": None} == {**before, "township": None}  # whose outline nobody had drawn before
