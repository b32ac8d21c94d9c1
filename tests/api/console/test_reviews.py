"""Reviews: who may decide, what it changes, who is told; the queue; and what was found on site."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import text

from tests.api.console.conftest import post
from tests.support import county
from tests.support.county import B1, COUNTY, VISIT_RULE, Cast
from tests.support.server import WEDNESDAY_NIGHT, Api, check_in

BASE = f"/v1/counties/{COUNTY}"


async def review(
    client: httpx.AsyncClient,
    check_in_id: str,
    decision: object = "count",
    reason: object = "已电话核实",
    **more: Any,
) -> httpx.Response:
    body = {"decision": decision, "reason": reason, **more}
    return await client.post(f"{BASE}/check-ins/{check_in_id}/reviews", json=body)


async def held(api: Api, who: Cast = county.HELPER_A1, **changes: Any) -> str:
    """A check-in from a phone that simulates its location."""
    return await post(api, who, check_in(position={"mock": True}, **changes))


async def duty_and_flag(client: httpx.AsyncClient, who: Cast) -> tuple[str, str | None]:
    query = {"rule": VISIT_RULE, "period": "2026-W47", "person": who.id}
    (duty,) = (await client.get(f"{BASE}/duties", params=query)).json()["items"]
    flags = (await client.get(f"{BASE}/flags")).json()["items"]
    return duty["status"], next((flag["status"] for flag in flags if flag["duty"]["id"] == duty["id"]), None)


async def inbox(api: Api, who: Cast, **headers: str) -> list[dict[str, Any]]:
    async with await api.as_(who, **headers) as phone:
        found: list[dict[str, Any]] = (await phone.get("/v1/me/notices")).json()["items"]
    return found


async def audited(api: Api, subject: str) -> list[tuple[Any, ...]]:
    async with api.database.transaction() as session:
        found = await session.execute(
            text(
                "SELECT action, actor_id, detail FROM audit_entry"
                " WHERE county_id = :c AND subject = :s ORDER BY at"
            ),
            {"c": COUNTY, "s": subject},
        )
        return [tuple(row) for row in found]


async def test_counted_on_review_with_reason_reviewer_and_duties(api: Api):
    sent = await held(api)
    async with await api.as_(county.LEADER_A) as leader:
        assert await duty_and_flag(leader, county.HELPER_A1) == ("open", None)
        reply = await review(leader, sent, reason="  已电话核实\n")
        assert reply.status_code == 201, reply.text
        body = reply.json()
        assert body == (await leader.get(f"{BASE}/check-ins/{sent}")).json()
        assert await duty_and_flag(leader, county.HELPER_A1) == ("met", None)
        (listed,) = (await leader.get(f"{BASE}/check-ins")).json()["items"]
    assert listed["review"] == {
        name: said for name, said in body["reviews"][0].items() if name not in {"id", "before"}
    }
    assert body["standing"] == "counted"
    assert [reason["code"] for reason in body["reasons"]] == ["mock_location"]  # what was odd stays
    (said,) = body["reviews"]
    review_id = said.pop("id")
    assert said == {
        "decision": "count",
        "reason": "已电话核实",
        "reviewer": {"id": str(county.LEADER_A.id), "name": "乐里领导", "category": "leader"},
        "post": "乐里战区",
        "at": "2026-11-18T12:10:00Z",
        "before": "held",
        "visited_at": None,
    }
    ((action, actor, detail),) = await audited(api, f"check_in:{sent}")
    assert (action, actor) == ("check_in.reviewed", county.LEADER_A.id)
    assert detail == {"review_id": review_id, "before": "held", "decision": "count"}


async def test_the_person_is_told_by_which_post_and_reads_the_reason(api: Api):
    sent = await held(api)
    async with await api.as_(county.HELPER_A1) as phone:
        assert (await phone.get(f"/v1/me/check-ins/{sent}")).json()["review"] is None
    async with await api.as_(county.LEADER_A) as leader:
        api.clock.turn(minutes=1)
        await review(leader, sent)
        api.clock.turn(minutes=1)
        await review(leader, sent, "refuse", "照片与村委会不符")
    refused, counted, _held = await inbox(api, county.HELPER_A1)
    assert (refused["kind"], counted["kind"]) == ("check_in_refused", "check_in_counted")
    assert counted["body"] == "您11月18日的一次签到经乐里战区核实，计入任务，理由见签到详情。"
    assert refused["about"]["check_in_id"] == sent
    assert "申诉" in refused["body"]
    english = await inbox(api, county.HELPER_A1, **{"Accept-Language": "en"})
    assert english[0]["body"].startswith("乐里战区 reviewed your check-in of 18 November: it does not count.")
    async with await api.as_(county.HELPER_A1) as phone:
        own = (await phone.get(f"/v1/me/check-ins/{sent}")).json()
    assert own["standing"] == "refused"
    assert own["review"] == {
        "decision": "refuse",
        "reason": "照片与村委会不符",
        "reviewer": {"id": str(county.LEADER_A.id), "name": "乐里领导", "post": "乐里战区"},
        "at": "2026-11-18T12:12:00Z",
        "visited_at": None,
    }


async def test_any_standing_may_be_reviewed_and_the_latest_review_stands(api: Api):
    counted = await post(api, county.HELPER_A1, check_in())
    outside = await post(api, county.HELPER_A1, check_in(B1, at=WEDNESDAY_NIGHT - timedelta(hours=9)))
    async with await api.as_(county.OFFICE) as office:
        for sent, decision, standing in (
            (counted, "refuse", "refused"),
            (counted, "count", "counted"),
            (outside, "count", "counted"),
            (outside, "refuse", "refused"),
            (outside, "count", "counted"),
        ):
            reply = await review(office, sent, decision)
            assert (reply.status_code, reply.json()["standing"]) == (201, standing)
            api.clock.turn(minutes=1)
        befores = [each["before"] for each in (await office.get(f"{BASE}/check-ins/{outside}")).json()["reviews"]]
    assert befores == ["outside", "counted", "refused"]


@pytest.mark.parametrize(
    ("language", "detail"), [("zh-CN", "这条签到现为“计入”"), ("en", "The check-in stands as counted by now")]
)
async def test_what_stands_already_is_a_conflict(api: Api, language: str, detail: str):
    sent = await post(api, county.HELPER_A1, check_in())
    async with await api.as_(county.LEADER_A, **{"Accept-Language": language}) as leader:
        for reply in (await review(leader, sent), await review(leader, sent, "refuse", seen="held")):
            assert (reply.status_code, reply.json()["type"]) == (409, "/problems/conflict")
            assert reply.json()["detail"] == detail
        found = (await leader.get(f"{BASE}/check-ins/{sent}")).json()
        assert (found["standing"], found["reviews"]) == ("counted", [])
        assert (await review(leader, sent, "refuse", seen="counted")).status_code == 201


async def test_a_review_turns_duties_and_flags_both_ways_after_closing(weeks: Api):
    async with await weeks.as_(county.LEADER_B) as leader:
        assert await duty_and_flag(leader, county.HELPER_B1) == ("missed", "open")
        (sent,) = (await leader.get(f"{BASE}/check-ins", params={"person": county.HELPER_B1.id})).json()["items"]
        await review(leader, sent["id"], reason="入户到易地搬迁户家中")
        assert await duty_and_flag(leader, county.HELPER_B1) == ("met", "withdrawn")
    weeks.clock.turn(days=1)  # of one day a person is told so much and no more
    async with await weeks.as_(county.LEADER_B) as leader:
        await review(leader, sent["id"], "refuse", "经核查未入户")
        assert await duty_and_flag(leader, county.HELPER_B1) == ("missed", "open")
    kinds = [notice["kind"] for notice in await inbox(weeks, county.HELPER_B1)]
    assert kinds.count("check_in_counted") == kinds.count("check_in_refused") == 1


async def test_out_of_sight_is_not_found_and_nobody_decides_on_their_own(api: Api):
    theirs, own = await held(api), await held(api, county.LEADER_A)
    verification = {"finding": "confirmed", "note": "", "verified_at": WEDNESDAY_NIGHT.isoformat()}
    for who, sent, status in (
        (county.LEADER_B, theirs, 404),
        (county.RESIDENT_A2, theirs, 404),
        (county.HELPER_A1, theirs, 403),
        (county.LEADER_A, own, 403),
        (county.OFFICE, theirs.replace(theirs[:8], "00000000"), 404),
    ):
        async with await api.as_(who) as client:
            verified = await client.post(f"{BASE}/check-ins/{sent}/verifications", json=verification)
            for reply in (await review(client, sent), verified):
                assert reply.status_code == status, reply.text
    async with await api.as_(county.STRANGER) as stranger:
        assert (await review(stranger, theirs)).status_code == 404
    async with await api.as_(county.HELPER_A1) as cadre:
        assert (await review(cadre, theirs)).json()["detail"] == "不能核实本人的签到"
        assert (await cadre.get(f"/v1/me/check-ins/{theirs}")).json()["standing"] == "held"


async def test_what_is_said_must_be_sayable(api: Api):
    sent = await held(api)
    wrong_reasons = {
        "": "too_short",
        " \n ": "too_short",
        "长" * 501: "too_long",
        "a\x00": "bad_text",
        7: "not_a_string",
    }
    async with await api.as_(county.OFFICE) as office:
        for reason, code in wrong_reasons.items():
            reply = await review(office, sent, reason=reason)
            assert reply.status_code == 422
            (error,) = reply.json()["errors"]
            assert (error["pointer"], error["code"]) == ("/reason", code)
        for body in (
            b'{"decision": "count", "reason": "\\ud800"}',
            b'{"decision": "maybe", "reason": "x"}',
            b'{"reason": "x"}',
            b"[]",
            b"null",
        ):
            reply = await office.post(
                f"{BASE}/check-ins/{sent}/reviews", content=body, headers={"content-type": "application/json"}
            )
            assert reply.status_code == 422, body
        assert (await office.get(f"{BASE}/check-ins/{sent}")).json()["reviews"] == []


async def test_the_queue_is_the_oldest_first_and_counts_what_one_may_decide(api: Api):
    async with await api.as_(county.OFFICE) as office:
        nothing = (await office.get(f"{BASE}/reviews/summary")).json()
        assert nothing == {"held": 0, "oldest_captured_at": None}
    hours = [WEDNESDAY_NIGHT - timedelta(hours=hour) for hour in (2, 5, 1, 1)]
    sent = [await held(api, at=at) for at in hours]
    own = await held(api, county.LEADER_A)
    await held(api, county.HELPER_B1)
    await post(api, county.HELPER_A1, check_in())
    async with await api.as_(county.LEADER_A) as leader:
        found: list[str] = []
        query: dict[str, Any] = {"standing": "held", "order": "oldest", "limit": 2}
        while True:
            reply = (await leader.get(f"{BASE}/check-ins", params=query)).json()
            found += [item["id"] for item in reply["items"]]
            if reply["next_cursor"] is None:
                break
            query["cursor"] = reply["next_cursor"]
        assert found == [sent[1], sent[0], *sorted(sent[2:]), own]
        newest = {"cursor": query["cursor"]}
        assert (
            await leader.get(f"{BASE}/check-ins", params=newest)
        ).status_code == 422  # a cursor of the other order
        waiting = {"held": 4, "oldest_captured_at": "2026-11-18T07:10:00Z"}
        assert (await leader.get(f"{BASE}/reviews/summary")).json() == waiting
        await review(leader, sent[1])
        assert (await leader.get(f"{BASE}/reviews/summary")).json()["held"] == 3
    async with await api.as_(county.HELPER_A1) as cadre:
        assert (await cadre.get(f"{BASE}/reviews/summary")).json()["held"] == 0


async def test_what_was_found_on_site_is_kept_and_changes_no_standing(api: Api):
    sent = await held(api)
    path = f"{BASE}/check-ins/{sent}/verifications"
    api.clock.turn(days=1)
    async with await api.as_(county.OFFICE) as office:
        for wrong, code in {
            "2026-11-18T20:00:00+08:00": "before_check_in",
            "2026-11-19T20:30:00+08:00": "in_the_future",
            "0001-01-01T00:00:00+14:00": "out_of_range",
            "9999-12-31T23:59:59-12:00": "out_of_range",
            "2026-11-18T20:30:00": "no_offset",
            "gestern": "bad_time",
        }.items():
            reply = await office.post(path, json={"finding": "confirmed", "note": "", "verified_at": wrong})
            assert reply.status_code == 422
            (error,) = reply.json()["errors"]
            assert (error["pointer"], error["code"]) == ("/verified_at", code)
        said = {"finding": "unfounded", "note": "本人在场", "verified_at": "2026-11-19T10:00:00+08:00"}
        reply = await office.post(path, json=said)
    assert reply.status_code == 201, reply.text
    assert reply.json()["standing"] == "held"
    (kept,) = reply.json()["verifications"]
    assert kept.pop("id")
    assert kept == {
        "finding": "unfounded",
        "note": "本人在场",
        "verifier": {"id": str(county.OFFICE.id), "name": "办公室", "category": "official"},
        "verified_at": "2026-11-19T02:00:00Z",
        "at": "2026-11-19T12:10:00Z",
    }
    ((action, actor, detail),) = await audited(api, f"check_in:{sent}")
    assert (action, actor, detail["finding"]) == ("check_in.verified", county.OFFICE.id, "unfounded")


async def test_the_queue_begins_with_what_duties_wait_for(api: Api):
    """What came too late for anybody to wait for it is last; one's own is no part of it."""
    beside = await held(api, at=WEDNESDAY_NIGHT - timedelta(days=30))
    later = await held(api, county.HELPER_B1)
    earlier = await held(api, county.HELPER_B1, at=WEDNESDAY_NIGHT - timedelta(days=1))
    api.clock.turn(minutes=1)
    sooner = await held(api, at=WEDNESDAY_NIGHT - timedelta(days=7))
    await held(api, county.LEADER_A)
    api.clock.turn(days=2, minutes=-1)
    async with await api.as_(county.LEADER_A) as leader:
        own = (await leader.get(f"{BASE}/reviews")).json()["items"]
    assert [item["id"] for item in own] == [sooner, beside]
    async with await api.as_(county.OFFICE) as office:
        found: list[dict[str, Any]] = []
        query: dict[str, Any] = {"limit": 1}
        while query.get("cursor", "first"):
            reply = (await office.get(f"{BASE}/reviews", params=query)).json()
            found += reply["items"]
            query["cursor"] = reply["next_cursor"]
    shown = [item for item in found if item["person"]["name"] != county.LEADER_A.name]
    assert [item["id"] for item in shown] == [sooner, earlier, later, beside]
    first, second, _, last = shown
    (duty,) = first["duties"]
    assert (duty["rule"]["id"], duty["period"]) == (str(VISIT_RULE), "2026-W46")
    assert [each["period"] for each in second["duties"]] == ["2026-W47"]
    assert (first["overdue"], second["overdue"]) == (False, True)
    assert last["overdue"]


async def test_a_refusal_after_the_time_raises_the_flag_at_once(weeks: Api):
    """Both weeks are closed; what is uploaded late and held opens the last one again."""
    api = weeks
    sent = await held(api, county.HELPER_B1, at=WEDNESDAY_NIGHT)
    async with await api.as_(county.OFFICE) as office:
        assert await duty_and_flag(office, county.HELPER_B1) == ("open", "withdrawn")
        (flag,) = (
            flag
            for flag in (await office.get(f"{BASE}/flags", params={"status": "withdrawn"})).json()["items"]
            if flag["person"]["id"] == str(county.HELPER_B1.id)
        )
        assert flag["reason"] == "有签到待核实，暂不定论"
        assert flag["duty"]["review_due_at"] == (api.clock() + timedelta(days=10)).isoformat()
        await review(office, sent, "refuse")
        assert await duty_and_flag(office, county.HELPER_B1) == ("missed", "open")


ROLLED = WEDNESDAY_NIGHT - timedelta(weeks=1024)
REALLY = WEDNESDAY_NIGHT - timedelta(minutes=10)


async def test_a_review_says_when_a_visit_with_a_wrong_time_took_place(api: Api):
    sent = await post(api, county.HELPER_A1, check_in(at=ROLLED))
    async with await api.as_(county.LEADER_A) as leader:
        before = (await leader.get(f"{BASE}/check-ins/{sent}")).json()
        assert (before["standing"], before["place"], before["night_of"]) == ("held", "outside", "2007-04-04")
        assert before["visited_at"] == before["captured_at"] == "2007-04-04T12:10:00Z"
        reply = await review(leader, sent, visited_at=REALLY.isoformat())
        assert reply.status_code == 201, reply.text
        body = reply.json()
        assert await duty_and_flag(leader, county.HELPER_A1) == ("met", None)
        week = {"from": "2026-11-16T00:00:00+08:00", "to": "2026-11-23T00:00:00+08:00"}
        listed = (await leader.get(f"{BASE}/check-ins", params=week)).json()["items"]
    assert (body["captured_at"], body["visited_at"]) == ("2007-04-04T12:10:00Z", "2026-11-18T12:00:00Z")
    assert (body["standing"], body["place"], body["village"]["id"]) == ("counted", "inside", county.A1)
    assert (body["night_of"], body["late_s"]) == ("2026-11-18", 600)
    assert body["raw"]["fixed_at"] == "2007-04-04T12:10:00Z"  # what the phone said stays
    assert body["reviews"][0]["visited_at"] == "2026-11-18T12:00:00Z"
    assert [each["cause"] for each in body["rejudgements"]] == ["time"]
    assert [item["id"] for item in listed] == [sent]
    told = (await inbox(api, county.HELPER_A1))[0]
    assert (told["kind"], told["about"]["day"]) == ("check_in_counted", "2026-11-18")
    async with await api.as_(county.HELPER_A1) as phone:
        own = (await phone.get("/v1/me/check-ins", params={"since": week["from"]})).json()["items"]
        again = await phone.post("/v1/check-ins", json=check_in(at=ROLLED, id=UUID(sent)))
    assert [item["visited_at"] for item in own] == ["2026-11-18T12:00:00Z"]
    assert again.status_code == 200
    ((_, _, detail),) = await audited(api, f"check_in:{sent}")
    assert detail["visited_at"][0].startswith("2007-04-04")


async def test_nobody_is_told_that_a_check_in_counts_when_it_does_not(api: Api):
    """Accepted without a word of when it was, it lies in a year in which nothing was owed."""
    sent = await post(api, county.HELPER_A1, check_in(at=ROLLED))
    async with await api.as_(county.LEADER_A) as leader:
        assert (await review(leader, sent)).json()["standing"] == "counted"
        (told, *_) = await inbox(api, county.HELPER_A1)
        assert told["kind"] == "check_in_accepted"
        assert "没有计入任务：这一天没有需要完成的任务" in told["body"]
        assert "计入任务，" not in told["body"]
        assert (await review(leader, sent)).status_code == 409
        api.clock.turn(minutes=1)
        assert (await review(leader, sent, visited_at=REALLY.isoformat())).status_code == 201  # now with the time
        assert await duty_and_flag(leader, county.HELPER_A1) == ("met", None)
    assert (await inbox(api, county.HELPER_A1))[0]["kind"] == "check_in_counted"


async def test_what_stands_for_nothing_more_is_told_as_that(api: Api):
    await post(api, county.HELPER_A1, check_in(at=WEDNESDAY_NIGHT - timedelta(minutes=20)))
    sent = await held(api)
    async with await api.as_(county.LEADER_A) as leader:
        await review(leader, sent)
    (told, *_) = await inbox(api, county.HELPER_A1)
    assert (told["kind"], "已计一次" in told["body"]) == ("check_in_accepted", True)


async def test_a_time_must_be_one_that_can_be(api: Api):
    sent = await post(api, county.HELPER_A1, check_in(at=ROLLED))
    tomorrow = (WEDNESDAY_NIGHT + timedelta(days=1)).isoformat()
    async with await api.as_(county.LEADER_A) as leader:
        for decision, at, code in (
            ("count", tomorrow, "after_upload"),
            ("refuse", REALLY.isoformat(), "only_when_counted"),
            ("count", "2026-11-18", "no_offset"),
            ("count", 1795003800, "bad_time"),
        ):
            reply = await review(leader, sent, decision, visited_at=at)
            (error,) = reply.json()["errors"]
            assert (reply.status_code, error["pointer"], error["code"]) == (422, "/visited_at", code)
        assert (await leader.get(f"{BASE}/check-ins/{sent}")).json()["standing"] == "held"
