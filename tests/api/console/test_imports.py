"""Files of the office: checked to the cell, applied whole or not at all, taken back, and known again."""

import asyncio
import io
import json
import zipfile
from datetime import date
from typing import Any

import pytest
import python_calamine
import xlsxwriter
from sqlalchemy import text

from app.directory.merging import Merge
from app.duties.service import DutyCounty
from app.exchange import service as jobs
from app.exchange.tables import tables
from app.exchange.workbooks import read
from app.flows import merge_people
from app.flows.importing import jobs as importing
from app.flows.importing.columns import COLUMNS, ImportKind
from app.flows.recount import recount_all
from app.worker.schedule import tick
from tests.support.county import (
    A1,
    A2,
    COUNTY,
    HELPER_A1,
    HELPER_B1,
    LEADER_A,
    OFFICE,
    OTHER_COUNTY,
    RESIDENT_A2,
    STRANGER,
    Cast,
    centre,
)
from tests.support.server import Api, check_in

BASE = f"/v1/counties/{COUNTY}/imports"
PEOPLE = ["姓名", "手机号", "人员类别", "责任单位", "联系村", "乡镇", "职务", "工号", "开始日期"]
NEW = ["韦秀兰", "13700000001", "帮扶干部", None, A1, None, "组员", "G001", "2026-11-02"]


def workbook(*rows: list[Any]) -> bytes:
    made = io.BytesIO()
    book = xlsxwriter.Workbook(made, {"in_memory": True})
    sheet = book.add_worksheet("名单")
    for number, row in enumerate(rows):
        sheet.write_row(number, 0, ["" if value is None else value for value in row])
    book.close()
    return made.getvalue()


async def send(
    api: Api, kind: str, data: bytes, *, name: str = "名单.xlsx", who: Cast = OFFICE, **options: Any
) -> Any:
    async with await api.as_(who) as console:
        return await console.post(
            f"{BASE}/{kind}", files={"file": (name, data)}, data={"options": json.dumps(options)}
        )


async def see(api: Api, import_id: str, who: Cast = OFFICE, **headers: str) -> dict[str, Any]:
    async with await api.as_(who, **headers) as console:
        reply = await console.get(f"{BASE}/{import_id}")
        assert reply.status_code == 200, reply.text
        found: dict[str, Any] = reply.json()
        return found


async def checked(api: Api, kind: str, *rows: list[Any], **options: Any) -> dict[str, Any]:
    reply = await send(api, kind, workbook(*rows), **options)
    assert reply.status_code == 202, reply.text
    assert reply.json()["state"] == "checking"
    return await see(api, reply.json()["id"])


async def act(api: Api, found: dict[str, Any], what: str) -> Any:
    async with await api.as_(OFFICE) as console:
        return await console.post(f"{BASE}/{found['id']}/{what}")


async def applied(api: Api, kind: str, *rows: list[Any], **options: Any) -> dict[str, Any]:
    found = await checked(api, kind, *rows, **options)
    assert found["state"] == "ready", found["problems"]
    reply = await act(api, found, "apply")
    assert reply.status_code == 202, reply.text
    done = await see(api, found["id"])
    assert done["state"] == "applied", done["problems"]
    assert done["changes"]["effect"] == found["changes"]["effect"]
    return done


async def ask(api: Api, statement: str, **values: Any) -> list[Any]:
    async with api.database.transaction() as session:
        return [tuple(row) for row in await session.execute(text(statement), values)]


async def stand(api: Api) -> dict[str, list[Any]]:
    names = ("unit", "township", "village", "household", "person", "post", "assignment")
    return {
        table: sorted(await ask(api, f"SELECT CAST(to_jsonb(t) - 'last_contact_at' AS text) FROM {table} AS t"))
        for table in names
    }


def problems(found: dict[str, Any]) -> list[tuple[Any, ...]]:
    return [(each["row"], each["column"], each["code"]) for each in found["problems"]]


async def differences(api: Api) -> int:
    return (await recount_all(api.service, now=api.clock(), apply=False)).differences


async def test_a_countys_files_one_after_another(api: Api):
    """Units, villages, people with posts and villages, households, and who answers for them."""
    await tick(api.service, api.clock)
    await applied(
        api,
        "units",
        ["田林县责任体系"],
        ["单位名称", "层级", "上级单位"],
        ["浪平一片区", "片区", "浪平战区"],  # before the unit above it
        ["浪平战区", "战区", None],
        ["县教育局", "县直单位", None],
    )
    done = await applied(
        api,
        "villages",
        ["村代码", "村名", "乡镇"],
        ["451029104201", "浪平村", "浪平镇"],
        [451029104202.0, "弄瓦村", "浪平镇"],
    )
    assert done["changes"]["effect"]["new"] == {"townships": 1, "units": 3, "villages": 2}
    await applied(
        api,
        "people",
        PEOPLE,
        NEW,
        ["黄小燕", 13700000002, "驻村队员", None, "浪平村", "浪平乡", "队长", "G002", "2026年11月2日"],
        ["农大山", "+86 137-0000-0003", "领导", "浪平战区", None, None, "指挥长", None, None],
    )
    await applied(
        api,
        "households",
        ["户编号", "户主", "村", "乡镇", "自然屯", "经度", "纬度"],
        ["0001", "罗老大", "甲一村", "乐里镇", "上屯", centre(A1)[0], centre(A1)[1]],
        ["0002", "罗老二", "浪平村", None, "下屯", None, None],
    )
    await applied(
        api,
        "assignments",
        ["手机号", "姓名", "村", "户编号", "开始日期"],
        ["13700000001", "韦秀兰", A1, "0001", 46328],
        ["G002", None, "弄瓦村", None, None],
    )
    assert await ask(
        api,
        "SELECT p.name, p.phone, p.category, u.name, r.role, r.title FROM person AS p"
        " JOIN unit AS u ON u.county_id = p.county_id AND u.id = p.unit_id"
        " JOIN post AS r ON r.county_id = p.county_id AND r.person_id = p.id WHERE p.phone LIKE '137%' ORDER BY 2",
    ) == [
        ("韦秀兰", "13700000001", "helper", "甲一突击班", "cadre", "组员"),
        ("黄小燕", "13700000002", "resident", "浪平村突击班", "cadre", "队长"),
        ("农大山", "13700000003", "leader", "浪平战区", "leader", "指挥长"),
    ]
    assert await ask(
        api,
        "SELECT p.name, a.village_id, h.number, CAST(a.from_date AS text) FROM assignment AS a"
        " JOIN person AS p ON p.county_id = a.county_id AND p.id = a.person_id"
        " LEFT JOIN household AS h ON h.county_id = a.county_id AND h.id = a.household_id"
        " WHERE p.phone LIKE '137%' ORDER BY 1, 2, 3",
    ) == [
        ("韦秀兰", A1, "0001", "2026-11-02"),
        ("韦秀兰", A1, None, "2026-11-02"),
        ("黄小燕", "451029104201", None, "2026-11-02"),
        ("黄小燕", "451029104202", None, "2026-11-18"),
    ]
    paths = await ask(api, "SELECT CAST(path AS text) FROM unit WHERE name = '浪平一片区'")
    assert paths[0][0].count(".") == 2
    assert await differences(api) == 0
    owed = await ask(
        api,
        "SELECT DISTINCT p.name FROM duty JOIN person AS p ON p.id = duty.person_id"
        " WHERE p.phone LIKE '137%' AND required > 0 ORDER BY 1",
    )
    assert ("韦秀兰",) in owed


async def test_the_same_file_again_changes_nothing_and_another_only_what_differs(api: Api):
    await applied(api, "people", PEOPLE, NEW)
    before = await stand(api)
    again = await applied(api, "people", PEOPLE, NEW)
    assert (again["changes"]["new"], again["changes"]["changed"]) == (0, 0)
    assert await stand(api) == before
    # By the office's own number, whoever has another phone number is the same person.
    moved = ["韦秀兰", "13700000009", "第一书记", None, None, None, None, "G001", None]
    done = await applied(api, "people", PEOPLE, moved)
    assert done["changes"]["effect"]["changed"] == {"people": 1}
    assert await ask(api, "SELECT phone, category, CAST(from_date AS text) FROM person WHERE number = 'G001'") == [
        ("13700000009", "first_secretary", "2026-11-02")
    ]


async def test_who_is_not_in_the_file_is_named_and_left(api: Api):
    found = await checked(api, "people", PEOPLE, NEW)
    assert found["changes"]["gone_named"] == [HELPER_A1.name]  # of the squad that the file is about
    await act(api, found, "apply")
    assert await ask(api, "SELECT count(*) FROM person WHERE until_date IS NOT NULL") == [(0,)]


BAD_PEOPLE = [
    ([None, *NEW[1:]], "姓名", "missing"),
    ([NEW[0], None, *NEW[2:]], "手机号", "missing"),
    ([NEW[0], "没有", *NEW[2:]], "手机号", "no_phone"),
    ([NEW[0], 451029198001010015, *NEW[2:]], "手机号", "digits_lost"),
    ([*NEW[:2], "临时工", *NEW[3:]], "人员类别", "no_word"),
    ([*NEW[:3], "没有的单位", *NEW[4:]], "责任单位", "unknown"),
    ([*NEW[:4], "甲一", *NEW[5:]], "联系村", "unknown"),
    ([*NEW[:4], "451029999999", *NEW[5:]], "联系村", "unknown"),
    ([*NEW[:8], "2026-13-01"], "开始日期", "no_such_day"),
    ([NEW[0], HELPER_A1.phone, *NEW[2:7], "G009", NEW[8]], "工号", "two_people"),
]


@pytest.mark.parametrize(("row", "column", "code"), BAD_PEOPLE)
async def test_what_is_wrong_is_said_at_its_cell_and_nothing_is_written(api: Api, row, column: str, code: str):
    await ask(api, "UPDATE person SET number = 'G009' WHERE id = :id RETURNING id", id=HELPER_B1.id)
    before = await stand(api)
    good = ["好人", "13700000099", "帮扶干部", None, A2, None, None, "G099", None]
    found = await checked(api, "people", ["标题"], PEOPLE, good, row)
    assert found["state"] == "failed"
    assert problems(found) == [(4, column, code)]
    assert (found["rows"], found["problem_count"]) == (2, 1)
    in_english = await see(api, found["id"], **{"Accept-Language": "en"})
    assert in_english["problems"][0]["detail"] != found["problems"][0]["detail"]
    assert (await act(api, found, "apply")).status_code == 409
    assert await stand(api) == before


async def test_all_that_is_wrong_with_a_row_is_said_at_once(api: Api):
    found = await checked(api, "people", PEOPLE, [None, "x", "临时工", "没有", "没有", None, None, None, "明天"])
    assert sorted(problems(found), key=str) == [
        (2, "人员类别", "no_word"),
        (2, "姓名", "missing"),
        (2, "开始日期", "no_day"),
        (2, "联系村", "unknown"),
        (2, "责任单位", "unknown"),
    ]


async def test_two_villages_of_one_name_and_two_rows_of_one_person_are_asked_about(api: Api):
    await ask(api, "UPDATE village SET name = '和平村' WHERE id IN (:a, :b) RETURNING id", a=A1, b="451029101201")
    await ask(api, "UPDATE township SET name = '乐里镇' WHERE id = '451029100' RETURNING id")
    first = [*NEW[:4], "和平村", None, *NEW[6:]]
    found = await checked(api, "people", PEOPLE, first)
    assert problems(found) == [(2, "联系村", "which")]
    assert A1 in found["problems"][0]["detail"]
    by_township = [*NEW[:4], "和平村", "乐里乡", *NEW[6:]]
    assert (await checked(api, "people", PEOPLE, by_township))["state"] == "ready"
    twice = await checked(api, "people", PEOPLE, NEW, ["另一人", *NEW[1:7], "G002", None])
    assert problems(twice) == [(3, "手机号", "twice")]


async def test_an_old_code_leads_to_the_village_of_today(api: Api):
    added = "INSERT INTO village_code VALUES (:county, '451029203201', :id, '甲一村', '2020-01-01', 'x')"
    await ask(api, f"{added} RETURNING code", county=COUNTY, id=A1)
    done = await applied(api, "people", PEOPLE, [*NEW[:4], "451029203201", *NEW[5:]])
    assert done["changes"]["effect"]["new"]["assignments"] == 1
    assert await ask(api, "SELECT village_id FROM assignment JOIN person ON person.id = person_id"
                     " WHERE person.number = 'G001'") == [(A1,)]  # fmt: skip


async def test_assignments_know_people_by_number_never_by_name(api: Api):
    heads = ["手机号", "姓名", "村", "户编号", "结束日期"]
    found = await checked(
        api,
        "assignments",
        heads,
        [HELPER_A1.name, None, A1, None, None],
        [HELPER_A1.phone, "别的人", A1, None, None],
        ["13012345678", None, A1, None, None],
        [HELPER_A1.phone, None, A1, "9999", None],
        [HELPER_A1.phone, None, A1, None, "2026-11-10"],
        [HELPER_A1.phone, None, A1, None, "2026-11-11"],
    )
    assert problems(found) == [
        (2, "手机号", "by_name"),
        (3, "姓名", "other_name"),
        (4, "手机号", "unknown"),
        (5, "户编号", "unknown"),
        (7, "手机号", "twice"),
    ]
    assert HELPER_A1.phone in found["problems"][0]["detail"]
    await applied(api, "assignments", heads, [HELPER_A1.phone, None, A1, None, "2026-11-25"])
    assert await ask(
        api,
        "SELECT CAST(until_date AS text) FROM assignment WHERE person_id = :id AND household_id IS NULL",
        id=HELPER_A1.id,
    ) == [("2026-11-25",)]


async def test_households_come_in_the_system_that_is_said(api: Api):
    lon, lat = centre(A1)
    heads = ["户编号", "户主", "村", "经度", "纬度"]
    await applied(api, "households", heads, ["1", "甲", A1, lon, lat], crs="gcj02")
    ((away,),) = await ask(
        api,
        "SELECT ST_Distance(CAST(position AS geography), CAST(ST_Point(:lon, :lat, 4326) AS geography))"
        " FROM household WHERE number = '1'",
        lon=lon,
        lat=lat,
    )
    assert 100 < away < 1000
    found = await checked(
        api, "households", heads, ["2", "乙", A1, lat, lon], ["3", "丙", A1, lon, None], ["4", "丁", A1, "东", lat]
    )
    assert problems(found) == [(3, "纬度", "half"), (4, "经度", "no_number")]
    swapped = await checked(api, "households", heads, ["2", "乙", A1, lat, lon])
    assert problems(swapped) == [(2, "经度", "elsewhere")]


async def test_what_a_file_is_refused_for_is_said(api: Api):
    for data, name in ((b"no sheet", "a.xlsx"), (b"", "a.csv"), (workbook(["姓名"], ["甲"]), "a.xlsx")):
        reply = await send(api, "people", data, name=name)
        found = await see(api, reply.json()["id"])
        assert (found["state"], found["problems"][0]["code"]) == ("failed", "file")
        assert found["problems"][0]["detail"]


async def test_headings_of_ones_own_are_mapped_once_and_remembered(api: Api):
    rows = [["干部", "号码", "种类"], ["韦秀兰", "13700000001", "帮扶干部"]]
    found = await checked(api, "people", *rows)
    assert found["unknown_headings"] == ["干部", "号码", "种类"]
    means = {"干部": "name", "号码": "phone", "种类": "category"}
    assert (await checked(api, "people", *rows, headings=means))["state"] == "ready"
    assert (await checked(api, "people", *rows))["state"] == "ready"
    bad = await send(api, "people", workbook(*rows), headings={"干部": "nothing"})
    assert bad.json()["errors"][0]["pointer"] == "/options/headings/干部"


async def test_an_import_is_taken_back_as_long_as_nothing_rests_on_it(api: Api):
    await tick(api.service, api.clock)
    before = await stand(api)
    done = await applied(api, "people", PEOPLE, NEW)
    back = await act(api, done, "undo")
    assert (back.status_code, back.json()["state"]) == (200, "undone"), back.text
    assert await stand(api) == before
    assert await differences(api) == 0
    assert (await act(api, done, "undo")).status_code == 409
    again = await applied(api, "people", PEOPLE, NEW)
    ((person_id,),) = await ask(api, "SELECT id FROM person WHERE number = 'G001'")
    async with await api.as_(OFFICE) as console:
        code = await console.post(f"/v1/counties/{COUNTY}/people/{person_id}/activation")
    body = {"code": code.json()["code"], "password": "a secret of mine"}
    signed_in = (await api.http.post("/v1/auth/activate", json=body)).json()
    visit = await api.http.post(
        "/v1/check-ins", json=check_in(A1), headers={"Authorization": f"Bearer {signed_in['access_token']}"}
    )
    assert visit.status_code == 201, visit.text
    refused = await act(api, again, "undo")
    assert refused.status_code == 409
    assert "不能撤销" in refused.json()["detail"]
    assert (await see(api, again["id"]))["state"] == "applied"


async def test_a_job_whose_worker_died_is_taken_up_again(api: Api):
    async with api.database.transaction() as session:
        made = await jobs.add(
            session,
            COUNTY,
            kind="people",
            file_name="a.xlsx",
            content=workbook(PEOPLE, NEW),
            options={},
            made_by=OFFICE.id,
            now=api.clock(),
        )
        assert await jobs.take(session, COUNTY, made, now=api.clock())  # and never heard of again
    assert not await importing.work_on_any(api.service, api.clock)
    assert (await see(api, str(made)))["state"] == "checking"
    api.clock.turn(minutes=3)
    await tick(api.service, api.clock)
    assert (await see(api, str(made)))["state"] == "ready"


async def test_only_the_countys_office_imports(api: Api):
    assert (await send(api, "people", workbook(PEOPLE, NEW), who=LEADER_A)).status_code == 403
    assert (await send(api, "people", workbook(PEOPLE, NEW), who=STRANGER)).status_code == 404
    found = await checked(api, "people", PEOPLE, NEW)
    async with await api.as_(STRANGER) as other:
        reply = await other.get(f"/v1/counties/{OTHER_COUNTY}/imports/{found['id']}")
        assert reply.status_code == 404
        assert (await other.get(f"/v1/counties/{OTHER_COUNTY}/imports")).json()["items"] == []
    async with await api.as_(OFFICE) as console:
        listed = (await console.get(BASE)).json()["items"]
        assert [each["id"] for each in listed] == [found["id"]]
        assert (await console.post(f"{BASE}/cattle", files={"file": ("a", b"x")})).status_code == 422


@pytest.mark.parametrize("kind", ImportKind)
@pytest.mark.parametrize("language", ["zh-CN", "en"])
async def test_our_own_template_is_read_back(api: Api, kind: ImportKind, language: str):
    async with await api.as_(OFFICE, **{"Accept-Language": language}) as console:
        reply = await console.get(f"{BASE}/{kind}/template.xlsx")
    assert "filename" in reply.headers["content-disposition"]
    sheet = read(reply.content, "a.xlsx")[0]
    sheet.rows.append(["x"] * len(COLUMNS[kind]))
    found = tables([sheet], COLUMNS[kind], {})
    assert found.headings.keys() == {column.key for column in COLUMNS[kind]}
    assert found.unknown == []


async def test_problems_come_as_a_sheet(api: Api):
    found = await checked(api, "people", PEOPLE, [None, *NEW[1:]], [NEW[0], '=HYPERLINK("x")', *NEW[2:]])
    async with await api.as_(OFFICE) as console:
        reply = await console.get(f"{BASE}/{found['id']}/problems.xlsx")
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(reply.content))
    rows = book.get_sheet_by_index(0).to_python()
    assert rows[0] == ["工作表", "行", "列", "问题"]
    assert [row[:3] for row in rows[1:]] == [["名单", 2.0, "姓名"], ["名单", 3.0, "手机号"]]


async def test_visits_go_on_while_a_file_comes_in(api: Api):
    await tick(api.service, api.clock)
    many = [[f"人{n}", f"137{n:08}", "帮扶干部", None, A1, None, None, None, None] for n in range(300)]
    ready = await checked(api, "people", PEOPLE, *many)
    async with await api.as_(HELPER_A1) as phone, await api.as_(OFFICE) as console:
        replies = await asyncio.gather(
            console.post(f"{BASE}/{ready['id']}/apply"),
            *(phone.post("/v1/check-ins", json=check_in(A1)) for _ in range(20)),
        )
    assert {reply.status_code for reply in replies[1:]} == {201}
    assert (await see(api, ready["id"]))["state"] == "applied"
    assert await ask(api, "SELECT count(*) FROM person WHERE phone LIKE '137%'") == [(300,)]
    assert await differences(api) == 0


async def test_two_files_at_once_do_not_mix(api: Api):
    one, two = [
        await checked(api, "people", PEOPLE, [*NEW[:1], f"1370000000{n}", *NEW[2:7], f"G00{n}", None])
        for n in (1, 2)
    ]
    async with await api.as_(OFFICE) as console:  # another sign-in on the device would end this one
        replies = await asyncio.gather(*(console.post(f"{BASE}/{each['id']}/apply") for each in (one, two, one)))
    assert sorted(reply.status_code for reply in replies) == [202, 202, 409]
    assert {(await see(api, each["id"]))["state"] for each in (one, two)} == {"applied"}


async def test_the_number_of_a_record_that_was_merged_means_who_stays(api: Api):
    async with api.database.transaction() as session:
        await merge_people.merge(
            session,
            DutyCounty(COUNTY, "Asia/Shanghai"),
            Merge(from_id=HELPER_B1.id, into_id=HELPER_A1.id),
            actor_id=OFFICE.id,
            now=api.clock(),
        )
    row = [HELPER_A1.name, HELPER_B1.phone, "帮扶干部", "甲一突击班", None, None, None, None, None]
    made = await checked(api, "people", PEOPLE, row)
    assert made["state"] == "ready", made["problems"]
    assert (made["changes"]["new"], made["changes"]["changed"]) == (0, 1)


async def test_the_sheet_comes_back_marked_and_is_sent_again_when_mended(api: Api):
    bad = [NEW[0], "13700000001", "临时工", "没有的单位", *NEW[4:8], "明天"]
    found = await checked(api, "people", ["田林县名单"], [*PEOPLE, "备注"], [*NEW, "新来"], [*bad, 1], [*bad, 2])
    async with await api.as_(OFFICE) as console:
        reply = await console.get(f"{BASE}/{found['id']}/marked.xlsx")
        assert reply.status_code == 200, reply.text
    sheet = read(reply.content, "a.xlsx")[0]
    assert sheet.rows[0][0] == "田林县名单"
    assert sheet.rows[1][:10] == [*PEOPLE, "备注"]
    assert sheet.rows[1][10] == "问题"
    assert sheet.rows[2] == [*NEW, "新来", None]
    assert "只能是" in str(sheet.rows[3][10])
    with zipfile.ZipFile(io.BytesIO(reply.content)) as book:
        assert any("comments" in name for name in book.namelist())
    second = await send(api, "people", reply.content)  # with the same faults
    again = await see(api, second.json()["id"])
    assert problems(again) == problems(found)
    assert [note["detail"] for note in again["notes"]] == [note["detail"] for note in found["notes"]]
    mended = [row if number < 3 else [None] * len(row) for number, row in enumerate(sheet.rows)]
    assert (await checked(api, "people", *mended))["state"] == "ready"


async def test_numbers_change_hands_by_a_file(api: Api):
    """Two people known by the office's number swap phones; a third takes the number that one has given up."""
    heads = ["姓名", "手机号", "人员类别", "联系村", "工号"]
    one, two = ["甲", "13700000001", "帮扶干部", A1, "G1"], ["乙", "13700000002", "帮扶干部", A1, "G2"]
    await applied(api, "people", heads, one, two)
    await applied(api, "people", heads, [one[0], two[1], *one[2:]], [two[0], one[1], *two[2:]])
    phones = "SELECT name, phone FROM person WHERE phone LIKE '137%' ORDER BY name"
    assert await ask(api, phones) == [("乙", "13700000001"), ("甲", "13700000002")]
    three = ["丙", "13700000001", "帮扶干部", A1, "G3"]
    await applied(api, "people", heads, three, [two[0], "13700000003", *two[2:]])
    assert await ask(api, phones) == [("丙", "13700000001"), ("乙", "13700000003"), ("甲", "13700000002")]


async def test_a_number_of_somebody_gone_is_a_newcomers(api: Api):
    """Who serves is not renamed by their number; who has left keeps it, and it makes a new person."""
    row = ["新人", HELPER_B1.phone, "帮扶干部", None, A1, None, None, None, "2026-11-18"]
    assert problems(await checked(api, "people", PEOPLE, row)) == [(2, "手机号", "other_name")]
    await ask(api, "UPDATE person SET until_date = '2026-11-10' WHERE id = :id RETURNING id", id=HELPER_B1.id)
    again = [HELPER_B1.name, HELPER_B1.phone, "帮扶干部", None, None, None, None, None, None]
    assert problems(await checked(api, "people", PEOPLE, again)) == [(2, "开始日期", "has_left")]
    await applied(api, "people", PEOPLE, row)
    assert await ask(
        api, "SELECT name, CAST(from_date AS text) FROM person WHERE phone = :p ORDER BY 2", p=HELPER_B1.phone
    ) == [(HELPER_B1.name, "2026-01-01"), ("新人", "2026-11-18")]


HOMELY = ["手机号", "村", "开始日期", "结束日期"]


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([["2026-11-20", "2026-11-10"]], [(2, "结束日期", "too_early")]),
        ([["2026-11-02", None], ["2026-11-09", None]], [(3, "开始日期", "overlap")]),
        ([["2026-11-02", "2026-11-08"], ["2026-11-09", None]], []),
        ([["2026-11-02", "2026-11-12"], ["2026-11-09", None]], [(3, "开始日期", "overlap")]),
    ],
)
async def test_assignments_that_overlap_or_end_before_they_begin(api: Api, rows: list[Any], said: list[Any]):
    found = await checked(api, "assignments", HOMELY, *([RESIDENT_A2.phone, A1, *row] for row in rows))
    assert problems(found) == said


async def test_one_assignment_that_is_there_is_named_once(api: Api):
    rows = [[RESIDENT_A2.phone, A2, None, "2026-11-25"], [RESIDENT_A2.phone, A2, "2026-11-25", None]]
    done = await applied(api, "assignments", HOMELY, *rows)
    assert (done["changes"]["new"], done["changes"]["changed"]) == (1, 1)
    ended = [[RESIDENT_A2.phone, A2, "2026-01-01", "2026-11-25"], rows[1]]  # as it is by now
    again = await applied(api, "assignments", HOMELY, *ended)
    assert (again["changes"]["new"], again["changes"]["changed"]) == (0, 0)


@pytest.mark.parametrize(
    "phone", ["13700000001.0", 13700000001.0, "１３７ ００００ ０００１", "137-0000-0001", "1.37E+10"]
)
async def test_phone_numbers_as_sheets_leave_them(api: Api, phone: Any):
    found = await checked(api, "people", PEOPLE, [NEW[0], phone, *NEW[2:]])
    if phone == "1.37E+10":
        assert problems(found) == [(2, "手机号", "digits_lost")]
    else:
        await act(api, found, "apply")
        assert await ask(api, "SELECT phone FROM person WHERE number = 'G001'") == [("13700000001",)]


async def test_what_was_changed_by_hand_since_is_not_lost_with_an_import(api: Api):
    done = await applied(api, "people", PEOPLE, NEW)
    ((person_id,),) = await ask(api, "SELECT id FROM person WHERE number = 'G001'")
    async with api.database.transaction() as session:
        await session.execute(text("UPDATE person SET name = '后来改的' WHERE id = :id"), {"id": person_id})
    refused = await act(api, done, "undo")
    assert refused.status_code == 409
    assert "此后又改动过" in refused.json()["detail"]
    assert await ask(api, "SELECT name FROM person WHERE number = 'G001'") == [("后来改的",)]


async def test_who_holds_an_old_post_again_begins_another(api: Api):
    """And sent again, the same file changes nothing."""
    await applied(api, "people", PEOPLE, NEW)
    async with api.database.transaction() as session:
        ended = "UPDATE post SET from_date = '2026-01-01', until_date = '2026-03-01' WHERE person_id ="
        await session.execute(text(f"{ended} (SELECT id FROM person WHERE number = 'G001')"))
    for _ in range(2):
        await applied(api, "people", PEOPLE, NEW)
        held = "FROM post JOIN person ON person.id = post.person_id WHERE person.number = 'G001'"
        assert await ask(api, f"SELECT post.from_date, post.until_date {held} ORDER BY 1") == [
            (date(2026, 1, 1), date(2026, 3, 1)),
            (date(2026, 11, 18), None),
        ]
