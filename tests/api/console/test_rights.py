"""The table of rights, tried at the door: every ability, every role, in a township and at the county."""

import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import text

from app.directory.rights import RIGHTS, Ability, Reach, county_wide
from app.directory.words import Role
from app.http.abilities import declared
from tests.api.console.conftest import AFTERWARDS, LAST_MONDAY, open_and_close
from tests.support import county
from tests.support.county import A1, B1, COUNTY, HELPER_A1, HELPER_B1, LEADER_A, Cast
from tests.support.server import Api, check_in, running

BASE = f"/v1/counties/{COUNTY}"
UNITS = ("theatre_a", "root")
# A holder of each role in township A, where LEADER_A is a peer, and at the county.
ACTORS = {
    (role, unit): Cast(f"{role}@{unit}", f"1390000010{number}", "leader", unit, role)
    for number, (role, unit) in enumerate((role, unit) for role in Role for unit in UNITS)
}
SUBJECTS = {"below": HELPER_A1, "peer": LEADER_A, "elsewhere": HELPER_B1}
VILLAGES = {"below": A1, "elsewhere": B1}
SHORT, LONG = ("2026-12-01", "2026-12-01"), ("2027-01-04", "2027-01-20")


@dataclass(frozen=True)
class Act:
    """What an ability allows, about one person or village; `again` makes it possible once more."""

    ability: Ability
    method: str
    path: str
    body: Any = None
    again: str = ""
    about: str = "person"


LEAVE = """
UPDATE leave SET status = '{}', decided_by = {by}, decided_at = {at}, decision_reason = {why}, returned_half = NULL
"""
ASKED = LEAVE.format("asked", by="NULL", at="NULL", why="NULL")
GIVEN = LEAVE.format("approved", by="person_id", at="filed_at", why="'x'")
OPEN = (
    "UPDATE appeal SET status = 'open', decided_by = NULL, decided_at = NULL, decision_reason = NULL, post = NULL"
)
WHY = {"reason": "x"}
DECIDED = {"decision": "uphold", "reason": "x"}
SOUGHT = {"finding": "confirmed", "verified_at": AFTERWARDS.isoformat()}
MANY = {"ids": ["{flag}"], "reason": "x"}
KEY = {"client": "overland", "device_id": "another"}
FENCE = {"village_id": "{village}", "geometry": {}, "valid_from": AFTERWARDS.isoformat(), "source": "x"}
BEGIN = {"person_id": "{person}", "village_id": "451029100202", "from_date": "2027-06-01"}
ACTS = [
    Act(Ability.READ, "GET", "/people/{person}"),
    Act(Ability.READ, "GET", "/villages/{village}", about="village"),
    Act(Ability.REVIEW_CHECK_INS, "POST", "/check-ins/{check_in}/reviews", {"decision": "count", "reason": "x"},
        "UPDATE check_in SET standing = 'held'"),
    Act(Ability.REVIEW_CHECK_INS, "POST", "/check-ins/{check_in}/verifications", SOUGHT),
    Act(Ability.SETTLE_FLAGS, "POST", "/flags/{flag}/acknowledge", WHY, "UPDATE flag SET status = 'open'"),
    Act(Ability.SETTLE_FLAGS, "POST", "/flags/{flag}/clear", WHY, "UPDATE flag SET status = 'open'"),
    Act(Ability.SETTLE_FLAGS, "POST", "/flags/acknowledge", MANY, "UPDATE flag SET status = 'open'"),
    Act(Ability.SETTLE_FLAGS, "POST", "/flags/clear", MANY, "UPDATE flag SET status = 'open'"),
    Act(Ability.DECIDE_LEAVE, "POST", "/leave/{short}/approve", WHY, ASKED),
    Act(Ability.DECIDE_LEAVE, "POST", "/leave/{short}/refuse", WHY, ASKED),
    Act(Ability.DECIDE_LONG_LEAVE, "POST", "/leave/{long}/approve", WHY, ASKED),
    Act(Ability.DECIDE_LONG_LEAVE, "POST", "/leave/{long}/refuse", WHY, ASKED),
    Act(Ability.REVOKE_LEAVE, "POST", "/leave/{short}/revoke", WHY, GIVEN),
    Act(Ability.DECIDE_APPEALS, "POST", "/appeals/{appeal}/decide", DECIDED, OPEN),
    Act(Ability.DECIDE_SECOND_APPEALS, "POST", "/appeals/{appeal}/decide", DECIDED, f"{OPEN}, instance = 2"),
    Act(Ability.CHANGE_ROSTER, "PUT", "/people/{person}/service", {"until_date": None}),
    Act(Ability.CHANGE_ROSTER, "POST", "/assignments", BEGIN),
    Act(Ability.CHANGE_GEOFENCES, "POST", "/geofences", FENCE, about="village"),
    Act(Ability.MANAGE_ACCOUNTS, "POST", "/people/{person}/activation"),
    Act(Ability.MANAGE_CLIENT_KEYS, "POST", "/people/{person}/client-keys", KEY),
    Act(Ability.MANAGE_CLIENT_KEYS, "DELETE", "/people/{person}/client-keys/{key}", None,
        "UPDATE device_session SET ended_at = NULL, end_reason = NULL WHERE client IS NOT NULL"),
]  # fmt: skip


@dataclass
class World:
    """The county with one of everything for everybody; `made` by kind, then by person."""

    api: Api
    clients: dict[Cast, httpx.AsyncClient] = field(default_factory=dict)
    made: dict[tuple[str, UUID], str] = field(default_factory=dict)

    async def prepare(self, who: Cast) -> None:
        async with self.api.database.transaction() as session:
            flag = (
                await session.execute(text("SELECT id FROM flag WHERE person_id = :id"), {"id": who.id})
            ).scalar()
        phone = self.clients[who] = await self.api.as_(who)
        bodies = {
            "check_in": ("/v1/check-ins", check_in(A1, at=AFTERWARDS, position={"mock": True})),
            "appeal": ("/v1/me/appeals", {"id": str(uuid4()), "flag_id": str(flag), "text": "x"}),
            "key": ("/v1/me/client-keys", {"client": "overland", "device_id": "phone"}),
        } | {name: ("/v1/me/leave", leave(*days)) for name, days in (("short", SHORT), ("long", LONG))}
        for kind, (path, body) in bodies.items():
            reply = await phone.post(path, json=body)
            assert reply.status_code == 201, (kind, reply.text)
            self.made[kind, who.id] = reply.json()["id"]
        self.made["flag", who.id] = str(flag)

    async def again(self, statement: str) -> None:
        if statement:
            async with self.api.database.transaction() as session:
                await session.execute(text(statement))

    def filled(self, wanted: Any, person: Cast, village: str) -> Any:
        """Paths and bodies with what is this person's."""
        known = {kind: made for (kind, owner), made in self.made.items() if owner == person.id}
        known |= {"person": str(person.id), "village": village}
        if isinstance(wanted, dict):
            return {name: self.filled(value, person, village) for name, value in wanted.items()}
        if isinstance(wanted, list):
            return [self.filled(value, person, village) for value in wanted]
        return wanted.format(**known) if isinstance(wanted, str) else wanted


def leave(first: str, last: str) -> dict[str, str]:
    return {"id": str(uuid4()), "kind": "annual", "from_date": first, "until_date": last, "reason": "x"}


@pytest.fixture(scope="module")
async def world(server: Any, county_template: str) -> AsyncIterator[World]:
    async with server.database(county_template) as url, running(url) as api:
        async with api.database.transaction() as session:
            for cast in ACTORS.values():
                await county.add_person(session, cast)
        api.clock.now = AFTERWARDS
        await open_and_close(api, LAST_MONDAY)
        made = World(api)
        for cast in (*ACTORS.values(), *SUBJECTS.values()):
            await made.prepare(cast)
        yield made


def reached(reach: Reach | None, unit: str) -> set[str]:
    """Whom or what such a right reaches from a post in this unit."""
    below = {"below", "peer"} if unit == "theatre_a" else {"below", "peer", "elsewhere"}
    return {
        None: set(),
        Reach.OWN: {"own"},
        Reach.SHARED: {"own", *below, "elsewhere"},
        Reach.SUBTREE: {"own", *below},
        Reach.OTHERS: below,
        Reach.ABOVE: below - {"peer"} if unit == "theatre_a" else below,
        Reach.COUNTY: {"own", *below} if unit == "root" else set(),
    }[reach]


def expected(act: Act, role: Role, unit: str, subject: str) -> str:
    """`let in`, 403 for what may only be looked at, 404 for what is out of sight."""
    reach = RIGHTS[act.ability].get(role)
    if subject in reached(reach, unit):
        return "let in"
    return "403" if subject in reached(RIGHTS[Ability.READ][role], unit) else "404"


def verdict(reply: httpx.Response) -> str:
    if reply.status_code == 200 and "not_yours" in reply.text:  # an answer to many, each by itself
        body = reply.json()
        return "403" if body["not_yours"] else "404" if body["not_found"] else "let in"
    return str(reply.status_code) if reply.status_code in (401, 403, 404) else "let in"


@pytest.mark.parametrize("act", ACTS, ids=lambda act: f"{act.ability}: {act.method} {act.path}")
async def test_a_right_reaches_as_far_as_the_table_says(world: World, act: Act):
    wanted, answered = {}, {}
    for (role, unit), actor in ACTORS.items():
        for subject, person in SUBJECTS.items() if act.about == "village" else {"own": actor, **SUBJECTS}.items():
            if act.about == "village" and subject not in VILLAGES:
                continue
            village = VILLAGES.get(subject, A1)
            await world.again(act.again)
            path, body = world.filled(act.path, person, village), world.filled(act.body, person, village)
            reply = await world.clients[actor].request(act.method, BASE + path, json=body)
            assert reply.status_code < 500, reply.text
            wanted[role, unit, subject] = expected(act, role, unit, subject)
            answered[role, unit, subject] = verdict(reply)
    assert answered == wanted


def routes(api: Api) -> Iterator[tuple[str, str, Ability]]:
    for method, path, ability in declared(api.app.routes):
        if ability:
            yield method, path, ability


DUMMIES = {
    "county_id": COUNTY,
    "day": "2026-12-02",
    "year": "2027",
    "name": "none",
    "kind": "none",
    "language": "en",
}


@pytest.mark.parametrize(("role", "unit"), ACTORS, ids=str)
async def test_what_is_the_whole_countys_is_open_to_its_own_office_alone(world: World, role: Role, unit: str):
    """At every such route, before anything of the request is looked at."""
    wanted, answered = {}, {}
    for method, path, ability in routes(world.api):
        if county_wide(ability):
            filled = re.sub(r"\{(\w+)\}", lambda name: DUMMIES.get(name[1], str(uuid4())), path)
            reply = await world.clients[ACTORS[role, unit]].request(method, filled)
            wanted[method, path] = bool(reached(RIGHTS[ability].get(role), unit))
            answered[method, path] = reply.status_code != 403
    assert answered == wanted
    assert len(wanted) > 15


@pytest.mark.parametrize(("role", "unit"), ACTORS, ids=str)
async def test_what_is_ones_own_and_what_all_see_is_open_to_every_role(world: World, role: Role, unit: str):
    open_to_all = {Ability.OWN, Ability.OWN_AFTERWARDS, Ability.READ_RULES}
    answered = {
        path: (await world.clients[ACTORS[role, unit]].get(path.format(**DUMMIES))).status_code
        for method, path, ability in routes(world.api)
        if ability in open_to_all and method == "GET" and "{" not in path.replace("{county_id}", "")
    }
    assert answered.keys() - {path for path, status in answered.items() if status in (200, 422)} == set()
    assert len(answered) > 8


async def test_without_signing_in_only_what_is_public_is_open(world: World):
    """Of a tracking app the key is asked for."""
    wanted, answered = {}, {}
    for method, path, ability in routes(world.api):
        filled = re.sub(r"\{(\w+)\}", lambda name: DUMMIES.get(name[1], str(uuid4())), path)
        reply = await world.api.http.request(method, filled)
        wanted[method, path] = ability is Ability.PUBLIC
        answered[method, path] = reply.status_code != 401
    assert answered == wanted


def test_every_right_that_reaches_people_or_villages_is_tried(world: World):
    alike = {Reach.ABOVE, Reach.OTHERS, Reach.SUBTREE}
    assert {act.ability for act in ACTS} == {
        ability for ability, held in RIGHTS.items() if alike & set(held.values())
    }
    above = {
        (method, re.sub(r"\{\w+\}", "{}", path.removeprefix("/v1/counties/{county_id}")))
        for method, path, ability in routes(world.api)
        if Reach.ABOVE in RIGHTS[ability].values()
    }
    assert above <= {(act.method, re.sub(r"\{\w+\}", "{}", act.path)) for act in ACTS}
