"""A county drawn by lot, with every way in which people, units, departments and villages can hang together."""

import random
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.access import models as access
from app.directory import models as directory
from app.duties import models as duties
from tests.support.county import PASSWORD_HASH, SINCE, Cast, known_id

COUNTY = "450326"
TOWNSHIP = "450326100"
RULE, OTHER_RULE = known_id("drawn rule"), known_id("other drawn rule")
MONDAY, SUNDAY = date(2026, 11, 16), date(2026, 11, 22)
CLOSES_AT = datetime(2026, 11, 24, 16, tzinfo=UTC)
STATUSES = ("open", "met", "met_late", "missed", "excused")
WEST, SOUTH, SIDE = 109.8, 24.8, 0.03


@dataclass
class Owing:
    """A person with a duty in the week."""

    id: UUID
    name: str
    category: str
    unit: str  # path
    department: str | None  # path
    status: str
    pending: int
    required: int
    villages: set[str] = field(default_factory=set)  # assigned in the week

    @property
    def awaits(self) -> bool:
        """What is held could meet it."""
        return self.status == "open" and self.pending > 1

    @property
    def at_risk(self) -> bool:
        """On Wednesday, with the one that is done: five days are left, today with them."""
        return self.status == "open" and not self.awaits and self.required - 1 - self.pending >= 5


@dataclass
class Drawn:
    """The county: `levels` of units by path, the people who owe, and those who sign in with their posts' units."""

    levels: dict[str, str]
    villages: dict[str, str]  # code -> path of its unit
    people: list[Owing]
    assignments: list[dict[str, Any]]
    callers: dict[str, tuple[Cast, list[str]]]

    def seen_by(self, paths: Iterable[str], self_id: UUID | None) -> list[Owing]:
        return [
            person
            for person in self.people
            if person.id == self_id
            or any(inside(line, top) for line in (person.unit, person.department) if line for top in paths)
        ]


def inside(path: str, top: str) -> bool:
    return path == top or path.startswith(f"{top}.")


def unit_id(path: str) -> UUID:
    return known_id(f"drawn {path}")


def draw(seed: int) -> Drawn:
    lot = random.Random(seed)
    levels = {COUNTY: "county"} | {f"{COUNTY}.d{n}": "department" for n in range(3)}
    levels |= {f"{COUNTY}.d0.x": "department"}
    for theatre in (f"{COUNTY}.t{n}" for n in range(3)):
        levels[theatre] = "theatre"
        for sector in (f"{theatre}_{n}" for n in range(2)):
            levels[f"{theatre}.{sector.rpartition('.')[2]}"] = "sector"
    for path in [path for path, level in levels.items() if level == "sector"]:
        levels |= {f"{path}.{path.rpartition('.')[2]}_{n}": "squad" for n in range(3)}
    squads = [path for path, level in levels.items() if level == "squad"]
    villages = {f"{TOWNSHIP}{200 + n}": path for n, path in enumerate(squads)}
    departments = [path for path, level in levels.items() if level == "department"]
    people = [
        Owing(
            id=known_id(f"drawn {seed} {n}"),
            name=f"干部{lot.randrange(40):02}",  # names repeat
            category=lot.choice(("helper", "leader", "official")),
            unit=lot.choice(squads if lot.random() < 0.7 else list(levels)),
            department=lot.choice(departments) if lot.random() < 0.5 else None,
            status=lot.choice(STATUSES),
            pending=lot.choice((0, 0, 1, 2)),
            required=lot.choice((3, 6)),
        )
        for n in range(90)
    ]
    assignments = _assign(lot, people, list(villages))
    # Callers owe too, and their own units are anywhere.
    posts = {
        "office": [COUNTY],
        "leader": [f"{COUNTY}.t0"],
        "two posts": [f"{COUNTY}.t1.t1_0", f"{COUNTY}.d0"],
        "department head": [f"{COUNTY}.d0"],
        "cadre": [],
    }
    callers = {
        role: (Cast(role, f"1370000000{n}", "leader", "", "leader"), paths)
        for n, (role, paths) in enumerate(posts.items())
    }
    for person, (cast, _) in zip(people, callers.values(), strict=False):
        person.id, person.name, assignments_of = cast.id, cast.name, person.id
        for assignment in assignments:
            if assignment["person_id"] == assignments_of:
                assignment["person_id"] = cast.id
    return Drawn(levels, villages, people, assignments, callers)


def _assign(lot: random.Random, people: list[Owing], villages: list[str]) -> list[dict[str, Any]]:
    """Some hold all the time, some end before the week or begin after it, some are twice for one village."""
    spans = (
        (SINCE, None, True),
        (SINCE, MONDAY, False),
        (SINCE, MONDAY + timedelta(days=1), True),
        (SUNDAY, None, True),
        (SUNDAY + timedelta(days=1), None, False),
    )
    rows = []
    for person in people:
        for _ in range(lot.choice((0, 1, 1, 1, 2, 3))):
            village = lot.choice(villages)
            start, end, holds = lot.choice(spans)
            rows.append(
                {
                    "county_id": COUNTY,
                    "id": UUID(int=lot.getrandbits(128)),
                    "person_id": person.id,
                    "village_id": village,
                    "from_date": start,
                    "until_date": end,
                }
            )
            if holds:
                person.villages.add(village)
    return rows


async def load(session: AsyncSession, drawn: Drawn) -> None:
    county = {"county_id": COUNTY}
    await session.execute(insert(directory.County), [{"id": COUNTY, "name": "永福县", "name_en": "Yongfu"}])
    await session.execute(
        insert(directory.Unit),
        [
            county
            | {
                "id": unit_id(path),
                "parent_id": unit_id(path.rpartition(".")[0]) if "." in path else None,
                "code": path.rpartition(".")[2],
                "name": path,
                "level": level,
                "path": path,
            }
            for path, level in sorted(drawn.levels.items())
        ],
    )
    await _load_villages(session, drawn)
    await _load_people(session, drawn)
    await session.execute(insert(directory.Assignment), drawn.assignments)
    await _load_duties(session, drawn)


async def _load_villages(session: AsyncSession, drawn: Drawn) -> None:
    county = {"county_id": COUNTY}
    await session.execute(insert(directory.Township), [county | {"id": TOWNSHIP, "name": "永福镇"}])
    await session.execute(
        insert(directory.Village),
        [
            county
            | {
                "id": code,
                "name": f"村{code}",
                "official_name": f"村{code}委会",
                "township_id": TOWNSHIP,
                "unit_id": unit_id(path),
            }
            for code, path in drawn.villages.items()
        ],
    )
    await session.execute(
        insert(directory.Geofence),
        [
            county
            | {
                "village_id": code,
                "version": 1,
                "area": _square(n),
                "synthetic": True,
                "source": "test",
                "valid_from": datetime(2026, 1, 1, tzinfo=UTC),
            }
            for n, code in enumerate(drawn.villages)
        ],
    )


def _square(n: int) -> str:
    west, south = WEST + n % 6 * SIDE, SOUTH + n // 6 * SIDE
    east, north = west + SIDE, south + SIDE
    ring = f"{west} {south}, {east} {south}, {east} {north}, {west} {north}, {west} {south}"
    return f"SRID=4326;MULTIPOLYGON((({ring})))"


async def _load_people(session: AsyncSession, drawn: Drawn) -> None:
    county = {"county_id": COUNTY, "from_date": SINCE}
    await session.execute(
        insert(directory.Person),
        [
            county
            | {
                "id": person.id,
                "name": person.name,
                "phone": f"1360000{n:04}",
                "category": person.category,
                "unit_id": unit_id(person.unit),
                "department_id": person.department and unit_id(person.department),
            }
            for n, person in enumerate(drawn.people)
        ],
    )
    for cast, paths in drawn.callers.values():
        await session.execute(
            insert(access.SignIn),
            [
                {
                    "phone": cast.phone,
                    "county_id": COUNTY,
                    "person_id": cast.id,
                    "password_hash": PASSWORD_HASH,
                }
            ],
        )
        if paths:
            await session.execute(
                insert(directory.Post),
                [
                    county
                    | {
                        "id": known_id(f"post {cast.phone} {path}"),
                        "person_id": cast.id,
                        "unit_id": unit_id(path),
                        "role": "leader",
                    }
                    for path in paths
                ],
            )


async def _load_duties(session: AsyncSession, drawn: Drawn) -> None:
    rule = {
        "county_id": COUNTY,
        "version": 1,
        "name": "走访",
        "name_en": "Visits",
        "source": "test",
        "categories": ["helper", "leader", "official"],
        "measure": "visits",
        "period_kind": "week",
        "required": 3,
        "counts_in": "county",
        "household_required": False,
        "grace_h": 48,
        "effective_from": SINCE,
    }
    await session.execute(insert(duties.DutyRule), [rule | {"id": RULE}, rule | {"id": OTHER_RULE}])
    done = {"open": 1, "met": 3, "met_late": 4, "missed": 2, "excused": 0}
    duty = {"county_id": COUNTY, "rule_version": 1, "period_end": SUNDAY, "closes_at": CLOSES_AT, "required": 3}
    noise = {"status": "missed", "done": 0, "pending_review": 0, "review_due_at": None}
    await session.execute(
        insert(duties.Duty),
        [
            duty
            | {
                "id": known_id(f"duty {person.id}"),
                "person_id": person.id,
                "rule_id": RULE,
                "period_start": MONDAY,
                "status": person.status,
                "required": person.required,
                "done": done[person.status],
                "pending_review": person.pending,
                "review_due_at": CLOSES_AT + timedelta(days=10) if person.awaits else None,
            }
            for person in drawn.people
        ]
        # Another rule's duties, and another week's, that must not be counted.
        + [
            duty
            | noise
            | {
                "id": known_id(f"other {what} {person.id}"),
                "person_id": person.id,
                "rule_id": rule_id,
                "period_start": monday,
            }
            for person in drawn.people
            for what, rule_id, monday in (
                ("rule", OTHER_RULE, MONDAY),
                ("week", RULE, MONDAY - timedelta(days=7)),
            )
        ],
    )
