"""Records of other platforms: known by their headings, judged as phones' visits are, counted once, taken back."""

import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import xlsxwriter
from sqlalchemy import text

from app.geo.coordinates import from_wgs84
from tests.api.console.test_imports import BASE, see, send
from tests.support.county import A1, COUNTY, HELPER_A1, LEADER_A, OFFICE, centre
from tests.support.server import Api, check_in

HEADINGS = ["姓名", "部门", "完整部门", "日期", "时间", "经度", "纬度", "地点", "详细地址", "工作内容", "手机标识"]


def dingtalk(*rows: list[Any], extra: str | None = "部门说明") -> bytes:
    made = io.BytesIO()
    book = xlsxwriter.Workbook(made, {"in_memory": True})
    if extra:
        book.add_worksheet(extra).write_row(0, 0, ["说明", "本表由系统生成"])
    sheet = book.add_worksheet("随便什么名字")
    sheet.merge_range(0, 0, 0, 5, "签到报表  统计日期：2026-11-16 至 2026-11-22")
    sheet.write(1, 0, "报表生成时间：2026-11-22 18:00")
    for number, row in enumerate([HEADINGS, *rows], 2):
        sheet.write_row(number, 0, row)
    book.close()
    return made.getvalue()


def sheet_of(*rows: list[Any], name: str = "Sheet1") -> bytes:
    made = io.BytesIO()
    book = xlsxwriter.Workbook(made, {"in_memory": True})
    sheet = book.add_worksheet(name)
    for number, row in enumerate(rows):
        sheet.write_row(number, 0, row)
    book.close()
    return made.getvalue()


def row(at: datetime, lon: float, lat: float, name: str = HELPER_A1.name) -> list[Any]:
    local = at.astimezone(UTC) + timedelta(hours=8)
    return [
        name,
        "乐里",
        "田林县-乐里",
        f"{local:%Y-%m-%d}",
        f"{local:%H:%M}",
        lon,
        lat,
        "村委会",
        "乐里镇",
        "走访",
        "x1",
    ]


def shifted() -> tuple[float, float]:
    """Near the middle of the village, which itself would be a typed one."""
    east, north = centre(A1)
    lon, lat = from_wgs84(east + 0.0012345, north + 0.0023456, "gcj02")
    return float(lon), float(lat)


async def sent(api: Api, data: bytes, **options: Any) -> dict[str, Any]:
    reply = await send(api, "records", data, name="签到.xlsx", **options)
    assert reply.status_code == 202, reply.text
    return await see(api, reply.json()["id"])


async def post(api: Api, found: dict[str, Any], what: str, status: int) -> None:
    async with await api.as_(OFFICE) as console:
        reply = await console.post(f"{BASE}/{found['id']}/{what}")
        assert reply.status_code == status, reply.text


def me(person: Any = HELPER_A1, department: str = "乐里") -> dict[str, str]:
    return {f"{person.name}（{department}）": str(person.id)}


async def records(api: Api) -> list[Any]:
    async with api.database.transaction() as session:
        found = await session.execute(text("SELECT * FROM check_in WHERE source IS NOT NULL ORDER BY captured_at"))
        return list(found.mappings())


async def test_a_report_is_known_by_its_headings_and_people_are_asked_for(api: Api) -> None:
    at = api.clock() - timedelta(days=1)
    found = await sent(api, dingtalk(row(at, *shifted())))
    about = found["changes"]["records"]
    assert found["state"] == "failed"
    assert about["report"] == "钉钉签到报表"
    assert about["skipped_sheets"] == 1
    (question,) = about["questions"]
    assert question["rows"] == 1
    assert str(HELPER_A1.id) in [each["id"] for each in question["candidates"]]
    assert [each["code"] for each in found["problems"]] == ["which_person"]
    assert found["problems"][0]["row"] == 4
    assert await records(api) == []


async def test_it_is_judged_by_our_fences_and_comes_once(api: Api) -> None:
    at = (api.clock() - timedelta(days=1)).replace(second=0, microsecond=0)
    data = dingtalk(row(at, *shifted()), row(at, *shifted()))
    found = await sent(api, data, people=me())
    about = found["changes"]["records"]
    assert found["state"] == "ready", found["problems"]
    assert about["counted"] == 1
    assert about["here"] == 1
    assert about["inside"]["gcj02"] == 1
    assert await records(api) == []
    await post(api, found, "apply", 202)
    (stored,) = await records(api)
    assert (stored["source"], stored["place"], stored["standing"]) == ("dingtalk", "inside", "counted")
    assert (stored["crs"], stored["accuracy_m"], stored["captured_at"]) == ("gcj02", None, at)
    assert [each["code"] for each in stored["reasons"]] == ["from_platform"]
    again = await sent(api, data, people=me())
    assert again["changes"]["new"] == 0
    assert again["changes"]["records"]["here"] == 2


async def test_the_same_place_counts_as_a_phone_s_without_accuracy(api: Api) -> None:
    lon, lat = centre(A1)
    offsets = [(0.0, 0.0), (0.02, 0.0), (0.0503, 0.0), (0.3, 0.1)]
    at = (api.clock() - timedelta(days=2)).replace(second=0, microsecond=0)
    moments = [at + timedelta(hours=2 * number) for number in range(len(offsets))]
    verdicts = []
    async with await api.as_(LEADER_A) as phone:
        for (east, north), moment in zip(offsets, moments, strict=True):
            body = check_in(at=moment, position={"lon": lon + east, "lat": lat + north, "accuracy_m": None})
            reply = await phone.post("/v1/check-ins", json=body)
            verdicts.append(reply.json()["place"])
    rows = [row(moment, lon + x, lat + y, HELPER_A1.name) for (x, y), moment in zip(offsets, moments, strict=True)]
    found = await sent(api, dingtalk(*rows), people=me(), crs="wgs84")
    await post(api, found, "apply", 202)
    assert len(set(verdicts)) > 1
    assert [each["place"] for each in await records(api)] == verdicts


async def test_a_visit_that_a_phone_sent_is_not_brought_again(api: Api) -> None:
    at = (api.clock() - timedelta(hours=3)).replace(second=0, microsecond=0)
    async with await api.as_(HELPER_A1) as phone:
        reply = await phone.post("/v1/check-ins", json=check_in(at=at))
        assert reply.status_code == 201, reply.text
    near, far = at + timedelta(minutes=9), at + timedelta(minutes=12)
    found = await sent(api, dingtalk(row(near, *shifted()), row(far, *shifted())), people=me())
    assert found["changes"]["new"] == 1
    assert found["changes"]["records"]["own"] == 1


async def test_text_alone_waits_for_review_and_says_the_place(api: Api) -> None:
    rows = [
        ["姓名", "工号", "考勤日期", "打卡时间", "打卡结果", "打卡地址", "异常打卡原因", "打卡设备"],
        [
            HELPER_A1.name,
            HELPER_A1.phone,
            "2026-11-16 星期一",
            "次日00:20",
            "外勤",
            "甲一村 村委会",
            "模拟定位",
            "管理员",
        ],
        [HELPER_A1.name, HELPER_A1.phone, "2026-11-17", "--", "缺卡", "", "", ""],
    ]
    found = await sent(api, sheet_of(*rows))
    assert found["state"] == "ready", found["problems"]
    assert found["changes"]["records"]["held"] == 1
    assert found["changes"]["records"]["no_record"] == 1
    await post(api, found, "apply", 202)
    (stored,) = await records(api)
    assert (stored["standing"], stored["place"]) == ("held", "unsure")
    assert stored["captured_at"] == datetime(2026, 11, 16, 16, 20, tzinfo=UTC)
    assert {"no_coordinates", "mock_location", "from_platform"} == {each["code"] for each in stored["reasons"]}
    async with await api.as_(OFFICE) as console:
        seen = (await console.get(f"/v1/counties/{COUNTY}/check-ins/{stored['id']}")).json()
    assert seen["source"] == "dingtalk"
    assert seen["record"]["place"] == "甲一村 村委会"
    assert seen["record"]["device"] == "管理员"


async def test_taken_back_it_stays_and_counts_for_nothing_and_may_come_again(api: Api) -> None:
    at = (api.clock() - timedelta(days=1)).replace(second=0, microsecond=0)
    data = dingtalk(row(at, *shifted()))
    found = await sent(api, data, people=me(), crs="bd09")
    await post(api, found, "apply", 202)
    await post(api, found, "undo", 200)
    (stored,) = await records(api)
    assert stored["standing"] == "refused"
    assert stored["withdrawn_at"] is not None
    right = await sent(api, data, people=me())
    await post(api, right, "apply", 202)
    assert [each["standing"] for each in await records(api)] == ["refused", "counted"]
    async with await api.as_(LEADER_A) as console:
        body = {"decision": "count", "reason": "到村"}
        reply = await console.post(f"/v1/counties/{COUNTY}/check-ins/{stored['id']}/reviews", json=body)
        assert reply.status_code == 409, reply.text
        other = next(each for each in await records(api) if each["standing"] == "counted")
        body = {"decision": "refuse", "reason": "不在村"}
        reply = await console.post(f"/v1/counties/{COUNTY}/check-ins/{other['id']}/reviews", json=body)
        assert reply.status_code in (200, 201), reply.text
    await post(api, right, "undo", 409)


@pytest.mark.parametrize(
    ("headings", "said"),
    [
        (["姓名", "部门", *[f"{day}日" for day in range(1, 32)]], "月度汇总"),
        (["姓名", "考勤组", "日期", "上班1打卡时间", "上班1打卡结果"], "每日统计"),
    ],
)
async def test_summaries_are_refused_with_the_report_to_export(api: Api, headings: list[str], said: str) -> None:
    found = await sent(api, sheet_of(headings, ["韦"] * len(headings)))
    assert found["state"] == "failed"
    assert said in found["problems"][0]["detail"]
    assert "原始记录" in found["problems"][0]["detail"]


async def test_only_the_office_brings_them(api: Api) -> None:
    reply = await send(api, "records", sheet_of(["姓名"]), who=LEADER_A)
    assert reply.status_code == 403


async def test_the_same_file_is_read_again_as_the_office_says(api: Api) -> None:
    at = (api.clock() - timedelta(days=1)).replace(second=0, microsecond=0)
    asked = await sent(api, dingtalk(row(at, *shifted())))
    async with await api.as_(OFFICE) as console:
        body = {"crs": "gcj02", "people": me(), "headings": {}}
        reply = await console.post(f"{BASE}/{asked['id']}/again", json=body)
        assert reply.status_code == 202, reply.text
    found = await see(api, reply.json()["id"])
    assert found["state"] == "ready"
    assert found["people"] == me()
    assert found["changes"]["new"] == 1
