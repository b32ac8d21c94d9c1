"""Sheets of other platforms as they are sent: headings on two rows, old formats, names of several people."""

import asyncio
import io
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import xlsxwriter
from sqlalchemy import text

from app.directory.merging import Merge
from app.duties.service import DutyCounty
from app.flows import merge_people
from app.flows.recount import recount_all
from app.geo.coordinates import to_wgs84
from app.worker.schedule import tick
from tests.api.console.test_import_records import HEADINGS, dingtalk, post, records, row, sent, sheet_of, shifted
from tests.api.console.test_imports import BASE, act, see, send
from tests.support.county import (
    A1,
    COUNTY,
    HELPER_A1,
    HELPER_B1,
    OFFICE,
    OTHER_COUNTY,
    SIDE,
    SOUTH,
    STRANGER,
    VISIT_RULE,
    WEST,
    Cast,
    add_person,
    centre,
)
from tests.support.legacy import xls
from tests.support.server import SHANGHAI, WEDNESDAY_NIGHT, Api, check_in

ITS = DutyCounty(COUNTY, "Asia/Shanghai")
NAMESAKE = Cast(HELPER_A1.name, "13900000021", "helper", "squad_b1", "cadre")
WRITTEN = f"{HELPER_A1.name}（乐里）"
YESTERDAY = WEDNESDAY_NIGHT.replace(hour=9, minute=0) - timedelta(days=1)


def here(year: int, month: int, day: int, *clock: int) -> datetime:
    return datetime(year, month, day, *clock, tzinfo=SHANGHAI)


async def moments(api: Api) -> list[datetime]:
    return [each["captured_at"].astimezone(SHANGHAI) for each in await records(api)]


async def differences(api: Api) -> list[str]:
    return list((await recount_all(api.service, now=api.clock(), apply=False)).lines())


def wecom_daily(*rows: Sequence[str]) -> bytes:
    """As WeCom writes it: a title, when it was made, and headings on two rows with merged cells."""
    groups = [
        ("时间", [""]),
        ("姓名", [""]),
        ("账号", [""]),
        ("基础信息", ["部门", "职务"]),
        ("考勤概况", ["所属规则", "班次", "最早", "最晚", "打卡次数(次)", "考勤结果"]),
        ("异常统计", ["异常合计(次)", "迟到次数(次)"]),
        ("上班1", ["打卡时间", "打卡状态"]),
        ("下班1", ["打卡时间", "打卡状态"]),
        ("打卡时间记录", [""]),
        ("打卡详情", [""]),
    ]
    made = io.BytesIO()
    book = xlsxwriter.Workbook(made, {"in_memory": True})
    sheet = book.add_worksheet("概况统计与打卡明细")
    sheet.merge_range(0, 0, 0, 16, "上下班打卡_日报")
    sheet.merge_range(1, 0, 1, 16, "统计时间:2026/11/16-2026/11/17 制表时间:2026/11/18 08:00(UTC+8)")
    place = 0
    for group, below in groups:
        if below == [""]:
            sheet.merge_range(2, place, 3, place, group)
        else:
            sheet.merge_range(2, place, 2, place + len(below) - 1, group)
            sheet.write_row(3, place, below)
        place += len(below)
    for number, values in enumerate(rows, 4):
        sheet.write_row(number, 0, values)
    book.close()
    return made.getvalue()


def on_wecom(day: str, first: str, last: str, said: str = "") -> list[str]:
    who = [HELPER_A1.name, HELPER_A1.phone, "乐里", "组员"]
    figures = ["规则", "班次", first, last, "2", "正常", "0", "0"]
    return [day, *who, *figures, first, "正常", last, "正常", f"{first};{last}", said]


async def test_wecoms_headings_on_two_rows(api: Api):
    data = wecom_daily(
        on_wecom("2026/11/16 星期一", "08:30", "次日00:20", "甲一村委会"),
        on_wecom("2026/11/17 星期二", "--", "未打卡"),
    )
    found = await sent(api, data)
    about = found["changes"]["records"]
    assert (found["state"], about["report"]) == ("ready", "企业微信打卡日报"), found["problems"]
    assert (about["rows"], about["held"], about["no_record"]) == (2, 2, 1)
    await post(api, found, "apply", 202)
    assert await moments(api) == [here(2026, 11, 16, 8, 30), here(2026, 11, 17, 0, 20)]
    assert {each["record"]["place"] for each in await records(api)} == {"甲一村委会"}


async def test_wecoms_headings_on_two_rows_of_a_csv_where_merged_cells_are_blank(api: Api):
    lines = [
        "上下班打卡_日报",
        "时间,姓名,账号,基础信息,,上班1,,下班1,",
        ",,,部门,职务,打卡时间,打卡状态,打卡时间,打卡状态",
        f"2026/11/16 星期一,{HELPER_A1.name},{HELPER_A1.phone},乐里,组员,08:30,正常,18:05,正常",
    ]
    reply = await send(api, "records", "\n".join(lines).encode("gb18030"), name="日报.csv")
    found = await see(api, reply.json()["id"])
    assert found["state"] == "ready", found["problems"]
    await post(api, found, "apply", 202)
    assert await moments(api) == [here(2026, 11, 16, 8, 30), here(2026, 11, 16, 18, 5)]


async def test_wecoms_first_and_last_clockings_are_refused_with_what_to_export(api: Api):
    found = await sent(
        api, sheet_of(["时间", "姓名", "外出打卡次数(次)", "最早", "最晚"], ["2026/11/16", "韦", "2", "", ""])
    )
    assert found["state"] == "failed"
    assert "打卡详情" in found["problems"][0]["detail"]


async def test_feishus_own_headings_are_explained_once_and_remembered(api: Api):
    headings = ["员工", "打卡那天", "几点", "电话", "在哪里"]
    body = [HELPER_A1.name, "2026-11-16", "09:05", HELPER_A1.phone, "甲一村"]
    asked = await sent(api, sheet_of(headings, body))
    assert asked["state"] == "failed"
    assert asked["unknown_headings"] == headings
    means = dict(zip(headings, ("name", "day", "time", "phone", "place"), strict=True))
    found = await sent(api, sheet_of(headings, body), headings=means)
    assert found["changes"]["records"]["report"] == "飞书打卡记录"
    await post(api, found, "apply", 202)
    (stored,) = await records(api)
    assert (stored["source"], stored["captured_at"]) == ("feishu", here(2026, 11, 16, 9, 5))
    later = [*body[:1], "2026-11-17", *body[2:]]
    assert (await sent(api, sheet_of(headings, later)))["changes"]["new"] == 1


async def test_an_old_xls_is_read_as_it_is(api: Api):
    lon, lat = shifted()
    rows = [["签到报表"], ["报表生成时间：2026-11-18"], HEADINGS, row(YESTERDAY, lon, lat)]
    reply = await send(
        api,
        "records",
        xls(*rows, name="签到记录"),
        name="钉钉签到报表(乐里).xls",
        people={WRITTEN: str(HELPER_A1.id)},
    )
    found = await see(api, reply.json()["id"])
    assert found["changes"]["records"]["counted"] == 1, found["problems"]
    await post(api, found, "apply", 202)
    assert await moments(api) == [YESTERDAY]


@pytest.mark.parametrize(
    ("day", "clock", "at"),
    [
        ("2026-11-16", "08:30", (8, 30)),
        ("26-11-16 星期一", "08:30:15", (8, 30, 15)),
        ("2026年11月16日", "2026-11-16 08:30", (8, 30)),
        (46342, 0.354166666666667, (8, 30)),  # serial numbers, as a sheet without formats has them
        ("2026/11/16", 46342.75, (18, 0)),
        ("2026-11-16", "２３:５９", (23, 59)),
    ],
)
async def test_times_as_text_and_as_numbers_are_the_countys(api: Api, day: Any, clock: Any, at: tuple[int, ...]):
    values = row(YESTERDAY, *shifted())
    values[3:5] = [day, clock]
    found = await sent(api, dingtalk(values), people={WRITTEN: str(HELPER_A1.id)})
    assert found["state"] == "ready", found["problems"]
    await post(api, found, "apply", 202)
    assert await moments(api) == [here(2026, 11, 16, *at)]


async def test_what_is_no_time_and_what_is_yet_to_come_is_said_at_its_cell(api: Api):
    never = [*row(YESTERDAY, *shifted())[:4], "25:61", *row(YESTERDAY, *shifted())[5:]]
    tomorrow = row(WEDNESDAY_NIGHT + timedelta(days=1), *shifted())
    now = row(WEDNESDAY_NIGHT + timedelta(minutes=2), *shifted())  # clocks differ
    found = await sent(api, dingtalk(never, tomorrow, now), people={WRITTEN: str(HELPER_A1.id)})
    said = {(each["row"], each["column"], each["code"]) for each in found["problems"]}
    assert said == {(4, "时间", "no_time"), (5, "时间", "future")}
    assert await records(api) == []


async def test_how_many_lie_inside_is_counted_in_each_system(api: Api):
    """Points across the village's west: read as another system's they lie further west, by 360 m or 1 km."""
    places = [(WEST[A1] + 0.003 * step + 0.0011, SOUTH + 0.01 + 0.0021 * step) for step in range(-1, 7)]
    rows = [row(YESTERDAY - timedelta(minutes=25 * number), *place) for number, place in enumerate(places)]
    found = await sent(api, dingtalk(*rows), people={WRITTEN: str(HELPER_A1.id)})
    inside = found["changes"]["records"]["inside"]
    for crs, count in inside.items():
        read = [to_wgs84(lon, lat, crs) for lon, lat in places]
        assert count == sum(
            WEST[A1] < lon < WEST[A1] + SIDE and SOUTH < lat < SOUTH + SIDE for lon, lat in read
        ), crs
    assert len(set(inside.values())) == 3


async def test_of_two_with_one_name_the_office_says_which_and_it_is_remembered(api: Api):
    async with api.database.transaction() as session:
        await add_person(session, NAMESAKE)
    first, second = row(YESTERDAY, *shifted()), row(YESTERDAY - timedelta(days=1), *shifted())
    asked = await sent(api, dingtalk(first))
    (question,) = asked["changes"]["records"]["questions"]
    assert {each["id"] for each in question["candidates"]} == {str(HELPER_A1.id), str(NAMESAKE.id)}
    assert asked["changes"]["new"] == 0
    said = await sent(api, dingtalk(first), people={WRITTEN: str(HELPER_A1.id)})
    (name,) = said["changes"]["records"]["names"]
    assert (name["person"]["id"], name["remembered"], len(name["candidates"])) == (str(HELPER_A1.id), False, 2)
    later = await sent(api, dingtalk(second))
    (name,) = later["changes"]["records"]["names"]
    assert (later["state"], name["person"]["id"], name["remembered"]) == ("ready", str(HELPER_A1.id), True)
    changed = await sent(api, dingtalk(second), people={WRITTEN: str(NAMESAKE.id)})
    await post(api, changed, "apply", 202)
    assert [each["person_id"] for each in await records(api)] == [NAMESAKE.id]
    async with api.database.transaction() as session:
        asked_of = "SELECT detail -> 'names' FROM audit_entry WHERE action = 'records.imported'"
        assert (await session.execute(text(asked_of))).scalar_one() == {WRITTEN: str(NAMESAKE.id)}
    (name,) = (await sent(api, dingtalk(first)))["changes"]["records"]["names"]
    assert name["person"]["id"] == str(NAMESAKE.id)


async def test_who_is_left_out_stays_so_and_another_platform_asks_anew(api: Api):
    await sent(api, dingtalk(row(YESTERDAY, *shifted())), people={WRITTEN: None})
    again = await sent(api, dingtalk(row(YESTERDAY, *shifted())))
    about = again["changes"]["records"]
    assert (again["state"], about["left_out"], about["names"][0]["person"]) == ("ready", 1, None)
    feishu = await sent(
        api, sheet_of(["姓名", "部门", "日期", "打卡时间"], [HELPER_A1.name, "乐里", "2026-11-16", "09:00"])
    )
    assert [each["written"] for each in feishu["changes"]["records"]["questions"]] == [WRITTEN]


async def test_who_did_not_serve_on_that_day_is_asked_about_again(api: Api):
    await sent(api, dingtalk(row(YESTERDAY, *shifted())), people={WRITTEN: str(HELPER_A1.id)})
    async with api.database.transaction() as session:
        await session.execute(
            text("UPDATE person SET until_date = :day WHERE id = :id"),
            {"day": date(2026, 11, 17), "id": HELPER_A1.id},
        )
    before, after = row(YESTERDAY - timedelta(days=1), *shifted()), row(YESTERDAY, *shifted())
    assert (await sent(api, dingtalk(before)))["state"] == "ready"
    asked = await sent(api, dingtalk(before, after))
    assert [each["rows"] for each in asked["changes"]["records"]["questions"]] == [2]


async def test_a_name_that_nobody_has_offers_those_that_are_like_it(api: Api):
    nickname = await sent(api, dingtalk(row(YESTERDAY, *shifted(), name=f"{HELPER_A1.name}-乐里镇")))
    (question,) = nickname["changes"]["records"]["questions"]
    assert [each["id"] for each in question["candidates"]] == [str(HELPER_A1.id)]
    stranger = await sent(api, dingtalk(row(YESTERDAY, *shifted(), name="欧阳")))
    (question,) = stranger["changes"]["records"]["questions"]
    assert question["candidates"] == []


async def test_names_are_one_countys(api: Api):
    await sent(api, dingtalk(row(YESTERDAY, *shifted())), people={WRITTEN: str(HELPER_A1.id)})
    async with await api.as_(STRANGER) as console:
        base = BASE.replace(COUNTY, OTHER_COUNTY)
        reply = await console.post(
            f"{base}/records", files={"file": ("a.xlsx", dingtalk(row(YESTERDAY, *shifted())))}
        )
        found = (await console.get(f"{base}/{reply.json()['id']}")).json()
    assert [each["candidates"] for each in found["changes"]["records"]["questions"]] == [[]]


async def test_who_went_into_another_record_is_still_meant_and_their_rows_come_once(api: Api):
    data = dingtalk(row(YESTERDAY, *shifted()))
    found = await sent(api, data, people={WRITTEN: str(HELPER_B1.id)})
    await post(api, found, "apply", 202)
    async with api.database.transaction() as session:
        asked = Merge(HELPER_B1.id, HELPER_A1.id)
        await merge_people.merge(session, ITS, asked, actor_id=OFFICE.id, now=api.clock())
    again = await sent(api, data)
    (name,) = again["changes"]["records"]["names"]
    assert name["person"]["id"] == str(HELPER_A1.id)
    assert (again["changes"]["new"], again["changes"]["records"]["here"]) == (0, 1)


async def test_two_imports_of_one_file_at_once_bring_each_row_once(api: Api):
    rows = [row(YESTERDAY - timedelta(hours=number), *shifted()) for number in range(5)]
    one, other = [await sent(api, dingtalk(*rows), people={WRITTEN: str(HELPER_A1.id)}) for _ in range(2)]
    assert (one["changes"]["new"], other["changes"]["new"]) == (5, 5)
    await asyncio.gather(act(api, one, "apply"), act(api, other, "apply"))
    done = [await see(api, each["id"]) for each in (one, other)]
    assert [each["state"] for each in done] == ["applied", "applied"]
    assert sorted(each["changes"]["new"] for each in done) == [0, 5]
    assert sorted(each["changes"]["records"]["here"] for each in done) == [0, 5]
    assert len(await records(api)) == 5
    assert await differences(api) == []
    # The one that brought nothing has nothing to take back.
    nothing = next(each for each in done if each["changes"]["new"] == 0)
    await post(api, nothing, "undo", 200)
    assert {each["withdrawn_at"] for each in await records(api)} == {None}


async def test_an_import_beside_phones_that_post_the_same_visits(api: Api):
    """Nothing is lost and no duty counts a visit twice, whichever comes first."""
    await tick(api.service, api.clock)
    at = [YESTERDAY - timedelta(days=1), YESTERDAY]
    rows = [row(each, *shifted()) for each in at]
    found = await sent(api, dingtalk(*rows), people={WRITTEN: str(HELPER_A1.id)})
    async with await api.as_(HELPER_A1) as phone:
        posts = (phone.post("/v1/check-ins", json=check_in(at=each + timedelta(minutes=3))) for each in at)
        _, *replies = await asyncio.gather(act(api, found, "apply"), *posts)
    assert [reply.status_code for reply in replies] == [201, 201]
    done = await see(api, found["id"])
    assert (done["state"], done["changes"]["new"] + done["changes"]["records"]["own"]) == ("applied", 2)
    assert await differences(api) == []
    async with api.database.transaction() as session:
        counted = await session.execute(
            text("SELECT done FROM duty WHERE person_id = :person AND rule_id = :rule AND period_start = :monday"),
            {"person": HELPER_A1.id, "rule": VISIT_RULE, "monday": date(2026, 11, 16)},
        )
    assert counted.scalar_one() == 2


async def test_a_record_in_a_closed_period_mends_the_duty_late_and_taken_back_undoes_it(weeks: Api):
    lon, lat = centre("451029101201")
    at = datetime(2026, 11, 17, 2, 0, tzinfo=UTC)
    found = await sent(
        weeks,
        dingtalk(row(at, lon + 0.002, lat + 0.003, name=HELPER_B1.name)),
        people={f"{HELPER_B1.name}（乐里）": str(HELPER_B1.id)},
        crs="wgs84",
    )
    assert found["changes"]["effect"]["flags_withdrawn"] == 1, found
    await post(weeks, found, "apply", 202)
    assert await standing_of_week(weeks) == ("met_late", "withdrawn")
    await post(weeks, found, "undo", 200)
    assert await standing_of_week(weeks) == ("missed", "open")
    assert await differences(weeks) == []


async def standing_of_week(api: Api) -> tuple[str, str]:
    async with api.database.transaction() as session:
        found = await session.execute(
            text(
                "SELECT duty.status, flag.status FROM duty JOIN flag ON flag.duty_id = duty.id"
                " WHERE duty.person_id = :person AND duty.rule_id = :rule AND period_start = '2026-11-16'"
            ),
            {"person": HELPER_B1.id, "rule": VISIT_RULE},
        )
        status, flag = found.one()
    return status, flag
