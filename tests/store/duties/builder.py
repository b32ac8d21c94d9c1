"""What a test of duties puts into the county of `cast`: visits, leave, posts and the rest, as the barest rows."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import insert, null
from sqlalchemy.ext.asyncio import AsyncSession

from app.checkins.models import CheckIn, Rejudgement, Review
from app.directory import models as directory
from app.duties.models import CalendarDay, CalendarYear, DutyRule, DutyWaiver, Leave
from app.duties.rules import RuleVersion
from app.duties.service import DutyProgress
from app.kernel.database import Database
from app.tracks.models import StayRow
from tests.store.duties.cast import (
    A1,
    COUNTY,
    HOUSE_1,
    HOUSES,
    KNOWN_YEARS,
    LEADER,
    LEVELS,
    LONG_AGO,
    MONDAY,
    PATHS,
    SHANGHAI,
    UNIT_OF,
    Person,
    at,
    known_id,
)


@dataclass(frozen=True)
class Assigned:
    person: Person
    village: str = A1
    from_date: date = LONG_AGO
    until_date: date | None = None
    household: UUID | None = None


@dataclass(frozen=True)
class Away:
    """Approved leave; `from_half` and `until_half` are midnights or noons without a zone."""

    person: Person
    from_half: datetime
    until_half: datetime
    returned_half: datetime | None = None
    status: str = "approved"


@dataclass(frozen=True)
class Special:
    """A day that is not what its weekday says."""

    date: date
    working: bool


@dataclass(frozen=True)
class Post:
    person: Person
    unit: str
    role: str = "leader"
    from_date: date = LONG_AGO
    until_date: date | None = None


@dataclass(frozen=True)
class Visit:
    """A check-in with what was judged of it; received when it was captured, unless it says otherwise."""

    person: Person
    captured_at: datetime
    received_at: datetime | None = None
    village: str | None = A1
    found: str | None = A1
    place: str = "inside"
    standing: str = "counted"
    household: UUID | None = None
    form: str | None = None  # its kind
    fix_added: datetime | None = None
    accepted: bool = False  # by a review
    held_again: datetime | None = None  # it was counted until it was judged anew then
    name: str = ""

    @property
    def id(self) -> UUID:
        return known_id(f"visit {self.name} {self}")

    @property
    def received(self) -> datetime:
        return self.received_at or self.captured_at

    @property
    def held_since(self) -> datetime:
        return self.held_again or self.received


@dataclass(frozen=True)
class Stayed:
    """A stay in a village within one day; received when it ended, unless it says otherwise."""

    person: Person
    from_at: datetime
    until_at: datetime
    village: str = A1
    received_at: datetime | None = None

    @property
    def received(self) -> datetime:
        return self.received_at or self.until_at


@dataclass(frozen=True)
class Waived:
    """A duty that an appeal has taken off."""

    person: Person
    rule_id: UUID
    period_start: date


@dataclass
class Facts:
    """What a test puts into the county beside its tree."""

    people: list[Person] = field(default_factory=list)
    assigned: list[Assigned] = field(default_factory=list)
    posts: list[Post] = field(default_factory=list)
    visits: list[Visit] = field(default_factory=list)
    rules: list[RuleVersion] = field(default_factory=list)
    away: list[Away] = field(default_factory=list)
    special: list[Special] = field(default_factory=list)
    waived: list[Waived] = field(default_factory=list)
    stays: list[Stayed] = field(default_factory=list)


async def build(session: AsyncSession) -> None:
    """The county, its tree, villages and households; its calendar is known from 2023 to 2026."""
    key = {"county_id": COUNTY.id}
    await _add(session, directory.County, [{"id": COUNTY.id, "name": "田林县", "name_en": "Tianlin"}])
    await _add(session, CalendarYear, [key | {"year": year, "source": "test"} for year in KNOWN_YEARS])
    await _add(
        session,
        directory.Unit,
        [
            key
            | {
                "id": known_id(code),
                "parent_id": None if code == "root" else known_id(path.split(".")[-2].replace(COUNTY.id, "root")),
                "code": path.split(".")[-1],
                "name": code,
                "level": LEVELS.get(code, "squad"),
                "path": path,
            }
            for code, path in PATHS.items()
        ],
    )
    await _add(
        session, directory.Township, [key | {"id": code, "name": code} for code in ("451029100", "451029101")]
    )
    await _add(
        session,
        directory.Village,
        [
            key
            | {"id": code, "name": code, "official_name": code, "township_id": code[:9], "unit_id": known_id(unit)}
            for code, unit in UNIT_OF.items()
        ],
    )
    await _add(
        session,
        directory.Geofence,
        [
            key
            | {
                "village_id": code,
                "version": 1,
                "area": "SRID=4326;MULTIPOLYGON(((106 24, 107 24, 107 25, 106 24)))",
                "synthetic": True,
                "source": "test",
                "valid_from": datetime(2020, 1, 1, tzinfo=SHANGHAI),
            }
            for code in UNIT_OF
        ],
    )
    await _add(
        session,
        directory.Household,
        [key | {"id": house, "village_id": village, "head_name": "户主"} for house, village in HOUSES.items()],
    )


async def add(session: AsyncSession, facts: Facts) -> None:
    """Everything in `facts`, one insert a table."""
    key = {"county_id": COUNTY.id}
    await _add(session, directory.Person, [key | _person(person) for person in facts.people])
    await _add(
        session,
        directory.Assignment,
        [
            key
            | _dates(assigned)
            | {
                "id": known_id(f"assignment {number} {assigned}"),
                "person_id": assigned.person.id,
                "village_id": assigned.village,
                "household_id": assigned.household,
            }
            for number, assigned in enumerate(facts.assigned)
        ],
    )
    await _add(
        session,
        directory.Post,
        [
            key
            | _dates(post)
            | {
                "id": known_id(f"post {post}"),
                "person_id": post.person.id,
                "unit_id": known_id(post.unit),
                "role": post.role,
            }
            for post in facts.posts
        ],
    )
    await _add(session, DutyRule, [key | _rule(version) for version in facts.rules])
    await _add(
        session,
        Leave,
        [
            key
            | {
                "id": known_id(f"leave {number} {away}"),
                "person_id": away.person.id,
                "kind": "personal",
                "from_half": away.from_half,
                "until_half": away.until_half,
                "returned_half": away.returned_half,
                "reason": "",
                "filed_at": MONDAY,
                "level": "township",
                "status": away.status,
            }
            for number, away in enumerate(facts.away)
        ],
    )
    await _add(
        session,
        CalendarDay,
        [
            key
            | {
                "date": day.date,
                "working": day.working,
                "name": "节",
                "name_en": "feast",
                "source": "test",
                "own": False,
            }
            for day in facts.special
        ],
    )
    await _add(
        session,
        DutyWaiver,
        [
            key
            | {
                "person_id": each.person.id,
                "rule_id": each.rule_id,
                "period_start": each.period_start,
                "at": MONDAY,
            }
            for each in facts.waived
        ],
    )
    await _add(session, CheckIn, [key | _check_in(visit) for visit in facts.visits])
    await _add(session, Review, [key | _review(visit) for visit in facts.visits if visit.accepted])
    await _add(session, Rejudgement, [key | _held_again(visit) for visit in facts.visits if visit.held_again])
    await _add(session, StayRow, [key | _stay(stayed) for stayed in facts.stays])


def _person(person: Person) -> dict[str, Any]:
    return _dates(person) | {
        "id": person.id,
        "name": person.name,
        "phone": str(person.id.int % 10**11),
        "category": person.category,
        "unit_id": known_id(person.unit),
        "department_id": person.department and known_id(person.department),
    }


def _rule(version: RuleVersion) -> dict[str, Any]:
    terms = asdict(version.terms)
    night = terms.pop("night")
    return terms | {
        "id": version.id,
        "version": version.version,
        "categories": list(version.terms.categories),
        "unit_ids": list(version.terms.unit_ids),
        "except_ids": list(version.terms.except_ids),
        "night_start": night and night["start"],
        "night_until": night and night["until"],
        "effective_from": version.effective_from,
        "effective_until": version.effective_until,
    }


def _check_in(visit: Visit) -> dict[str, Any]:
    return {
        "id": visit.id,
        "person_id": visit.person.id,
        "captured_at": visit.captured_at,
        "received_at": visit.received,
        "crs": "wgs84",
        "purpose": "household_visit",
        "household_id": visit.household,
        "note": "",
        "photo_ids": [],
        "position_added_at": visit.fix_added,
        "form": {"kind": visit.form} if visit.form else null(),
        "content_hash": b"",
        "village_id": visit.village,
        "geofence_version": visit.village and 1,
        "found_in_village_id": visit.found,
        "place": visit.place,
        "standing": visit.standing,
        "reasons": [],
    }


def _review(visit: Visit) -> dict[str, Any]:
    return {
        "id": known_id(f"review {visit.id}"),
        "check_in_id": visit.id,
        "reviewer_id": visit.person.id,
        "post": "",
        "decision": "count",
        "reason": "",
        "before": "held",
        "at": visit.received,
    }


def _held_again(visit: Visit) -> dict[str, Any]:
    return {
        "id": known_id(f"judged anew {visit.id}"),
        "check_in_id": visit.id,
        "cause": "fence",
        "before": {"standing": "counted"},
        "after": {"standing": "held"},
        "at": visit.held_again,
    }


def _stay(stayed: Stayed) -> dict[str, Any]:
    return {
        "person_id": stayed.person.id,
        "day": stayed.from_at.astimezone(SHANGHAI).date(),
        "village_id": stayed.village,
        "from_at": stayed.from_at,
        "until_at": stayed.until_at,
        "fixes": 2,
        "geofence_version": 1,
        "received_at": stayed.received,
    }


def _dates(row: Any) -> dict[str, Any]:
    return {"from_date": row.from_date, "until_date": row.until_date}


async def _add(session: AsyncSession, table: Any, rows: list[dict[str, Any]]) -> None:
    if rows:
        await session.execute(insert(table), rows)


def night(when: str, **given: Any) -> Visit:
    """A leader's visit to a household."""
    return Visit(LEADER, at(when), **({"household": HOUSE_1} | given))


def seen(found: list[DutyProgress]) -> list[tuple[str, int, int, str]]:
    return [(duty.period.id, duty.done, duty.pending_review, duty.status) for duty in found]


@asynccontextmanager
async def built(url: str, facts: Facts) -> AsyncIterator[Database]:
    """A database with the county and these facts in it."""
    database = Database(url, pool_size=6)
    async with database.transaction() as session:
        await build(session)
        await add(session, facts)
    yield database
    await database.close()
