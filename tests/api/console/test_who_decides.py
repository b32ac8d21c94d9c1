"""Who decides about whom, through the door: not oneself, not a peer, and an office only where it is one."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import insert

from app.directory import models
from tests.support import county
from tests.support.county import A1, B1, COUNTY, HELPER_A1, Cast
from tests.support.server import Api, check_in

BASE = f"/v1/counties/{COUNTY}"
OTHER_HEAD = Cast("乐里乡长", "13900000007", "leader", "theatre_a", "leader")
COMMANDER = Cast("县领导", "13900000008", "leader", "root", "cadre")
CLERK_B = Cast("利周文书", "13900000009", "official", "theatre_b", "office")
SHORT = {
    "kind": "annual",
    "from_date": "2026-11-19",
    "from_half": "am",
    "until_date": "2026-11-19",
    "reason": "事",
}


@pytest.fixture
async def peopled(api: Api) -> Api:
    """Beside the small county: township A's other head, a county leader in command of it, and B's clerk, who also
    inspects the whole county."""
    async with api.database.transaction() as session:
        for cast in (OTHER_HEAD, COMMANDER, CLERK_B):
            await county.add_person(session, cast)
        for cast, unit, role in ((COMMANDER, "theatre_a", "leader"), (CLERK_B, "root", "inspector")):
            post = {"county_id": COUNTY, "id": uuid4(), "person_id": cast.id, "unit_id": county.unit_id(unit)}
            await session.execute(insert(models.Post).values(**post, role=role, from_date=county.SINCE))
    return api


async def send(api: Api, who: Cast, method: str, path: str, body: Any = None) -> int:
    async with await api.as_(who) as console:
        status: int = (await console.request(method, BASE + path, json=body)).status_code
    return status


async def asked(api: Api, who: Cast) -> str:
    leave = SHORT | {"id": str(uuid4()), "until_half": "pm", "reason": "事"}
    async with await api.as_(who) as phone:
        assert (await phone.post("/v1/me/leave", json=leave)).status_code == 201
    return str(leave["id"])


async def test_leave_of_a_head_is_decided_from_further_up_and_so_are_their_check_ins(peopled: Api):
    leave_id = await asked(peopled, county.LEADER_A)
    async with await peopled.as_(county.LEADER_A) as phone:
        held = (await phone.post("/v1/check-ins", json=check_in(position={"mock": True}))).json()
    review = {"decision": "count", "reason": "属实"}
    for path, body in (
        (f"/leave/{leave_id}/approve", {"reason": "同意"}),
        (f"/check-ins/{held['id']}/reviews", review),
    ):
        assert await send(peopled, OTHER_HEAD, "POST", path, body) == 403
        assert await send(peopled, county.LEADER_A, "POST", path, body) == 403
        assert await send(peopled, COMMANDER, "POST", path, body) in (200, 201)


async def test_the_one_told_of_a_head_is_who_may_decide(peopled: Api):
    await asked(peopled, county.LEADER_A)
    told = {}
    for cast in (OTHER_HEAD, COMMANDER):
        async with await peopled.as_(cast) as phone:
            told[cast.name] = [each["kind"] for each in (await phone.get("/v1/me/notices")).json()["items"]]
    assert told == {OTHER_HEAD.name: [], COMMANDER.name: ["leave_asked"]}


async def test_an_office_elsewhere_that_only_looks_on_here_revokes_nothing(peopled: Api):
    here, there = await asked(peopled, HELPER_A1), await asked(peopled, county.HELPER_B1)
    reason = {"reason": "调整"}
    for leave_id in (here, there):
        assert await send(peopled, county.OFFICE, "POST", f"/leave/{leave_id}/approve", reason) == 200
    assert await send(peopled, CLERK_B, "POST", f"/leave/{here}/revoke", reason) == 403
    assert await send(peopled, CLERK_B, "POST", f"/leave/{there}/revoke", reason) == 200


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/assignments", {"person_id": "{person}", "village_id": "{village}", "from_date": "2027-01-01"}),
        ("PUT", "/people/{person}/service", {"until_date": "2026-12-01"}),
    ],
)
async def test_the_roster_is_each_offices_own(peopled: Api, method: str, path: str, body: dict[str, str]):
    def about(person: UUID, village: str) -> tuple[str, dict[str, str]]:
        fill = {"person": str(person), "village": village}
        return path.format(**fill), {name: value.format(**fill) for name, value in body.items()}

    assert await send(peopled, CLERK_B, method, *about(HELPER_A1.id, A1)) == 403
    assert await send(peopled, CLERK_B, method, *about(CLERK_B.id, B1)) == 403, "nobody changes their own"
    assert await send(peopled, CLERK_B, method, *about(county.HELPER_B1.id, county.B2)) in (200, 201)


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", "/calendar/2026-12-01", {"working": False, "name": "休", "source": "县办"}),
        ("GET", "/notice-settings", None),
        ("POST", f"/rules/{county.VISIT_RULE}/end", {"effective_until": "2027-01-04"}),
    ],
)
async def test_what_holds_in_the_whole_county_is_its_own_offices(peopled: Api, method: str, path: str, body: Any):
    assert await send(peopled, CLERK_B, method, path, body) == 403
