"""Leave through both doors: asked, decided by whom it concerns, and what it does to what is owed."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import insert, text

from app.directory import models
from app.worker import tick
from tests.support import county
from tests.support.county import COUNTY, HELPER_A1, Cast
from tests.support.server import Api

BASE = f"/v1/counties/{COUNTY}"


def wish(**changes: Any) -> dict[str, Any]:
    """The whole of week 47, seven days: the county's to decide."""
    return {
        "id": str(uuid4()),
        "kind": "filed_duty",
        "from_date": "2026-11-16",
        "from_half": "am",
        "until_date": "2026-11-22",
        "until_half": "pm",
        "reason": "县里培训",
    } | changes


SHORT = {"from_date": "2026-11-19", "until_date": "2026-11-19", "until_half": "am"}


async def ask(api: Api, body: dict[str, Any], who: Cast = HELPER_A1, path: str = "") -> Any:
    async with await api.as_(who, **{"Accept-Language": "en"}) as phone:
        return await phone.post(f"/v1/me/leave{path}", json=body)


async def decide(api: Api, leave_id: str, what: str, who: Cast, reason: str = "同意") -> Any:
    async with await api.as_(who, **{"Accept-Language": "en"}) as console:
        return await console.post(f"{BASE}/leave/{leave_id}/{what}", json={"reason": reason})


async def listed(api: Api, who: Cast = county.OFFICE, **query: Any) -> list[dict[str, Any]]:
    async with await api.as_(who) as console:
        reply = await console.get(f"{BASE}/leave", params=query)
    assert reply.status_code == 200, reply.text
    found: list[dict[str, Any]] = reply.json()["items"]
    return found


async def notices_of(api: Api, who: Cast) -> list[str]:
    async with await api.as_(who) as phone:
        return [notice["kind"] for notice in (await phone.get("/v1/me/notices")).json()["items"]]


async def status_of_visits(api: Api) -> str:
    async with await api.as_(HELPER_A1) as phone:
        duties = (await phone.get("/v1/me/duties")).json()["items"]
    (found,) = [duty for duty in duties if duty["rule"]["measure"] == "visits"]
    return str(found["status"])


async def test_filed_duty_is_decided_by_the_county_and_excuses(api: Api):
    body = wish()
    filed = await ask(api, body)
    assert filed.status_code == 201, filed.text
    assert (filed.json()["level"], filed.json()["days"], filed.json()["retroactive"]) == ("county", 7, True)
    assert (await ask(api, body)).status_code == 200
    assert (await ask(api, body | {"reason": "别的"})).status_code == 409
    assert await notices_of(api, county.OFFICE) == ["leave_asked"]
    assert (await decide(api, body["id"], "approve", county.LEADER_A)).status_code == 403
    assert await status_of_visits(api) == "open"
    approved = await decide(api, body["id"], "approve", county.OFFICE)
    assert approved.status_code == 200, approved.text
    assert (approved.json()["status"], approved.json()["decision"]["by"]["name"]) == ("approved", "办公室")
    (change,) = approved.json()["changed"]
    assert (change["required_before"], change["duty"]["required"]) == (1, 0)
    assert (change["status_before"], change["duty"]["status"]) == ("open", "excused")
    assert "on approved leave" in change["duty"]["explanation"]
    assert await status_of_visits(api) == "excused"
    assert await notices_of(api, HELPER_A1) == ["leave_approved"]
    assert (await decide(api, body["id"], "refuse", county.OFFICE)).status_code == 409


async def test_up_to_three_days_the_leader_decides(api: Api):
    body = wish(**SHORT)
    assert (await ask(api, body)).json()["level"] == "township"
    assert await notices_of(api, county.LEADER_A) == ["leave_asked"]
    (waiting,) = await listed(api, county.LEADER_A, status="asked")
    assert (waiting["id"], waiting["may_decide"], waiting["days"]) == (body["id"], True, 0.5)
    assert (await decide(api, body["id"], "approve", county.LEADER_B)).status_code == 404
    refused = await decide(api, body["id"], "refuse", county.LEADER_A, "人手不足")
    assert (refused.json()["status"], refused.json()["decision"]["reason"]) == ("refused", "人手不足")
    async with await api.as_(HELPER_A1) as phone:
        (own,) = (await phone.get("/v1/me/leave")).json()["items"]
    assert own["decision"]["reason"] == "人手不足"


async def test_of_two_who_decide_at_once_one_wins(api: Api):
    body = wish(**SHORT)
    await ask(api, body)
    replies = await asyncio.gather(
        decide(api, body["id"], "approve", county.LEADER_A), decide(api, body["id"], "refuse", county.OFFICE)
    )
    assert sorted(reply.status_code for reply in replies) == [200, 409]
    (won,) = [reply.json() for reply in replies if reply.status_code == 200]
    assert (await listed(api))[0]["status"] == won["status"]
    assert await notices_of(api, HELPER_A1) == [f"leave_{won['status']}"]


async def test_who_leads_elsewhere_and_only_looks_on_here_does_not_decide(api: Api):
    """Leader of township B and inspector of the county: sees all leave, decides about B's."""
    async with api.database.transaction() as session:
        post = {
            "county_id": COUNTY,
            "id": uuid4(),
            "person_id": county.LEADER_B.id,
            "unit_id": county.unit_id("root"),
            "role": "inspector",
            "from_date": county.SINCE,
        }
        await session.execute(insert(models.Post).values(**post))
    here, there = wish(**SHORT), wish(**SHORT)
    await ask(api, here)
    await ask(api, there, county.HELPER_B1)
    may = {item["id"]: item["may_decide"] for item in await listed(api, county.LEADER_B)}
    assert may == {here["id"]: False, there["id"]: True}
    assert (await decide(api, here["id"], "approve", county.LEADER_B)).status_code == 403
    assert (await decide(api, there["id"], "approve", county.LEADER_B)).status_code == 200


async def test_what_was_filed_in_time_may_be_sent_again_when_it_no_longer_is(api: Api):
    body = wish(from_date="2026-10-18", until_date="2026-10-18")
    assert (await ask(api, body)).status_code == 201, "31 days back"
    api.clock.turn(days=1)
    assert (await ask(api, body)).status_code == 200
    late = await ask(api, body | {"id": str(uuid4())})
    assert (late.status_code, late.json()["errors"][0]["code"]) == (422, "too_late")


async def test_an_id_that_is_somebody_elses_is_said_to_be_taken(api: Api):
    body = wish(**SHORT)
    assert (await ask(api, body)).status_code == 201
    for who, changes in ((county.HELPER_B1, {}), (HELPER_A1, {"reason": "另有事由"}), (county.HELPER_B1, wish())):
        reply = await ask(api, wish() | body | changes | {"id": body["id"]}, who)
        assert (reply.status_code, reply.json()["type"]) == (409, "/problems/id-reused")
        assert reply.json()["detail"] == "This id already holds other content"
    overlapping = await ask(api, body | {"id": str(uuid4())})
    assert (overlapping.status_code, overlapping.json()["type"]) == (409, "/problems/conflict")


async def test_nobody_decides_about_their_own(api: Api):
    body = wish(**SHORT)
    await ask(api, body, county.LEADER_A)
    assert (await decide(api, body["id"], "approve", county.LEADER_A)).status_code == 403
    assert (await listed(api, county.LEADER_A))[0]["may_decide"] is False


async def test_taken_back_and_returned_from(api: Api):
    coming = wish(**SHORT)
    await ask(api, coming)
    taken = await ask(api, {}, path=f"/{coming['id']}/withdraw")
    assert (taken.status_code, taken.json()["status"]) == (200, "withdrawn")
    running = wish(from_date="2026-11-17", until_date="2026-11-18")
    await ask(api, running)
    await decide(api, running["id"], "approve", county.LEADER_A)
    api.clock.turn(days=1)
    (shown,) = await listed(api, status="approved")
    assert shown["overrun"] is True
    back = await ask(api, {}, path=f"/{running['id']}/return")
    assert (back.status_code, back.json()["returned_at"] is not None) == (200, True)
    assert (await ask(api, {}, path=f"/{running['id']}/return")).status_code == 409
    assert (await ask(api, {}, county.HELPER_B1, f"/{running['id']}/return")).status_code == 404


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"until_date": "2026-11-15"}, "/until_date"),
        ({"until_date": "2028-11-15"}, "/until_date"),
        ({"from_date": "2026-01-01"}, "/from_date"),
        ({"from_date": "9999-12-31"}, "/from_date"),
        ({"kind": "holiday"}, "/kind"),
        ({"reason": "\u0000"}, "/reason"),
        ({"reason": "  "}, "/reason"),
    ],
)
async def test_bad_leave_is_refused_at_its_field(api: Api, changes: dict[str, Any], pointer: str):
    reply = await ask(api, wish(**changes))
    assert reply.status_code == 422, reply.text
    assert reply.json()["errors"][0]["pointer"] == pointer


async def test_what_waits_comes_first_and_pages_follow(api: Api):
    for day in ("2026-11-10", "2026-11-12", "2026-11-14"):
        body = wish(from_date=day, until_date=day)
        await ask(api, body)
        api.clock.turn(minutes=1)
    await decide(api, body["id"], "approve", county.LEADER_A)
    everything = [item["from_date"] for item in await listed(api)]
    assert everything == ["2026-11-12", "2026-11-10", "2026-11-14"]
    async with await api.as_(county.OFFICE) as office:
        first = (await office.get(f"{BASE}/leave", params={"limit": 2})).json()
        rest = (await office.get(f"{BASE}/leave", params={"limit": 2, "cursor": first["next_cursor"]})).json()
    assert [item["from_date"] for item in first["items"] + rest["items"]] == everything
    assert [item["from_date"] for item in await listed(api, **{"from": "2026-11-12", "to": "2026-11-13"})] == [
        "2026-11-12"
    ]


async def revoke(api: Api, leave_id: str, who: Cast = county.OFFICE, **body: Any) -> Any:
    async with await api.as_(who, **{"Accept-Language": "en"}) as console:
        return await console.post(f"{BASE}/leave/{leave_id}/revoke", json={"reason": "紧急防汛"} | body)


async def approved(api: Api, **changes: Any) -> str:
    body = wish(**changes)
    await ask(api, body)
    assert (await decide(api, body["id"], "approve", county.OFFICE)).status_code == 200
    return str(body["id"])


async def test_the_office_revokes_altogether_and_all_of_it_is_owed_again(api: Api):
    leave_id = await approved(api)
    assert await status_of_visits(api) == "excused"
    assert [item["may_revoke"] for item in await listed(api)] == [True]
    assert [item["may_revoke"] for item in await listed(api, county.LEADER_A)] == [False]
    assert (await revoke(api, leave_id, county.LEADER_A)).status_code == 403
    assert (await revoke(api, leave_id, county.LEADER_B)).status_code == 404
    reply = await revoke(api, leave_id)
    assert reply.status_code == 200, reply.text
    assert (reply.json()["revoked"], reply.json()["returned_at"]) == (
        {"from_date": "2026-11-16", "from_half": "am"},
        None,
    )
    assert (reply.json()["decision"]["reason"], reply.json()["may_revoke"]) == ("紧急防汛", False)
    (change,) = reply.json()["changed"]
    assert (change["status_before"], change["duty"]["status"]) == ("excused", "open")
    assert await status_of_visits(api) == "open"
    assert (await revoke(api, leave_id)).status_code == 409
    async with await api.as_(HELPER_A1, **{"Accept-Language": "en"}) as phone:
        told, *_ = (await phone.get("/v1/me/notices")).json()["items"]
        (own,) = (await phone.get("/v1/me/leave")).json()["items"]
    assert (told["kind"], "from 16 November on" in told["body"]) == ("leave_revoked", True)
    assert (own["revoked"]["from_date"], own["decision"]["reason"]) == ("2026-11-16", "紧急防汛")
    assert (await ask(api, wish(from_date="2026-11-15"))).status_code == 201, "what was revoked is in no one's way"
    (entry,) = await acts(api, "leave.revoked")
    assert (entry.detail["reason"], entry.detail["duties"][0]["status"]) == ("紧急防汛", ["excused", "open"])


async def test_revoked_from_a_half_day_on_the_rest_stays_leave(api: Api):
    leave_id = await approved(api)
    reply = await revoke(api, leave_id, from_date="2026-11-20", from_half="pm")
    assert reply.json()["revoked"] == {"from_date": "2026-11-20", "from_half": "pm"}
    assert await status_of_visits(api) == "open", "a weekly visit is off only where the whole week is"
    earlier = await revoke(api, leave_id, from_date="2026-11-19")
    assert (earlier.status_code, earlier.json()["revoked"]["from_date"]) == (200, "2026-11-19")
    assert (await revoke(api, leave_id, from_date="2026-11-19")).status_code == 409
    beyond = await revoke(api, leave_id, from_date="2026-11-23")
    assert (beyond.status_code, beyond.json()["errors"][0]["pointer"]) == (422, "/from_date")
    back = await ask(api, {}, path=f"/{leave_id}/return")
    assert (back.status_code, back.json()["revoked"]) == (200, None), "back on Wednesday, before Thursday"
    assert await notices_of(api, HELPER_A1) == ["leave_revoked", "leave_revoked", "leave_approved"]


async def test_revoked_when_the_week_is_over_a_duty_is_missed_and_flagged(api: Api):
    leave_id = await approved(api)
    api.clock.turn(days=8)
    await tick(api.service, api.clock)
    before = await acts(api, "flag.raised", HELPER_A1)  # of other weeks
    (change,) = (await revoke(api, leave_id)).json()["changed"]
    assert (change["status_before"], change["duty"]["status"]) == ("excused", "missed")
    assert len(await acts(api, "flag.raised", HELPER_A1)) == len(before) + 1


async def test_what_is_not_approved_is_not_revoked_nor_is_ones_own(api: Api):
    body = wish()
    await ask(api, body)
    assert (await revoke(api, body["id"])).status_code == 409
    own = wish()
    await ask(api, own, county.OFFICE)
    assert (await revoke(api, own["id"])).status_code == 403


async def acts(api: Api, action: str, about: Cast | None = None) -> list[Any]:
    """What the audit log holds of one kind; of flags, those about a person."""
    async with api.database.transaction() as session:
        return list(
            await session.execute(
                text(
                    "SELECT entry.* FROM audit_entry AS entry WHERE action = :action"
                    " AND (CAST(:about AS uuid) IS NULL"
                    " OR subject IN (SELECT 'flag:' || id FROM flag WHERE person_id = :about))"
                ),
                {"action": action, "about": about and about.id},
            )
        )
