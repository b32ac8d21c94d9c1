"""What is stored around a set of visits: the trails of their people, whose phones they hold, and the evidence."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import NamedTuple, TypeVar
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.checkins.handed_over import LATER_S
from app.checkins.history import LAST, NEXT, TWINS_DEGREES, Around, Contact, Step, Twin
from app.checkins.rules import Evidence, Fix, PlatformRecord, Visit
from app.checkins.words import Purpose, RecordSource
from app.kernel.sql_files import read
from app.kernel.statements import Json, Statement


class AroundRow(NamedTuple):
    """A fix of the trail; or, with `visit_ids`, what was found around the visits; or a twin."""

    person_id: UUID
    check_in_id: list[UUID] | None
    captured_at: list[float] | None
    arrived_at: list[float] | None
    fixed_at: list[float] | None
    lon: list[float] | None
    lat: list[float] | None
    raw_lon: list[float] | None
    raw_lat: list[float] | None
    accuracy_m: list[float | None] | None
    altitude_m: list[float | None] | None
    speed_mps: list[float | None] | None
    device_id: list[str | None] | None
    standing: list[str] | None
    visit_ids: list[UUID] | None
    lender_ids: list[UUID | None] | None
    issued_ids: list[UUID] | None
    issuer_ids: list[UUID | None] | None
    touched_ids: list[UUID] | None
    touched_empty_at: list[float | None] | None
    touched_first_at: list[float | None] | None
    touched_last_at: list[float | None] | None
    touched_still_held: list[bool | None] | None
    alike_ids: list[UUID] | None
    twin_check_in_id: list[UUID] | None
    twin_person_id: list[UUID] | None
    twin_captured_at: list[float] | None
    twin_arrived_at: list[float] | None
    twin_raw_lon: list[float] | None
    twin_raw_lat: list[float] | None
    twin_device_id: list[str | None] | None


class EvidenceRow(NamedTuple):
    """All that a check-in was judged from."""

    id: UUID
    person_id: UUID
    captured_at: datetime
    visited_at: datetime
    fixed_at: datetime | None
    received_at: datetime
    device_id: str | None
    crs: str
    raw_lon: float | None
    raw_lat: float | None
    accuracy_m: float | None
    altitude_m: float | None
    speed_mps: float | None
    mock: bool | None
    position_problem: str | None
    purpose: Purpose
    household_id: UUID | None
    note: str
    photo_ids: list[UUID]
    form: Json | None
    app_version: str | None
    content_hash: bytes
    position_added_at: datetime | None
    source: RecordSource | None
    record_key: UUID | None
    record: Json | None


# One column for each member of `Step`. Times as numbers: they are read three times as fast.
_FIXES = """
SELECT id, date_part('epoch', visited_at), date_part('epoch', coalesce(position_added_at, received_at)),
  date_part('epoch', fixed_at + (visited_at - captured_at)), ST_X(position), ST_Y(position), raw_lon, raw_lat,
  accuracy_m, altitude_m, speed_mps, device_id, standing
FROM check_in
WHERE check_in.county_id = :county_id AND check_in.person_id = visitor.person_id AND position IS NOT NULL
  AND withdrawn_at IS NULL AND visited_at
"""


def _arrays(names: Sequence[str], prefix: str = "") -> Callable[[str], str]:
    return lambda of: ", ".join(f"array_agg({of}.{name}) AS {prefix}{name}" for name in names)


AROUND = Statement(
    AroundRow,
    read(
        Path(__file__).with_name("around.sql"),
        within_a_day=lambda at: f"{at} BETWEEN visit.day_before AND visit.day_after",
        later=f"make_interval(secs => {LATER_S})",
        contacts=_arrays(Contact._fields),
        touched=", ".join(f"touched.{name} AS touched_{name}" for name in Contact._fields),
        twins=_arrays(Twin._fields, "twin_"),
        twin=", ".join(Twin._fields),
        alike=", ".join(f"alike.twin_{name}" for name in Twin._fields),
        twins_degrees=str(TWINS_DEGREES),
        steps=_arrays(Step._fields),
        step=", ".join(Step._fields),
        fixes=_FIXES,
        before=str(LAST),
        after=str(NEXT),
    ),
)

EVIDENCE = Statement(
    EvidenceRow,
    """
SELECT id, person_id, captured_at, visited_at, fixed_at, received_at, device_id, crs, raw_lon, raw_lat, accuracy_m,
  altitude_m, speed_mps, mock, position_problem, purpose, household_id, note, photo_ids, form, app_version,
  content_hash, position_added_at, source, record_key, record
FROM check_in WHERE county_id = :county_id AND id = ANY(CAST(:ids AS uuid[]))
ORDER BY received_at, captured_at, id
""",
)


class NeighbourQuery(NamedTuple):
    """A visit to look around: `lon` and `lat`, WGS-84, where its fix is to be compared with others'."""

    id: UUID
    person_id: UUID
    captured_at: datetime
    device_id: str | None
    received_at: datetime
    lon: float | None
    lat: float | None


async def around(
    session: AsyncSession, *, county_id: str, visits: Sequence[NeighbourQuery], network_m: float
) -> tuple[dict[UUID, list[Step]], dict[UUID, Around]]:
    """Stored fixes by person, and by visit what else was found, where there is anything.

    Visits that are stored already do not find themselves. `network_m`: what claims this or worse is no twin.
    """
    columns = zip(*visits, strict=True)
    names = ("ids", "person_ids", "captured_at", "device_ids", "received_at", "lon", "lat")
    given: dict[str, object] = {name: list(column) for name, column in zip(names, columns, strict=True)}
    found = await AROUND.all(session, county_id=county_id, network_m=network_m, **given)
    own = {visit.id for visit in visits}
    steps = {row.person_id: [step for step in _steps(row) if step.check_in_id not in own] for row in found}
    return steps, {visit_id: each for row in found for visit_id, each in _found(row).items()}


def _found(row: AroundRow) -> dict[UUID, Around]:
    lenders = dict(zip(row.visit_ids or (), row.lender_ids or (), strict=True))
    issuers = dict(zip(row.issued_ids or (), row.issuer_ids or (), strict=True))
    contacts = dict(zip(row.touched_ids or (), _tuples(Contact, row, "touched"), strict=True))
    twins: dict[UUID, list[Twin]] = defaultdict(list)
    for visit_id, twin in zip(row.alike_ids or (), _tuples(Twin, row, "twin"), strict=True):
        twins[visit_id].append(twin)
    return {
        visit_id: Around(
            lender_id=lenders.get(visit_id),
            issuer_id=issuers.get(visit_id),
            contact=contacts.get(visit_id),
            own_twins=tuple(twin for twin in twins[visit_id] if twin.person_id == row.person_id),
            others_twins=tuple(twin for twin in twins[visit_id] if twin.person_id != row.person_id),
        )
        for visit_id in {*lenders, *issuers, *contacts, *twins}
    }


_Tuple = TypeVar("_Tuple", Contact, Twin)


def _tuples(kind: type[_Tuple], row: AroundRow, prefix: str) -> list[_Tuple]:
    """The rows that the columns of this prefix hold as arrays."""
    columns = [getattr(row, f"{prefix}_{name}") or () for name in kind._fields]
    return [kind(*each) for each in zip(*columns, strict=True)]


def _steps(row: AroundRow) -> list[Step]:
    columns = row[1 : 1 + len(Step._fields)]
    return list(map(Step._make, zip(*columns, strict=True))) if row.check_in_id else []


async def evidence(session: AsyncSession, *, county_id: str, ids: Sequence[UUID]) -> list[Evidence]:
    """What these check-ins are judged by, in the order in which they came: of the time that a review has set."""
    found = await EVIDENCE.all(session, county_id=county_id, ids=list(ids))
    return [_evidence(row, _at(_visit(row), row.visited_at)) for row in found]


async def posted(session: AsyncSession, *, county_id: str, ids: Sequence[UUID]) -> list[Evidence]:
    """What the phones said in these check-ins, whatever was decided since."""
    found = await EVIDENCE.all(session, county_id=county_id, ids=list(ids))
    return [_evidence(row, _visit(row)) for row in found]


def _evidence(row: EvidenceRow, visit: Visit) -> Evidence:
    return Evidence(visit, row.device_id, row.received_at, row.position_added_at)


def _at(visit: Visit, visited_at: datetime) -> Visit:
    """As if captured then, with a fix as old as the phone said: both times are by one clock."""
    if visited_at == visit.captured_at:
        return visit
    fix = visit.fix and replace(visit.fix, fixed_at=visit.fix.fixed_at + (visited_at - visit.captured_at))
    return replace(visit, captured_at=visited_at, fix=fix)


def _visit(row: EvidenceRow) -> Visit:
    fix = None
    if row.raw_lon is not None and row.raw_lat is not None and row.fixed_at is not None:
        fix = Fix(
            lon=row.raw_lon,
            lat=row.raw_lat,
            crs=row.crs,
            accuracy_m=row.accuracy_m,
            altitude_m=row.altitude_m,
            speed_mps=row.speed_mps,
            mock=row.mock,
            fixed_at=row.fixed_at,
        )
    return Visit(
        id=row.id,
        person_id=row.person_id,
        session_id=None,
        captured_at=row.captured_at,
        fix=fix,
        position_problem=row.position_problem,
        purpose=row.purpose,
        household_id=row.household_id,
        note=row.note,
        photo_ids=tuple(row.photo_ids),
        form=row.form,
        app_version=row.app_version,
        content_hash=row.content_hash,
        record=_record(row),
    )


def _record(row: EvidenceRow) -> PlatformRecord | None:
    if row.source is None or row.record_key is None or row.record is None:
        return None
    return PlatformRecord(row.source, row.record_key, row.record)
