"""Rights, read a second time from docs/rights.md, in random trees: what is really let in is compared with it."""

import random
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4, uuid5

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, text

from app.access import models as access
from app.directory import models as directory
from app.directory.leaders import EVERY_LEVEL, LeaderQuery, answering
from app.directory.rights import Ability
from app.directory.scope import Held, Scope, Standing, scope_of
from app.duties import models as duties
from app.http.tokens import Caller
from tests.support.server import Api, running

PAGE = Path(__file__).parents[3] / "docs" / "rights.md"
ROLES = ("cadre", "leader", "inspector", "office", "admin")  # the columns of the page
TODAY = date(2026, 11, 18)
COUNTIES = ("451029", "450224")
Post = tuple[str, str]  # role and path


def table() -> dict[str, dict[str, str]]:
    """What the page says: of each ability, by role, how far."""
    rows = [
        line.split("|") for line in PAGE.read_text().splitlines() if line.startswith("| `") and "…" not in line
    ]
    return {
        row[1].strip(" `"): {
            role: cell.strip() for role, cell in zip(ROLES, row[3:], strict=False) if cell.strip()
        }
        for row in rows
        if len(row) == len(ROLES) + 4
    }


TABLE = table()


@dataclass(frozen=True)
class Someone:
    """Where a person lies, what posts they hold today and will hold later, and who opened their account."""

    county: str
    id: UUID
    lines: tuple[str, ...]
    posts: tuple[Post, ...] = ()
    later: tuple[Post, ...] = ()
    opened_by: UUID | None = None


def below(path: str, above: str) -> bool:
    return f"{path}.".startswith(f"{above}.")


def allowed(actor: Someone, ability: str, person: Someone) -> bool:
    """As docs/rights.md has it."""
    if person.county != actor.county:
        return False
    by_hand = [(role, path) for role, path in actor.posts if TABLE[ability].get(role) not in (None, "own")]
    wielded = [path for role, path in (*person.posts, *person.later) if role != "cadre"]
    own = person.id in (actor.id, actor.opened_by)
    for role, path in by_hand:
        lies_here = any(below(line, path) for line in person.lines)
        peer = any(held == path for role, held in person.posts if role in ("leader", "office", "admin"))
        from_above = any(below(path, line) and path != line for line in actor.lines)
        match TABLE[ability][role]:
            case "subtree" if lies_here:
                return True
            case "others" if lies_here and not own:
                if all(any(below(each, within) for _, within in by_hand) for each in wielded):
                    return True
            case "above" if lies_here and not own and (not peer or from_above or "." not in path):
                return True
            case "county" if "." not in path:
                return True
    return ability == "read" and person.id == actor.id


def verdict(actor: Someone, ability: str, person: Someone) -> str:
    if not allowed(actor, "read", person):
        return "404"
    return "let in" if allowed(actor, ability, person) else "403"


# Thousands of trees, as the code reads them without a database.

PATHS = ("c", "c.a", "c.b", "c.d", "c.a.1", "c.a.2", "c.b.1", "c.d.1")
posts = st.lists(st.tuples(st.sampled_from(ROLES), st.sampled_from(PATHS)), max_size=3, unique=True).map(tuple)
lines = st.lists(st.sampled_from(PATHS), min_size=1, max_size=2, unique=True).map(tuple)
people = st.builds(Someone, st.just("c"), st.uuids(), lines, posts)


def scope(of: Someone) -> Scope:
    held = [
        Held(uuid4(), role, "", uuid4(), "", "county" if path == "c" else "theatre", path)
        for role, path in of.posts
    ]
    return scope_of(of.county, of.id, held, of.lines, filter(None, [of.opened_by]))


def standing(of: Someone) -> Standing:
    return Standing(of.id, of.lines, [path for role, path in of.posts if role in ("leader", "office", "admin")])


ABOVE = [each for each in Ability if "above" in TABLE[each].values()]
COUNTYS = [each for each in Ability if "county" in TABLE[each].values()]


@settings(max_examples=400)
@given(people, people, st.booleans())
def test_who_stands_above_whom_is_as_the_page_says(actor: Someone, person: Someone, opened: bool):
    if opened:
        actor = replace(actor, opened_by=person.id)
    for of in (person, actor):
        said = {ability: allowed(actor, ability, of) for ability in ABOVE}
        assert {ability: scope(actor).may(ability, standing(of)) for ability in ABOVE} == said
    for ability in COUNTYS:
        assert scope(actor).may(ability) == allowed(actor, ability, actor)
    seen = any(below(line, path) for line in person.lines for path in scope(actor).paths)
    assert seen == allowed(actor, "read", person)
    assert {str(each) for each in scope(actor).abilities} == {
        ability
        for ability, held in TABLE.items()
        for role, path in actor.posts
        if held.get(role, "own") not in ("own", "shared") and (held[role] != "county" or path == "c")
    }


# And one that is in the database, by the routes.


def population(county: str) -> tuple[list[tuple[str, str | None, str]], list[Someone]]:
    """Units (path, parent, level), the departments last; and people all over them."""
    dice = random.Random(county)
    units: list[tuple[str, str | None, str]] = [(county, None, "county")]
    for theatre in ("a", "b", "c"):
        units.append((f"{county}.{theatre}", county, "theatre"))
        units += [(f"{county}.{theatre}.{theatre}{n}", f"{county}.{theatre}", "squad") for n in (1, 2)]
    units += [(f"{county}.d{n}", county, "department") for n in (1, 2)]
    paths = [path for path, _, _ in units]
    ground, senders = paths[:-2], paths[-2:]
    made: list[Someone] = []
    for number in range(26):
        home = dice.choice(ground)
        line = (home,) if dice.random() < 0.6 else (home, dice.choice(senders))
        held = tuple(
            (role, home if dice.random() < 0.4 else dice.choice(paths))
            for role in dice.choices(ROLES, k=dice.choice((1, 1, 2)))
        )
        later = tuple({("leader", dice.choice(paths))} - set(held)) if dice.random() < 0.2 else ()
        opener = dice.choice(made).id if made and dice.random() < 0.3 else None
        if number == 0:
            line, held, opener = (county,), (("office", county),), None
        made.append(Someone(county, uuid4(), line, tuple(dict.fromkeys(held)), later, opener))
    return units, made


PEOPLE = {county: population(county) for county in COUNTIES}
EVERYBODY = [each for _, made in PEOPLE.values() for each in made]


def rows(county: str) -> Iterator[tuple[Any, list[dict[str, Any]]]]:
    """Of all tables, ready to be put in."""
    units, made = PEOPLE[county]
    ids = {path: uuid4() for path, _, _ in units}
    of = {"county_id": county}
    yield directory.County, [{"id": county, "name": county, "name_en": county, "settings": {}}]
    for path, parent, level in units:
        code = path.rpartition(".")[2]
        unit = {"id": ids[path], "parent_id": parent and ids[parent], "code": code, "name": code, "level": level}
        yield directory.Unit, [of | unit | {"path": path}]
    for number, each in enumerate(made):
        own = of | {"person_id": each.id}
        department = ids[each.lines[1]] if len(each.lines) > 1 else None
        named = {
            "id": each.id,
            "name": f"某人{number}",
            "phone": f"139{county[-4:]}{number:04}",
            "category": "helper",
        }
        home = {"unit_id": ids[each.lines[0]], "department_id": department, "from_date": SINCE}
        yield directory.Person, [of | named | home]
        session = {"id": each.id, "token_hash": b"", "started_at": NOW, "expires_at": NOW + timedelta(days=900)}
        yield access.DeviceSession, [own | session | {"device_id": "phone"}]
        yield (
            directory.Post,
            [
                own | {"id": uuid4(), "unit_id": ids[path], "role": role, "from_date": begun, "until_date": until}
                for (role, path), begun, until in spans(each, number)
            ],
        )
        if each.opened_by:
            code = {"id": uuid4(), "code_hash": each.id.bytes, "made_by": each.opened_by, "made_at": NOW}
            yield access.Activation, [own | code | {"expires_at": NOW + timedelta(days=1), "used_at": NOW}]
        yield (
            duties.Leave,
            [
                own
                | {"id": leave_of(each, level), "kind": "annual", "level": level, "reason": "x", "status": "asked"}
                | {"from_half": datetime(2027, month, 4), "until_half": datetime(2027, month, 5), "filed_at": NOW}  # noqa: DTZ001
                for level, month in (("township", 1), ("county", 2))
            ],
        )


SINCE = TODAY - timedelta(days=300)
NOW = datetime(2026, 11, 18, 12, tzinfo=UTC)


def spans(each: Someone, number: int) -> Iterator[tuple[Post, date, date | None]]:
    """Posts of today, of later, and of the day before yesterday, which give nothing any more."""
    yield from ((post, SINCE, None) for post in each.posts)
    yield from ((post, TODAY + timedelta(days=5), None) for post in each.later)
    if number % 4 == 1:
        role = next(role for role in ROLES[1:] if (role, each.county) not in each.posts)
        yield (role, each.county), SINCE, TODAY


def leave_of(each: Someone, level: str) -> UUID:
    return uuid5(each.id, level)


@dataclass(frozen=True)
class Act:
    """What an ability lets somebody do about a person, and what makes it possible once more."""

    ability: str
    method: str
    path: str
    body: Any = None
    again: str = ""


DECIDED = "decided_by = person_id, decided_at = filed_at, decision_reason = 'x', returned_half = NULL"
ASKED = "status = 'asked', decided_by = NULL, decided_at = NULL, decision_reason = NULL"
WHY = {"reason": "x"}
ACTS = [
    Act("read", "GET", "/people/{person}"),
    Act("decide_leave", "POST", "/leave/{township}/approve", WHY, ASKED),
    Act("decide_leave", "POST", "/leave/{township}/refuse", WHY, ASKED),
    Act("decide_long_leave", "POST", "/leave/{county}/approve", WHY, ASKED),
    Act("revoke_leave", "POST", "/leave/{township}/revoke", WHY, f"status = 'approved', {DECIDED}"),
    Act("change_roster", "PUT", "/people/{person}/service", {"until_date": None}),
    Act("manage_accounts", "GET", "/people/{person}/sign-ins"),
    Act("manage_client_keys", "POST", "/people/{person}/client-keys", {"client": "overland", "device_id": "p"}),
]


@pytest.fixture(scope="module")
async def api(server: Any, template: str) -> AsyncIterator[Api]:
    async with server.database(template) as url, running(url, seeded=False) as api:
        async with api.database.transaction() as session:
            for county in COUNTIES:
                for model, values in rows(county):
                    if values:
                        await session.execute(insert(model), values)
        yield api


async def test_the_routes_let_in_whom_the_page_says(api: Api):
    """Everybody's first act is at somebody of the other county, by either county's address: that is not there."""
    dice = random.Random(2)
    wanted, answered = {}, {}
    tokens = api.app.state.services.tokens
    for actor in EVERYBODY:
        token = tokens.issue(Caller(actor.county, actor.id, actor.id), api.clock())
        own = [each for each in EVERYBODY if each.county == actor.county]
        others = [each for each in EVERYBODY if each.county != actor.county]
        near = [each for each in own if allowed(actor, "read", each)]
        tried = [(dice.choice(ACTS), dice.choice(others), county) for county in COUNTIES]
        tried += [(act, dice.choice(near), actor.county) for act in ACTS]
        tried += [(dice.choice(ACTS), person, actor.county) for person in (actor, dice.choice(own))]
        opener = [each for each in own if each.id == actor.opened_by]
        tried += [(act, person, actor.county) for person in opener for act in dice.sample(ACTS, 3)]
        for act, person, county in tried:
            if act.again:
                async with api.database.transaction() as session:
                    await session.execute(
                        text(f"UPDATE leave SET {act.again} WHERE person_id = :id"), {"id": person.id}
                    )
            path = act.path.format(
                person=person.id, township=leave_of(person, "township"), county=leave_of(person, "county")
            )
            reply = await api.http.request(
                act.method,
                f"/v1/counties/{county}{path}",
                json=act.body,
                headers={"Authorization": f"Bearer {token}"},
            )
            assert reply.status_code < 500, reply.text
            key = (actor, act.method, act.path, person, county)
            wanted[key] = verdict(actor, act.ability, person) if county == actor.county else "404"
            answered[key] = str(reply.status_code) if reply.status_code in (401, 403, 404) else "let in"
    assert {key: (answered[key], wanted[key]) for key in wanted if answered[key] != wanted[key]} == {}
    assert min(list(answered.values()).count(each) for each in ("let in", "403", "404")) > 30


async def test_those_who_are_told_are_those_who_may(api: Api):
    """`answering`, by which people are told of leave and appeals, finds them by one statement for everybody."""
    wanted, found = {}, {}
    async with api.database.transaction() as session:
        for county, (_, made) in PEOPLE.items():
            asked = [LeaderQuery(each.id, EVERY_LEVEL, offices=True) for each in made]
            told = await answering(session, county_id=county, asked=asked, today=TODAY)
            for each, theirs in zip(made, told, strict=True):
                found[each] = {one.person_id for one in theirs}
                wanted[each] = {
                    decider.id
                    for decider in made
                    if allowed(replace(decider, opened_by=None), "decide_appeals", each)
                }
    assert found == wanted
    assert sum(map(len, found.values())) > 100
