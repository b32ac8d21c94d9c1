"""What the directory does for the doors and flows: the county and its settings, people, places."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from app.directory.rights import Ability, roles
from app.directory.rules import UPLOAD_AFTER_SERVICE
from app.directory.scope import Scope
from app.directory.store import people as store
from app.directory.store.people import CountyRow, MyVillageRow
from app.directory.store.people import MyHouseholdRow as MyHouseholdRow
from app.geo.verdict import Limits
from app.kernel.county_settings import RoomSettings
from app.kernel.problems import NOT_FOUND, SESSION_ENDED, Problem

log = structlog.get_logger()

TIMEZONE = "Asia/Shanghai"
"""Of a county that is made here."""

S = TypeVar("S", bound=RoomSettings)


@dataclass(frozen=True, slots=True)
class Person:
    """Someone who serves today."""

    id: UUID
    name: str
    category: str
    county_id: str

    def as_dict(self) -> dict[str, object]:
        return {"id": self.id, "name": self.name, "category": self.category, "county_id": self.county_id}


class MyVillage(NamedTuple):
    """Where a person may check in, and how far from its fence, in metres, still counts as there."""

    row: MyVillageRow
    tolerance_m: float


@dataclass(frozen=True, slots=True)
class County:
    """The county as judging needs it; `bounds` is west, south, east, north in degrees."""

    id: str
    name: str
    name_en: str
    timezone: str
    raw_settings: dict[str, object]
    fence_version: int
    bounds: tuple[float, float, float, float] | None
    _read: dict[type, Any] = field(default_factory=dict, compare=False, repr=False)

    def setting(self, kind: type[S]) -> S:
        """What the county has set of one room's; the usual where a setting cannot be read."""
        if kind not in self._read:
            self._read[kind] = settings_of(kind, self.id, self.raw_settings)
        read: S = self._read[kind]
        return read

    @property
    def limits(self) -> Limits:
        return self.setting(Limits)

    def day(self, moment: datetime) -> date:
        return moment.astimezone(ZoneInfo(self.timezone)).date()


@dataclass(frozen=True, slots=True)
class VisitFacts:
    """What the directory knows about one visit on the day it was made.

    `household` is (lon, lat, radius_m) of the household named, lon and lat None where its point is unknown.
    `household_theirs`: assigned itself or with its whole village, or below a unit that the person supervises.
    """

    signed_in: bool
    in_service: bool  # not captured after the person left
    device_id: str | None
    assigned: tuple[str, ...]  # village ids
    household_known: bool
    household_theirs: bool
    household: tuple[float | None, float | None, float] | None


async def county(session: AsyncSession, county_id: str) -> County:
    """Raises `NOT_FOUND`."""
    row = await store.COUNTY.first(session, county_id=county_id)
    if row is None:
        raise Problem(NOT_FOUND)
    return County(
        id=row.id,
        name=row.name,
        name_en=row.name_en,
        timezone=row.timezone,
        raw_settings=row.settings,
        fence_version=row.fence_version,
        bounds=_bounds(row),
    )


def _bounds(row: CountyRow) -> tuple[float, float, float, float] | None:
    if row.west is None or row.south is None or row.east is None or row.north is None:
        return None
    return row.west, row.south, row.east, row.north


def settings_of(kind: type[S], county_id: str, settings: Mapping[str, object]) -> S:
    """One room's part of what a county has set; the usual where it cannot be read: visits are taken anyhow."""
    for name in kind.unfit(settings):
        log.warning("bad_setting", county_id=county_id, setting=name)
    return kind.lenient(settings)


async def change_settings(session: AsyncSession, county_id: str, changed: Mapping[str, object]) -> None:
    """Set these; the others stay. Who calls has checked them."""
    await store.CHANGE_SETTINGS.run(session, county_id=county_id, changed=json.dumps(changed))


async def county_ids(session: AsyncSession) -> list[str]:
    return await store.COUNTY_IDS.all(session)


async def visit_facts(
    session: AsyncSession,
    *,
    county_id: str,
    visits: Sequence[tuple[UUID, UUID | None, date, UUID | None]],
    now: datetime,
    in_touch: bool = True,
) -> list[VisitFacts]:
    """The facts behind each (person, session, day, household named), in order. Locks these people's rows.

    `in_touch`: the visits come from their phones just now. Without a session nobody is `signed_in`.
    """
    found = await store.FACTS.all(
        session,
        county_id=county_id,
        person_ids=[visit[0] for visit in visits],
        session_ids=[visit[1] for visit in visits],
        days=[visit[2] for visit in visits],
        household_ids=[visit[3] for visit in visits],
        supervising=list(roles(Ability.READ)),
        now=now,
        in_touch=in_touch,
    )
    return [
        VisitFacts(
            signed_in=row.signed_in,
            in_service=row.in_service,
            device_id=row.device_id,
            assigned=tuple(row.assigned),
            household_known=row.household_id is not None,
            household_theirs=row.household_theirs,
            household=None if row.radius_m is None else (row.household_lon, row.household_lat, row.radius_m),
        )
        for row in found
    ]


async def lock_people(session: AsyncSession, *, county_id: str, person_ids: Sequence[UUID]) -> None:
    """Lock these people's rows until the transaction ends, as whoever writes their duties must."""
    await store.LOCK.one(session, county_id=county_id, person_ids=list(person_ids))


async def person(
    session: AsyncSession, *, county_id: str, person_id: UUID, now: datetime, may_have_left: bool = False
) -> Person:
    """Raises `SESSION_ENDED` when the person does not serve today, and `may_have_left` not lately either."""
    today = (await county(session, county_id)).day(now)
    since = today - UPLOAD_AFTER_SERVICE if may_have_left else today
    row = await store.PERSON.first(session, county_id=county_id, person_id=person_id, today=today, since=since)
    if row is None:
        raise Problem(SESSION_ENDED)
    return Person(id=row.id, name=row.name, category=row.category, county_id=row.county_id)


async def by_phone(session: AsyncSession, *, county_id: str, phone: str, now: datetime) -> UUID | None:
    """Who serves today and has this number."""
    today = (await county(session, county_id)).day(now)
    return await store.BY_PHONE.first(session, county_id=county_id, phone=phone, today=today)


async def serves(session: AsyncSession, *, county_id: str, person_id: UUID, now: datetime) -> bool:
    """Whether the person serves today."""
    today = (await county(session, county_id)).day(now)
    found = await store.PERSON.first(session, county_id=county_id, person_id=person_id, today=today, since=today)
    return found is not None


async def my_villages(session: AsyncSession, own: Scope, *, now: datetime) -> list[MyVillage]:
    """Where the person may check in: those assigned first."""
    its_county = await county(session, own.county_id)
    found = await store.MY_VILLAGES.all(
        session,
        county_id=own.county_id,
        person_id=own.person_id,
        paths=list(own.paths),
        today=its_county.day(now),
        now=now,
    )
    return [MyVillage(row, its_county.limits.tolerance_m) for row in found]


async def my_households(
    session: AsyncSession, own: Scope, *, village_id: str | None, now: datetime
) -> Sequence[MyHouseholdRow]:
    """The households the person may visit, their own first."""
    return await store.MY_HOUSEHOLDS.all(
        session,
        county_id=own.county_id,
        person_id=own.person_id,
        paths=list(own.paths),
        village_id=village_id,
        today=(await county(session, own.county_id)).day(now),
    )


async def heard_from(session: AsyncSession, *, county_id: str, person_id: UUID, now: datetime) -> None:
    """Note that the person's phone has been in touch: "missed" and "not heard from" are different things."""
    await store.HEARD.run(session, county_id=county_id, person_id=person_id, now=now)
