"""Leave given on paper and days of the calendar come in by the sheet, the way that the pages go."""

from typing import Any
from uuid import uuid4

from app.flows.recount import recount_all
from app.worker.schedule import tick
from tests.api.console.test_imports import act, applied, ask, checked, differences, problems
from tests.support.county import COUNTY, HELPER_A1, HELPER_B1, LEADER_A, OFFICE, RESIDENT_A2
from tests.support.server import Api

LEAVE = ["手机号", "姓名", "请假类别", "开始日期", "开始上午/下午", "结束日期", "结束上午/下午", "事由", "批准人"]
AWAY = [
    HELPER_A1.phone,
    HELPER_A1.name,
    "开会",
    "2026-11-16",
    None,
    "2026年11月22日",
    "下午",
    "县里培训",
    "县委组织部",
]
DAYS = ["日期", "上班或休息", "名称", "依据"]
OWED = "SELECT concat_ws(' ', person_id, rule_id, period_start, required, done, status) FROM duty ORDER BY 1"


async def by_hand(api: Api, cast: Any, leave_id: str, first: str, last: str) -> None:
    async with await api.as_(cast) as phone, await api.as_(OFFICE) as console:
        body = {"id": leave_id, "kind": "filed_duty", "from_date": first, "until_date": last, "reason": "县里培训"}
        assert (await phone.post("/v1/me/leave", json=body)).status_code == 201
        reply = await console.post(f"/v1/counties/{COUNTY}/leave/{leave_id}/approve", json={"reason": "导入"})
        assert reply.status_code == 200, reply.text


async def test_leave_comes_as_by_hand_and_is_revoked_when_taken_back(api: Api):
    await tick(api.service, api.clock)
    before = await ask(api, OWED)
    done = await applied(api, "leave", LEAVE, AWAY, [RESIDENT_A2.phone, *AWAY[1:1], None, *AWAY[2:]])
    assert done["changes"]["effect"]["new"] == {"leave": 2}
    assert done["changes"]["effect"]["duties_changed"] > 0
    imported = await ask(api, OWED)
    assert imported != before
    assert await differences(api) == 0
    stored = "SELECT kind, CAST(from_half AS text), CAST(until_half AS text), status, decision_reason FROM leave"
    assert (await ask(api, stored))[0] == (
        "filed_duty", "2026-11-16 00:00:00", "2026-11-23 00:00:00", "approved", "批准人：县委组织部",
    )  # fmt: skip
    told = await ask(
        api,
        "SELECT person_id FROM notice WHERE kind = 'leave_approved'"
        " UNION ALL SELECT person_id FROM deferred_notice WHERE kind = 'leave_approved'",
    )
    assert {row[0] for row in told} == {HELPER_A1.id, RESIDENT_A2.id}
    again = await applied(api, "leave", LEAVE, AWAY)
    assert (again["changes"]["new"], again["changes"]["changed"]) == (0, 0)
    back = await act(api, done, "undo")
    assert back.status_code == 200, back.text
    assert await ask(api, OWED) == before
    assert await differences(api) == 0
    for cast in (HELPER_A1, RESIDENT_A2):
        await by_hand(api, cast, str(uuid4()), "2026-11-16", "2026-11-22")
    assert await ask(api, OWED) == imported


async def test_leave_that_somebody_came_back_from_is_not_taken_back(api: Api):
    done = await applied(api, "leave", LEAVE, AWAY)
    ((leave_id,),) = await ask(api, "SELECT id FROM leave")
    async with await api.as_(OFFICE) as console:
        revoked = await console.post(f"/v1/counties/{COUNTY}/leave/{leave_id}/revoke", json={"reason": "x"})
        assert revoked.status_code == 200, revoked.text
    back = await act(api, done, "undo")
    assert (back.status_code, "逐条撤销" in back.json()["detail"]) == (409, True)


async def test_leave_that_cannot_be_is_said_at_its_cell(api: Api):
    async with await api.as_(HELPER_B1) as phone:
        body = {
            "id": str(uuid4()),
            "kind": "sick",
            "from_date": "2026-11-18",
            "until_date": "2026-11-19",
        }
        assert (await phone.post("/v1/me/leave", json={**body, "reason": "x"})).status_code == 201
    rest = AWAY[2:]
    found = await checked(
        api,
        "leave",
        LEAVE,
        AWAY,
        [HELPER_A1.phone, None, "事假", "2026-11-22", "下午", "2026-11-25", None, "家事", None],
        [HELPER_B1.phone, None, *rest],
        [LEADER_A.phone, None, "病假", "2026-11-20", None, "2026-11-19", None, "x", None],
        [LEADER_A.phone, "别人", *rest],
        [LEADER_A.phone, None, "产假", *rest[1:]],
        [LEADER_A.phone, None, "事假", "2026-09-01", None, "2026-09-02", None, "x", None],
        [OFFICE.phone, None, *rest],
        ["13012345678", None, *rest],
        [RESIDENT_A2.phone, None, "事假", "2026-11-20", "晚上", None, None, None, None],
    )
    assert sorted(problems(found)) == [
        (3, "开始日期", "overlap"),
        (4, "开始日期", "overlap"),
        (5, "结束日期", "backwards"),
        (6, "姓名", "other_name"),
        (7, "请假类别", "no_word"),
        (8, "开始日期", "too_late"),
        (9, "手机号", "own"),
        (10, "手机号", "unknown"),
        (11, "事由", "missing"),
        (11, "开始上午/下午", "no_word"),
        (11, "结束日期", "missing"),
    ]
    assert await ask(api, "SELECT count(*) FROM leave WHERE status = 'approved'") == [(0,)]


async def test_days_of_the_calendar_come_as_by_hand_and_go_again(api: Api):
    await tick(api.service, api.clock)
    said = "SELECT CAST(date AS text), working, name, source, own FROM calendar_day ORDER BY 1"
    before = await ask(api, said)
    async with await api.as_(OFFICE) as console:
        day = {"working": False, "name": "旧", "source": "旧文"}
        assert (await console.put(f"/v1/counties/{COUNTY}/calendar/2026-11-20", json=day)).status_code == 200
    own = await ask(api, said)
    rows = [["2026-11-20", "放假", "圩日", "县府办〔2026〕9号"], [46345, "休息", "县庆", "同上"]]
    done = await applied(api, "calendar", ["田林县 2026 年"], DAYS, *rows)
    effect = done["changes"]["effect"]
    assert (effect["new"], effect["changed"]) == ({"calendar_days": 1}, {"calendar_days": 1})
    assert ("2026-11-19", False, "县庆", "同上", True) in await ask(api, said)
    imported = await ask(api, said)
    assert (await applied(api, "calendar", DAYS, *rows))["changes"]["new"] == 0
    assert (await act(api, done, "undo")).status_code == 200
    assert await ask(api, said) == own
    async with await api.as_(OFFICE) as console:
        for day, name, source in (("2026-11-20", "圩日", "县府办〔2026〕9号"), ("2026-11-19", "县庆", "同上")):
            body = {"working": False, "name": name, "source": source}
            assert (await console.put(f"/v1/counties/{COUNTY}/calendar/{day}", json=body)).status_code == 200
    assert await ask(api, said) == imported
    for day in ("2026-11-19", "2026-11-20"):
        async with await api.as_(OFFICE) as console:
            await console.delete(f"/v1/counties/{COUNTY}/calendar/{day}")
    assert await ask(api, said) == before
    assert (await recount_all(api.service, now=api.clock(), apply=False)).differences == 0


async def test_a_day_changed_since_is_not_taken_back_and_bad_ones_are_said(api: Api):
    done = await applied(api, "calendar", DAYS, ["2026-11-20", "休", "圩日", "x"])
    async with await api.as_(OFFICE) as console:
        body = {"working": True, "name": "改", "source": "x"}
        await console.put(f"/v1/counties/{COUNTY}/calendar/2026-11-20", json=body)
    assert (await act(api, done, "undo")).status_code == 409
    found = await checked(
        api,
        "calendar",
        DAYS,
        ["2026-11-21", "休", "a", "b"],
        ["2026.11.21", "班", "a", "b"],
        ["明天", "或许", "a", None],
    )
    assert sorted(problems(found)) == [
        (3, "日期", "twice"),
        (4, "上班或休息", "no_word"),
        (4, "依据", "missing"),
        (4, "日期", "no_day"),
    ]
