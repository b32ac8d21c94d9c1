"""A county small enough to hold in one's head: two townships of two square villages each, and six people.

    Lelao township (theatre A)      Libai township (theatre B)
    +--------+--------+             +--------+--------+
    |  A1    |  A2    |             |  B1    |  B2    |      each 0.04 degrees wide (about 4 km)
    +--------+--------+             +--------+--------+
    106.20   106.24   106.28        106.28   106.32   106.36      latitude 24.30 to 24.34

The office sits at the root; each township has a leader; A1 and B1 have a helper with a household, A2 a resident.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.access import models as access
from app.directory import models as directory
from app.duties import models as duties
from app.kernel.database import Database

COUNTY = "451029"
OTHER_COUNTY = "450224"
SETTINGS = {"new_device_notice": False}  # tests sign people in on many devices
PASSWORD = "yefang-demo"
# Argon2id with the least work it allows: tests sign in hundreds of times.
PASSWORD_HASH = "$argon2id$v=19$m=8,t=1,p=1$eWVmYW5nLXRlc3Qtc2FsdA$KHVcnxQtGhFh0AYUBobQ9jFbJ7OFa9enQg3B+9uuqec"
SINCE = date(2026, 1, 1)
FENCED_SINCE = datetime(2025, 12, 31, 16, tzinfo=UTC)

A1, A2, B1, B2 = "451029100201", "451029100202", "451029101201", "451029101202"
WEST = {A1: 106.20, A2: 106.24, B1: 106.28, B2: 106.32}
SOUTH, SIDE = 24.30, 0.04


def known_id(name: str) -> UUID:
    return uuid5(UUID(int=0), name)


NIGHT_RULE = known_id("rule night")
VISIT_RULE = known_id("rule visit")
HOUSE_A1, HOUSE_B1 = known_id("house A1"), known_id("house B1")


@dataclass(frozen=True)
class Cast:
    """A person of the county."""

    name: str
    phone: str
    category: str
    unit: str
    role: str
    villages: tuple[str, ...] = ()
    household: UUID | None = None

    @property
    def id(self) -> UUID:
        return known_id(self.phone)


OFFICE = Cast("办公室", "13900000001", "official", "root", "office")
LEADER_A = Cast("乐里领导", "13900000002", "leader", "theatre_a", "leader", (A1,))
HELPER_A1 = Cast("甲一帮扶", "13900000003", "helper", "squad_a1", "cadre", (A1,), HOUSE_A1)
RESIDENT_A2 = Cast("甲二队员", "13900000004", "resident", "squad_a2", "cadre", (A2,))
LEADER_B = Cast("利周领导", "13900000005", "leader", "theatre_b", "leader", (B1,))
HELPER_B1 = Cast("乙一帮扶", "13900000006", "helper", "squad_b1", "cadre", (B1,), HOUSE_B1)
PEOPLE = (OFFICE, LEADER_A, HELPER_A1, RESIDENT_A2, LEADER_B, HELPER_B1)
STRANGER = Cast("融安办公室", "13900000011", "official", "root", "office")

_UNITS = (
    ("root", None, "county", "田林县"),
    ("theatre_a", "root", "theatre", "乐里战区"),
    ("theatre_b", "root", "theatre", "利周战区"),
    ("squad_a1", "theatre_a", "squad", "甲一突击班"),
    ("squad_a2", "theatre_a", "squad", "甲二突击班"),
    ("squad_b1", "theatre_b", "squad", "乙一突击班"),
    ("squad_b2", "theatre_b", "squad", "乙二突击班"),
)
_VILLAGES = (
    (A1, "甲一村", "451029100", "squad_a1"),
    (A2, "甲二村", "451029100", "squad_a2"),
    (B1, "乙一村", "451029101", "squad_b1"),
    (B2, "乙二村", "451029101", "squad_b2"),
)


def unit_id(code: str, county_id: str = COUNTY) -> UUID:
    return known_id(f"{county_id} {code}")


def centre(village_id: str) -> tuple[float, float]:
    """Longitude and latitude of the middle of a village."""
    return WEST[village_id] + SIDE / 2, SOUTH + SIDE / 2


def square(village_id: str) -> str:
    west, east, north = WEST[village_id], WEST[village_id] + SIDE, SOUTH + SIDE
    ring = f"{west} {SOUTH}, {east} {SOUTH}, {east} {north}, {west} {north}, {west} {SOUTH}"
    return f"SRID=4326;MULTIPOLYGON((({ring})))"


async def seed_database(url: str) -> None:
    """`seed`, for who has no session."""
    database = Database(url, pool_size=1)
    async with database.transaction() as session:
        await seed(session)
    await database.close()


async def seed(session: AsyncSession) -> None:
    """Put the county, and a second one with nothing but an office, into an empty database."""
    for county_id, name, name_en in ((COUNTY, "田林县", "Tianlin"), (OTHER_COUNTY, "融安县", "Rong'an")):
        await _add(
            session,
            directory.County,
            [{"id": county_id, "name": name, "name_en": name_en, "settings": SETTINGS, "fence_version": 1}],
        )
    await _add(session, directory.Unit, _unit_rows(COUNTY, _UNITS))
    await _add(session, directory.Unit, _unit_rows(OTHER_COUNTY, _UNITS[:1]))
    await _seed_places(session)
    for cast in PEOPLE:
        await add_person(session, cast)
    await add_person(session, STRANGER, county_id=OTHER_COUNTY)
    await _seed_rules(session)


async def add_person(session: AsyncSession, cast: Cast, *, county_id: str = COUNTY) -> None:
    """A person with a sign-in, a post and their assignments."""
    own = {"county_id": county_id, "person_id": cast.id, "from_date": SINCE}
    await _add(
        session,
        directory.Person,
        [
            {
                "county_id": county_id,
                "id": cast.id,
                "name": cast.name,
                "phone": cast.phone,
                "category": cast.category,
                "unit_id": unit_id(cast.unit, county_id),
                "from_date": SINCE,
            }
        ],
    )
    await _add(
        session,
        access.SignIn,
        [{"phone": cast.phone, "county_id": county_id, "person_id": cast.id, "password_hash": PASSWORD_HASH}],
    )
    await _add(
        session,
        directory.Post,
        [
            own
            | {"id": known_id(f"post {cast.phone}"), "unit_id": unit_id(cast.unit, county_id), "role": cast.role}
        ],
    )
    await _add(
        session,
        directory.Assignment,
        [
            own
            | {
                "id": known_id(f"assignment {cast.phone} {village}"),
                "village_id": village,
                "household_id": cast.household,
            }
            for village in cast.villages
        ],
    )


async def _seed_places(session: AsyncSession) -> None:
    await _add(
        session,
        directory.Township,
        [
            {"county_id": COUNTY, "id": "451029100", "name": "乐里镇"},
            {"county_id": COUNTY, "id": "451029101", "name": "利周瑶族乡"},
        ],
    )
    await _add(
        session,
        directory.Village,
        [
            {
                "county_id": COUNTY,
                "id": village,
                "name": name,
                "official_name": f"{name}委会",
                "township_id": township,
                "unit_id": unit_id(unit),
            }
            for village, name, township, unit in _VILLAGES
        ],
    )
    await _add(
        session,
        directory.Geofence,
        [
            {
                "county_id": COUNTY,
                "village_id": village,
                "version": 1,
                "area": square(village),
                "synthetic": True,
                "source": "test",
                "valid_from": FENCED_SINCE,
            }
            for village in WEST
        ],
    )
    await _add(
        session,
        directory.Household,
        [
            {
                "county_id": COUNTY,
                "id": house,
                "village_id": village,
                "head_name": "户主",
                "position": f"SRID=4326;POINT({centre(village)[0]} {centre(village)[1]})",
            }
            for house, village in ((HOUSE_A1, A1), (HOUSE_B1, B1))
        ],
    )


async def _seed_rules(session: AsyncSession) -> None:
    common = {
        "county_id": COUNTY,
        "version": 1,
        "period_kind": "week",
        "required": 1,
        "grace_h": 48,
        "effective_from": SINCE,
        "source": "test",
    }
    await _add(
        session,
        duties.DutyRule,
        [
            common
            | {
                "id": NIGHT_RULE,
                "name": "领导夜访",
                "name_en": "Leaders' night visit",
                "categories": ["leader"],
                "measure": "nights",
                "counts_in": "county",
                "household_required": True,
                "night_start": 1110,
                "night_until": 1740,
            },
            common
            | {
                "id": VISIT_RULE,
                "name": "帮扶走访",
                "name_en": "Helpers' visits",
                "categories": ["helper"],
                "measure": "visits",
                "counts_in": "assigned",
                "household_required": False,
                "night_start": None,
                "night_until": None,
            },
        ],
    )


def _unit_rows(county_id: str, units: tuple[tuple[str, str | None, str, str], ...]) -> list[dict[str, Any]]:
    paths: dict[str | None, str] = {None: county_id}
    rows = []
    for code, parent, level, name in units:
        paths[code] = f"{paths[parent]}.{code}" if parent else county_id
        rows.append(
            {
                "county_id": county_id,
                "id": unit_id(code, county_id),
                "parent_id": parent and unit_id(parent, county_id),
                "code": county_id if parent is None else code,
                "name": name,
                "level": level,
                "path": paths[code],
            }
        )
    return rows


async def _add(session: AsyncSession, table: Any, rows: list[dict[str, Any]]) -> None:
    if rows:
        await session.execute(insert(table), rows)
