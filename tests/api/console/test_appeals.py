"""Appeals: filed by the person in time, decided twice at most, seen by both sides, marked on every list.

2026-W46 and W47 were closed on Wednesday 25 November 2026 at 09:00: day 15 is 10 December.
"""

import asyncio
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import text

from app.duties.calendar import national
from app.flows.recount import recount_all
from app.kernel.database import rows
from app.notices.templates import words
from tests.api.console.conftest import AFTERWARDS, post
from tests.support import county
from tests.support.camera import photo
from tests.support.county import COUNTY, HELPER_A1, HELPER_B1, LEADER_A, LEADER_B, OFFICE, Cast
from tests.support.server import SHANGHAI, Api, check_in

BASE = f"/v1/counties/{COUNTY}"
CHIEF = Cast("县领导", "13900000007", "official", "root", "leader")
DEPUTY = Cast("副主任", "13900000008", "official", "root", "office")


async def get(api, who, path, *, language="zh-CN", **query):
    async with await api.as_(who, **{"Accept-Language": language}) as client:
        reply = await client.get(path, params=query)
    assert reply.status_code == 200, reply.text
    return reply.json()


async def flag_of(api, who, period="2026-W47"):
    items = (await get(api, OFFICE, f"{BASE}/flags"))["items"]
    return next(
        flag for flag in items if (flag["person"]["id"], flag["duty"]["period"]["id"]) == (str(who.id), period)
    )


async def file(api, who, *, id=None, said="当晚在村，手机没有信号", **about):
    async with await api.as_(who) as phone:
        return await phone.post("/v1/me/appeals", json={"id": str(id or uuid4()), "text": said, **about})


async def appealed(api, who, **about):
    api.clock.turn(minutes=1)
    reply = await file(api, who, **about)
    assert (reply.status_code, reply.json()["status"]) == (201, "open"), reply.text
    return reply.json()["id"]


async def decide(api, who, appeal_id, decision="uphold", reason="经核查属实"):
    async with await api.as_(who) as client:
        return await client.post(
            f"{BASE}/appeals/{appeal_id}/decide", json={"decision": decision, "reason": reason}
        )


async def inbox(api, who, kind):
    """What they were told of, and what waits for their summary."""
    items = (await get(api, who, "/v1/me/notices", limit=200))["items"]
    async with api.database.transaction() as session:
        waits = "SELECT about FROM deferred_notice WHERE person_id = :id AND kind = :kind AND summary_id IS NULL"
        deferred = await rows(session, waits, id=who.id, kind=kind)
    said = [words(kind, row.about, "zh-CN")._asdict() | {"about": row.about} for row in deferred]
    return [item for item in items if item["kind"] == kind] + said


async def ask(api, statement, **values):
    async with api.database.transaction() as session:
        return [tuple(row) for row in await rows(session, statement, **values)]


async def join(api, *casts):
    async with api.database.transaction() as session:
        for cast in casts:
            await county.add_person(session, cast)


async def in_health(api):
    report = await recount_all(api.service, now=api.clock(), apply=False)
    assert (report.duties > 0, report.differences) == (True, 0)


@pytest.mark.parametrize(
    ("filed", "status"),
    [("2026-12-10T23:59:59", "open"), ("2026-12-11T00:00:00", "late")],
    ids=["at 23:59 of day 15", "at 00:00 of day 16"],
)
async def test_scenario_8_an_appeal_on_the_last_day_and_after_it(weeks: Api, filed, status):
    flag = await flag_of(weeks, HELPER_B1)
    weeks.clock.now = datetime.fromisoformat(filed).replace(tzinfo=SHANGHAI)
    reply = await file(weeks, HELPER_B1, flag_id=flag["id"])
    body = reply.json()
    assert (reply.status_code, body["status"], body["until"]) == (201, status, "2026-12-10T16:00:00Z")
    assert len(await inbox(weeks, LEADER_B, "appeal_filed")) == (status == "open")
    again = await file(weeks, HELPER_B1, flag_id=flag["id"])
    assert again.status_code == 409
    assert ("期限已过" in again.json()["detail"]) == (status == "late")
    if status == "late":
        assert (await decide(weeks, LEADER_B, body["id"])).status_code == 409


@pytest.mark.parametrize("told", [16, 22])
async def test_scenario_8_the_last_day_in_the_national_holiday_of_2018(weeks: Api, told):
    """Told on 16 to 22 September, day 15 is one of 1 to 7 October, all of them off: it moves to the 8th."""
    flag = await flag_of(weeks, HELPER_B1)
    own = [day for day in national() if datetime(2018, 10, 1).date() <= day.date < datetime(2018, 10, 15).date()]  # noqa: DTZ001
    async with weeks.database.transaction() as session:
        for day in own:
            await session.execute(
                text(
                    "INSERT INTO calendar_day VALUES (:c, :date, :working, '国庆', 'National Day', 'test', false)"
                ),
                {"c": COUNTY, "date": day.date, "working": day.working},
            )
        at = datetime(2018, 9, told, 23, 30, tzinfo=SHANGHAI)
        await session.execute(text("UPDATE flag SET raised_at = :at, opened_at = :at, told_at = :at"), {"at": at})
    weeks.clock.now = datetime(2018, 10, 8, 23, 59, tzinfo=SHANGHAI)
    async with weeks.database.transaction() as session:  # the sign-ins of 2026 are not there yet
        await session.execute(text("UPDATE person SET from_date = '2018-01-01'"))
    reply = await file(weeks, HELPER_B1, flag_id=flag["id"])
    assert (reply.json()["status"], reply.json()["until"]) == ("open", "2018-10-08T16:00:00Z")


async def test_a_last_day_on_a_weekend_moves_to_monday_and_the_county_sets_how_many(weeks: Api):
    await ask(weeks, """UPDATE county SET settings = '{"appeal_days": 3}' RETURNING id""")
    flag = await flag_of(weeks, HELPER_B1)  # told on Wednesday: day 3 is Saturday
    weeks.clock.now = datetime(2026, 11, 30, 23, 59, tzinfo=SHANGHAI)
    assert (await file(weeks, HELPER_B1, flag_id=flag["id"])).json()["until"] == "2026-11-30T16:00:00Z"


async def test_days_that_cannot_be_read_are_the_usual_fifteen(weeks: Api):
    await ask(weeks, """UPDATE county SET settings = '{"appeal_days": "3", "leave_retro_d": []}' RETURNING id""")
    flag = await flag_of(weeks, HELPER_B1)
    weeks.clock.turn(days=9)
    reply = await file(weeks, HELPER_B1, flag_id=flag["id"])
    assert (reply.status_code, reply.json()["until"][:10]) == (201, "2026-12-10"), reply.text


async def test_a_flag_overturned_takes_the_duty_off_and_both_sides_are_told(weeks: Api):
    flag = await flag_of(weeks, HELPER_B1)
    (mine,) = [
        duty
        for duty in (await get(weeks, HELPER_B1, "/v1/me/duties", period="2026-W47"))["items"]
        if duty["id"] == flag["duty"]["id"]
    ]
    assert (mine["flag"], mine["appeal"]) == ({"id": flag["id"], "status": "open"}, None)
    weeks.clock.turn(days=1)
    appeal_id = await appealed(weeks, HELPER_B1, flag_id=flag["id"])
    (notice,) = await inbox(weeks, LEADER_B, "appeal_filed")
    assert notice["title"] == "申诉待处理：乙一帮扶"
    assert "11月16日起一期任务的预警" in notice["body"]
    assert await inbox(weeks, OFFICE, "appeal_filed") == []

    mark = {"id": appeal_id, "status": "open"}
    query = {"period": "2026-W47", "rule": flag["duty"]["rule"]["id"], "person": HELPER_B1.id}
    (duty,) = (await get(weeks, LEADER_B, f"{BASE}/duties", **query))["items"]
    assert (duty["appeal"], (await flag_of(weeks, HELPER_B1))["appeal"]) == (mark, mark)
    assert (await get(weeks, LEADER_B, f"{BASE}/duties/{duty['id']}"))["appeal"] == mark
    (mine,) = (await get(weeks, HELPER_B1, "/v1/me/duties", period="2026-W47"))["items"]
    assert mine["appeal"] == mark

    detail = await get(weeks, LEADER_B, f"{BASE}/appeals/{appeal_id}", language="en")
    assert detail["may_decide"]
    assert detail["evidence"]["duty"]["evidence"]["check_ins"][0]["reason"]["code"] == "not_assigned_village"
    assert [act["said"] for act in detail["history"]] == ["Raised", "Appealed against (1)"]
    assert not (await get(weeks, HELPER_B1, f"{BASE}/appeals/{appeal_id}"))["may_decide"]

    weeks.clock.turn(hours=1)
    reply = await decide(weeks, LEADER_B, appeal_id, "overturn", "当日系统故障")
    body = reply.json()
    assert (reply.status_code, body["status"]) == (200, "overturned")
    assert (body["decision"]["reason"], body["decision"]["by"]["name"]) == ("当日系统故障", "利周领导")
    assert [act["action"] for act in body["history"]] == [
        "flag.raised",
        "appeal.filed",
        "appeal.overturned",
        "flag.withdrawn",
    ]
    (mine,) = (await get(weeks, HELPER_B1, "/v1/me/duties", language="en", period="2026-W47"))["items"]
    assert (
        mine["status"],
        mine["required"],
        mine["excuse"],
        mine["flag"]["status"],
        mine["appeal"]["status"],
    ) == (
        "excused",
        0,
        "appeal",
        "withdrawn",
        "overturned",
    )
    assert "an appeal succeeded" in mine["explanation"]
    after = await flag_of(weeks, HELPER_B1)
    assert (after["status"], after["reason"]) == ("withdrawn", "申诉成立，本期不作要求")
    (told,) = await inbox(weeks, HELPER_B1, "appeal_overturned")
    assert "当日系统故障" in told["body"]
    assert len(await inbox(weeks, OFFICE, "appeal_overturned")) == 1  # the flag had been put before them too
    assert (await decide(weeks, LEADER_B, appeal_id)).status_code == 409
    assert (await file(weeks, HELPER_B1, flag_id=flag["id"])).status_code == 409
    await in_health(weeks)


async def test_upheld_it_goes_to_the_county_office_once_more_and_no_further(weeks: Api):
    await join(weeks, DEPUTY)
    flag = await flag_of(weeks, HELPER_B1)
    first = await appealed(weeks, HELPER_B1, flag_id=flag["id"])
    weeks.clock.turn(days=10)
    assert (await decide(weeks, LEADER_B, first)).json()["status"] == "upheld"
    assert len(await inbox(weeks, HELPER_B1, "appeal_upheld")) == 1
    weeks.clock.turn(days=15)  # counted from the decision, not from the flag
    second = await appealed(weeks, HELPER_B1, flag_id=flag["id"])
    detail = await get(weeks, OFFICE, f"{BASE}/appeals/{second}")
    assert (detail["instance"], [each["id"] for each in detail["others"]]) == (2, [first])
    assert len(await inbox(weeks, DEPUTY, "appeal_filed")) == 1
    assert await inbox(weeks, LEADER_B, "appeal_filed") == [
        each for each in await inbox(weeks, LEADER_B, "appeal_filed") if each["about"]["appeal_id"] == first
    ]
    assert (await decide(weeks, LEADER_B, second)).status_code == 403
    assert (await decide(weeks, DEPUTY, second)).json()["status"] == "upheld"
    third = await file(weeks, HELPER_B1, flag_id=flag["id"])
    assert (third.status_code, third.json()["detail"]) == (409, "已有最终决定，不能再申诉")
    assert (await flag_of(weeks, HELPER_B1))["status"] == "open"
    acts = (await get(weeks, OFFICE, f"{BASE}/flags/{flag['id']}"))["history"]
    assert [act["action"].split(".")[0] for act in acts] == ["flag", "appeal", "appeal", "appeal", "appeal"]
    await in_health(weeks)


async def test_a_decision_is_one_look_at_where_somebody_was(weeks: Api):
    appeal_id = await appealed(weeks, HELPER_B1, flag_id=(await flag_of(weeks, HELPER_B1))["id"])
    assert (await decide(weeks, LEADER_B, appeal_id)).status_code == 200
    looked = "SELECT count(*) FROM audit_entry WHERE action = 'location.seen' AND actor_id = :who"
    assert await ask(weeks, looked, who=LEADER_B.id) == [(1,)]


async def test_who_decided_the_first_does_not_decide_the_second_while_there_is_another(weeks: Api):
    flag = await flag_of(weeks, LEADER_A, "2026-W46")
    first = await appealed(weeks, LEADER_A, flag_id=flag["id"])
    await decide(weeks, OFFICE, first)
    second = await appealed(weeks, LEADER_A, flag_id=flag["id"])
    assert (await get(weeks, OFFICE, f"{BASE}/appeals/{second}"))["may_decide"]  # there is only this office
    await join(weeks, DEPUTY)
    assert not (await get(weeks, OFFICE, f"{BASE}/appeals/{second}"))["may_decide"]
    refused = await decide(weeks, OFFICE, second)
    assert (refused.status_code, refused.json()["detail"]) == (403, "此申诉不由您决定")
    assert (await decide(weeks, DEPUTY, second, "overturn")).status_code == 200


async def test_nobody_decides_their_own_and_nobody_out_of_scope_sees_it(weeks: Api):
    appeal_id = await appealed(weeks, LEADER_A, flag_id=(await flag_of(weeks, LEADER_A, "2026-W46"))["id"])
    own = await decide(weeks, LEADER_A, appeal_id)
    assert (own.status_code, own.json()["detail"]) == (403, "不能决定本人的申诉")
    for stranger in (LEADER_B, HELPER_A1):
        assert (await decide(weeks, stranger, appeal_id)).status_code == 404
        assert (await get(weeks, stranger, f"{BASE}/appeals"))["items"] == []
    assert [each["id"] for each in (await get(weeks, OFFICE, f"{BASE}/appeals"))["items"]] == [appeal_id]


async def test_a_refused_check_in_overturned_by_another_counts_and_mends_the_duty(weeks: Api):
    await join(weeks, CHIEF)
    late = datetime(2026, 11, 19, 10, tzinfo=SHANGHAI)
    sent = await post(weeks, HELPER_B1, check_in(county.B1, at=late, position={"mock": True}))
    held = await appealed(weeks, HELPER_B1, check_in_id=sent)
    assert (await decide(weeks, LEADER_B, held)).json()["status"] == "upheld"  # it waits for its review
    weeks.clock.turn(minutes=1)
    async with await weeks.as_(LEADER_B) as leader:
        reviews = f"{BASE}/check-ins/{sent}/reviews"
        assert (await leader.post(reviews, json={"decision": "refuse", "reason": "模拟定位"})).status_code == 201
    weeks.clock.turn(hours=1)
    appeal_id = await appealed(weeks, HELPER_B1, check_in_id=sent)
    detail = await get(weeks, CHIEF, f"{BASE}/appeals/{appeal_id}")
    assert (detail["instance"], detail["check_in"]["standing"], detail["may_decide"]) == (1, "refused", True)
    assert detail["evidence"]["check_in"]["reviews"][0]["reason"] == "模拟定位"
    mark = {"id": appeal_id, "status": "open"}
    (listed,) = [each for each in (await get(weeks, HELPER_B1, "/v1/me/check-ins"))["items"] if each["id"] == sent]
    assert listed["appeal"] == mark
    assert (await get(weeks, HELPER_B1, f"/v1/me/check-ins/{sent}"))["appeal"] == mark
    found = (await get(weeks, LEADER_B, f"{BASE}/check-ins", person=HELPER_B1.id))["items"]
    assert [each["appeal"] for each in found if each["id"] == sent] == [mark]
    assert (await get(weeks, LEADER_B, f"{BASE}/check-ins/{sent}"))["appeal"] == mark

    assert (await decide(weeks, LEADER_B, appeal_id, "overturn")).status_code == 403  # who refused it
    assert (await decide(weeks, CHIEF, appeal_id, "overturn", "设备误报")).status_code == 200
    (duty,) = (await get(weeks, HELPER_B1, "/v1/me/duties", period="2026-W47"))["items"]
    assert (duty["status"], duty["done"], duty["flag"]["status"]) == ("met_late", 1, "withdrawn")
    assert len(await inbox(weeks, LEADER_B, "appeal_overturned")) == 1  # the other side: who had refused it
    counted = await file(weeks, HELPER_B1, check_in_id=sent)
    assert (counted.status_code, counted.json()["detail"]) == (409, "没有对您不利的认定，无需申诉")
    await in_health(weeks)


async def test_a_cleared_flag_may_be_appealed_and_a_withdrawn_one_need_not(weeks: Api):
    flag = await flag_of(weeks, HELPER_B1)
    async with await weeks.as_(LEADER_B) as leader:
        await leader.post(f"{BASE}/flags/{flag['id']}/clear", json={"reason": "已谈话"})
    appeal_id = await appealed(weeks, HELPER_B1, flag_id=flag["id"])
    await decide(weeks, LEADER_B, appeal_id, "overturn")
    after = await flag_of(weeks, HELPER_B1)
    assert (after["status"], after["duty"]["status"], after["appeal"]["status"]) == (
        "cleared",
        "excused",
        "overturned",
    )
    other = await flag_of(weeks, HELPER_A1, "2026-W46")
    await ask(weeks, "UPDATE flag SET status = 'withdrawn' WHERE id = :id RETURNING id", id=other["id"])
    assert (await file(weeks, HELPER_A1, flag_id=other["id"])).status_code == 409
    await in_health(weeks)


async def test_a_check_in_reviewed_while_an_appeal_is_open_has_that_one_appeal(weeks: Api):
    late = datetime(2026, 11, 19, 10, tzinfo=SHANGHAI)
    sent = await post(weeks, HELPER_B1, check_in(county.B1, at=late, position={"mock": True}))
    appeal_id = await appealed(weeks, HELPER_B1, check_in_id=sent)
    weeks.clock.turn(minutes=1)
    async with await weeks.as_(LEADER_B) as leader:
        said = {"decision": "refuse", "reason": "模拟定位"}
        assert (await leader.post(f"{BASE}/check-ins/{sent}/reviews", json=said)).status_code == 201
    again = await file(weeks, HELPER_B1, check_in_id=sent)
    assert (again.status_code, again.json()["detail"]) == (409, "已有申诉正在处理")
    assert (await decide(weeks, LEADER_B, appeal_id)).status_code == 403  # an act of their own by now
    assert (await decide(weeks, OFFICE, appeal_id, "overturn")).status_code == 200
    await in_health(weeks)


async def test_a_late_upload_before_the_decision_leaves_it_on_record_only(weeks: Api):
    flag = await flag_of(weeks, HELPER_B1)
    appeal_id = await appealed(weeks, HELPER_B1, flag_id=flag["id"])
    await post(weeks, HELPER_B1, check_in(county.B1, at=datetime(2026, 11, 19, 10, tzinfo=SHANGHAI)))
    assert (await decide(weeks, LEADER_B, appeal_id, "overturn")).json()["status"] == "overturned"
    (duty,) = (await get(weeks, HELPER_B1, "/v1/me/duties", period="2026-W47"))["items"]
    assert (duty["status"], duty["excuse"], duty["required"]) == ("met_late", None, 1)
    assert await ask(weeks, "SELECT count(*) FROM duty_waiver") == [(0,)]
    await in_health(weeks)


async def test_the_same_again_is_the_same_and_another_content_is_not(weeks: Api):
    flag, known = await flag_of(weeks, HELPER_B1), uuid4()
    first = await file(weeks, HELPER_B1, id=known, flag_id=flag["id"])
    again = await file(weeks, HELPER_B1, id=known, flag_id=flag["id"])
    assert (again.status_code, again.json()) == (200, first.json())
    with_photo = await file(weeks, HELPER_B1, id=known, flag_id=flag["id"], photo_ids=[str(uuid4())])
    assert with_photo.json()["type"] == "/problems/id-reused"
    other = await file(weeks, HELPER_B1, id=known, flag_id=flag["id"], said="另一理由")
    assert (other.status_code, other.json()["type"]) == (409, "/problems/id-reused")
    theirs = await file(weeks, HELPER_A1, id=known, flag_id=(await flag_of(weeks, HELPER_A1, "2026-W46"))["id"])
    assert theirs.status_code == 409
    second = await file(weeks, HELPER_B1, flag_id=flag["id"])
    assert (second.status_code, second.json()["detail"]) == (409, "已有申诉正在处理")


async def test_its_photos_are_shown_to_those_who_decide(weeks: Api):
    mine, theirs, to_come = uuid4(), uuid4(), uuid4()
    for who, photo_id in ((HELPER_B1, mine), (HELPER_A1, theirs)):
        async with await weeks.as_(who) as phone:
            taken = photo(shade=photo_id.int % 100)
            assert (await phone.put(f"/v1/photos/{photo_id}", content=taken)).status_code == 201
    named = [str(each) for each in (mine, theirs, to_come)]
    about = {"flag_id": (await flag_of(weeks, HELPER_B1))["id"], "photo_ids": named}
    appeal_id = await appealed(weeks, HELPER_B1, **about)
    (own,) = (await get(weeks, HELPER_B1, "/v1/me/appeals"))["items"]
    assert own["photo_ids"] == named
    shown = await get(weeks, LEADER_B, f"{BASE}/appeals/{appeal_id}")
    assert (shown["photo_ids"], [each["id"] for each in shown["photos"]]) == (named, [str(mine)])
    async with await weeks.as_(LEADER_B) as leader:
        assert (await leader.get(shown["photos"][0]["thumbnail"])).status_code == 200


async def test_filed_twice_at_once_there_is_one_and_decided_twice_at_once_one_stands(weeks: Api):
    flag = await flag_of(weeks, HELPER_B1)
    async with await weeks.as_(HELPER_B1) as phone:  # one sign-in: another on the same phone ends the first
        bodies = [{"id": str(uuid4()), "text": "当晚在村", "flag_id": flag["id"]} for _ in range(4)]
        replies = await asyncio.gather(*(phone.post("/v1/me/appeals", json=body) for body in bodies))
    assert sorted(reply.status_code for reply in replies) == [201, 409, 409, 409]
    (appeal_id,) = [reply.json()["id"] for reply in replies if reply.status_code == 201]
    answers = await asyncio.gather(
        decide(weeks, LEADER_B, appeal_id, "overturn"), decide(weeks, OFFICE, appeal_id, "uphold")
    )
    assert sorted(reply.status_code for reply in answers) == [200, 409]
    assert await ask(weeks, "SELECT count(*) FROM appeal") == [(1,)]
    decisions = "SELECT count(*) FROM audit_entry WHERE action IN ('appeal.upheld', 'appeal.overturned')"
    assert await ask(weeks, decisions) == [(1,)]
    await in_health(weeks)


async def test_bad_input(weeks: Api):
    flag = (await flag_of(weeks, HELPER_B1))["id"]
    for about, said, code in (
        ({}, "理由", "one_subject"),
        ({"flag_id": flag, "check_in_id": flag}, "理由", "one_subject"),
        ({"flag_id": flag}, " \n", "too_short"),
        ({"flag_id": flag}, "长" * 2001, "too_long"),
        ({"flag_id": flag}, "a\x00b", "bad_text"),
        ({"flag_id": "x"}, "理由", "bad_uuid"),
    ):
        reply = await file(weeks, HELPER_B1, said=said, **about)
        assert (reply.status_code, reply.json()["errors"][0]["code"]) == (422, code)
    for about in ({"flag_id": str(uuid4())}, {"check_in_id": str(uuid4())}):
        assert (await file(weeks, HELPER_B1, **about)).status_code == 404
    assert (await file(weeks, HELPER_A1, flag_id=flag)).status_code == 404  # somebody else's
    assert (await decide(weeks, OFFICE, str(uuid4()))).status_code == 404
    appeal_id = await appealed(weeks, HELPER_B1, flag_id=flag)
    for wrong in ({"decision": "count"}, {"reason": " "}, {"reason": "长" * 501}):
        assert (await decide(weeks, OFFICE, appeal_id, **wrong)).status_code == 422
    assert await ask(weeks, "SELECT status FROM appeal") == [("open",)]


async def test_the_list_holds_the_open_ones_first_and_marks_the_overdue(weeks: Api):
    ids = []
    for who, period in ((HELPER_B1, "2026-W47"), (HELPER_B1, "2026-W46"), (HELPER_A1, "2026-W46")):
        ids.append(await appealed(weeks, who, flag_id=(await flag_of(weeks, who, period))["id"]))
        weeks.clock.turn(days=1)
    await decide(weeks, OFFICE, ids[0])
    weeks.clock.now = AFTERWARDS + timedelta(days=16)  # filed on 26 November, due by the end of 11 December
    listed, cursor = [], None
    while True:
        query = {"limit": 1} | ({"cursor": cursor} if cursor else {})
        page = await get(weeks, OFFICE, f"{BASE}/appeals", **query)
        listed += page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert [each["id"] for each in listed] == [ids[1], ids[2], ids[0]]
    assert [each["overdue"] for each in listed] == [False, False, False]
    weeks.clock.turn(days=1)
    listed = (await get(weeks, OFFICE, f"{BASE}/appeals"))["items"]
    assert [each["overdue"] for each in listed] == [True, False, False]
    assert [each["id"] for each in (await get(weeks, OFFICE, f"{BASE}/appeals", status="upheld"))["items"]] == [
        ids[0]
    ]
    own = (await get(weeks, HELPER_B1, "/v1/me/appeals"))["items"]
    assert [each["id"] for each in own] == [ids[1], ids[0]]
    assert own[1]["decision"]["by"]["post"].startswith("田林县")
