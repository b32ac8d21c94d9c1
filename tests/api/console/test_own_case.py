"""Nobody decides their own case by a detour: a place, a unit, an import, an account that they had made."""

from collections.abc import AsyncIterator
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import insert

from app.access import models as access
from app.directory import models
from app.directory.changes import Changes
from app.directory.rights import Ability, county_wide
from app.directory.rows import Assignment
from app.duties.service import DutyCounty
from app.flows import change_directory
from app.kernel.problems import Problem
from tests.support import county
from tests.support.county import A1, A2, B1, COUNTY, HELPER_A1, HOUSE_A1, LEADER_A, Cast
from tests.support.server import Api, running

BASE = f"/v1/counties/{COUNTY}"
# The office of the county, who also answers for A1 and for a household there, and is of a squad of township A.
OWN = Cast("办理人", "13900000021", "helper", "squad_a1", "cadre", (A1,), HOUSE_A1)
COLLEAGUE = Cast("同事", "13900000022", "official", "root", "office")
OPENED = Cast("新账号", "13900000023", "official", "root", "office")  # its code was made by OWN
CLERK_A = Cast("乐里文书", "13900000024", "official", "theatre_a", "office")
POSTED = Cast("挂职干部", "13900000025", "official", "squad_a2", "cadre")  # who is the county's office as well
WHY = {"reason": "x"}
EVERYBODY = (OWN, COLLEAGUE, OPENED, CLERK_A, POSTED)


@pytest.fixture(scope="module")
async def api(server: Any, template: str) -> AsyncIterator[Api]:
    async with server.database(template) as url, running(url) as api:
        async with api.database.transaction() as session:
            for cast in EVERYBODY:
                await county.add_person(session, cast)
            for cast in (OWN, POSTED):
                post = {
                    "county_id": COUNTY,
                    "id": uuid4(),
                    "person_id": cast.id,
                    "unit_id": county.unit_id("root"),
                }
                await session.execute(insert(models.Post).values(**post, role="office", from_date=county.SINCE))
            code = {
                "county_id": COUNTY,
                "id": uuid4(),
                "person_id": OPENED.id,
                "code_hash": b"x",
                "made_by": OWN.id,
            }
            times = {"made_at": api.clock(), "expires_at": api.clock.turn(days=1), "used_at": api.clock()}
            await session.execute(insert(access.Activation).values(**code, **times))
        yield api


@pytest.fixture(scope="module")
async def clients(api: Api) -> dict[Cast, httpx.AsyncClient]:
    return {cast: await api.as_(cast) for cast in EVERYBODY}


def unit(code: str, **changes: Any) -> dict[str, Any]:
    return {"parent_id": str(county.unit_id("theatre_a")), "name": code, "level": "squad", "code": code} | changes


def assignment(cast: Cast, village: str) -> UUID:
    return county.known_id(f"assignment {cast.phone} {village}")


HOUSE = {
    "village_id": A1,
    "head_name": "户主",
    "hamlet": "",
    "radius_m": 900,
    "position": {"lon": 106.22, "lat": 24.32},
}
VILLAGE = {"name": "甲一村", "official_name": "甲一村委会", "unit_id": str(county.unit_id("squad_a2"))}
FENCE = {"village_id": A1, "geometry": {}, "valid_from": "2026-11-20T00:00:00+08:00", "source": "x"}
MOVED = unit("squad_a1", parent_id=str(county.unit_id("theatre_b")))
POST = {
    "person_id": str(OWN.id),
    "unit_id": str(county.unit_id("root")),
    "role": "admin",
    "from_date": "2026-11-20",
}
BEGUN = {"person_id": str(OWN.id), "village_id": A2, "from_date": "2027-06-01"}
# What would be OWN's own case, and COLLEAGUE does.
ACTS = [
    ("PUT", f"/people/{OWN.id}/service", {"until_date": "2027-12-01"}),
    ("POST", "/posts", POST),
    ("POST", "/assignments", BEGUN),
    ("PUT", f"/assignments/{assignment(OWN, A1)}", {"until_date": "2027-12-01"}),
    ("PUT", f"/units/{county.unit_id('squad_a1')}", MOVED),
    ("PUT", f"/villages/{A1}", VILLAGE),
    ("PUT", f"/households/{HOUSE_A1}", HOUSE),
    ("POST", "/geofences", FENCE),
    ("POST", f"/people/{OWN.id}/activation", None),
    ("DELETE", f"/people/{OWN.id}/sessions", None),
    ("POST", f"/people/{OWN.id}/client-keys", {"client": "overland", "device_id": "p"}),
    ("POST", "/two-people", {"one_id": str(OWN.id), "other_id": str(HELPER_A1.id)}),
    ("POST", f"/people/{OWN.id}/merges?preview=true", {"from_id": str(HELPER_A1.id)}),
]


@pytest.mark.parametrize(("method", "path", "body"), ACTS, ids=lambda each: each if isinstance(each, str) else "")
async def test_ones_own_case_is_somebody_elses(api: Api, clients: Any, method: str, path: str, body: Any):
    """Nor is it done by an account that one has opened. To others it is open (422: a boundary that is none)."""
    answered = {}
    for cast in (OWN, OPENED, COLLEAGUE):
        reply = await clients[cast].request(method, BASE + path, json=body)
        answered[cast.name] = reply.status_code
        assert reply.status_code < 500, reply.text
    assert (answered[OWN.name], answered[OPENED.name]) == (403, 403), answered
    assert answered[COLLEAGUE.name] in (200, 201, 204, 409, 422), answered
    clients[OWN] = await api.as_(OWN)  # whose sessions were ended


async def test_nobody_is_decided_about_by_an_account_that_they_opened(api: Api, clients: Any):
    leave = {
        "id": str(uuid4()),
        "kind": "annual",
        "from_date": "2026-12-01",
        "until_date": "2026-12-01",
        "reason": "x",
    }
    clients[OWN] = await api.as_(OWN)
    assert (await clients[OWN].post("/v1/me/leave", json=leave)).status_code == 201
    for cast, status in ((OWN, 403), (OPENED, 403), (COLLEAGUE, 200)):
        listed = (await clients[cast].get(f"{BASE}/leave?person={OWN.id}")).json()["items"]
        assert [each["may_decide"] for each in listed] == [status == 200], "what is offered is what is let in"
        reply = await clients[cast].post(f"{BASE}/leave/{leave['id']}/approve", json=WHY)
        assert reply.status_code == status, (cast.name, reply.text)


async def test_an_office_manages_only_whom_its_own_power_covers(clients: Any):
    """Who serves on the ground of a township and is the county's office is no township clerk's to sign in as."""
    for method, path, body in (
        ("POST", "/people/{}/activation", None),
        ("PUT", "/people/{}/service", {"until_date": None}),
        ("POST", "/people/{}/client-keys", {"client": "overland", "device_id": "p"}),
    ):
        for cast, let_in in ((POSTED, False), (LEADER_A, True), (HELPER_A1, True)):
            reply = await clients[CLERK_A].request(method, BASE + path.format(cast.id), json=body)
            assert (reply.status_code != 403) is let_in, (path, cast.name, reply.text)
    posted = {"unit": str(county.unit_id("theatre_a")), "page": "http://x/"}
    slips = (await clients[CLERK_A].post(f"{BASE}/activations", json=posted)).json()
    assert POSTED.name not in {each["name"] for each in slips["items"]}


async def test_what_the_page_offers_is_what_the_posts_let_one_do(clients: Any):
    found = {}
    for cast in (COLLEAGUE, CLERK_A):
        found[cast] = set((await clients[cast].get("/v1/me")).json()["may"])
    wide = {str(ability) for ability in Ability if county_wide(ability)}
    assert found[COLLEAGUE] - found[CLERK_A] == wide
    assert {"change_roster", "read", "settle_flags"} <= found[CLERK_A]


async def test_somebody_elses_is_done_as_before(clients: Any):
    """By the same office, of which none of it is their own."""
    other = {**HOUSE, "village_id": B1, "position": None}
    assert (await clients[OWN].put(f"{BASE}/households/{county.HOUSE_B1}", json=other)).status_code == 200
    moved = unit("squad_b2", parent_id=str(county.unit_id("theatre_a")))
    assert (await clients[OWN].put(f"{BASE}/units/{county.unit_id('squad_b2')}", json=moved)).status_code == 200


async def test_a_file_and_its_undoing_are_no_way_round(api: Api):
    """What is said of a row is said at it, and nothing of the set is done."""
    here = DutyCounty(COUNTY, "Asia/Shanghai")
    fine = Assignment(uuid4(), HELPER_A1.id, county.B2, None, date(2027, 1, 1), None)
    own = Assignment(uuid4(), OWN.id, county.B2, None, date(2027, 1, 1), None)
    both, now = Changes(assignments=[fine, own]), api.clock()
    async with api.database.transaction() as session:
        for actor in (OWN, OPENED):
            with pytest.raises(Problem) as refused:
                await change_directory.preview(session, here, both, actor_id=actor.id, now=now)
            said = [(error.pointer, error.code) for error in refused.value.errors]
            assert said == [("/assignments/1/person_id", "own")]
        by = {"now": now, "source": "import:x"}
        applied, _ = await change_directory.apply(session, here, both, actor_id=COLLEAGUE.id, **by)
        with pytest.raises(Problem, match="forbidden"):
            await change_directory.take_back(session, here, applied, actor_id=OWN.id, **by)
        await change_directory.take_back(session, here, applied, actor_id=COLLEAGUE.id, **by)
