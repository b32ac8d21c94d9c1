"""What is stored around a set of visits: the trails of their people, whose phones they hold, and the evidence."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple, TypeVar
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.checkins.handed_over import LATER_S
from app.checkins.history import LAST, NEXT, TWINS_DEGREES, Around, Contact, Step, Twin
from app.checkins.rules import Evidence, Fix, Visit
from app.checkins.words import Purpose
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


_BETWEEN = 1000  # of the fixes between a person's first and last visit of the set

# One column for each member of `Step`. Times as numbers: they are read three times as fast.
_STEP = """
id, date_part('epoch', visited_at), date_part('epoch', coalesce(position_added_at, received_at)),
date_part('epoch', fixed_at + (visited_at - captured_at)), ST_X(position), ST_Y(position), raw_lon, raw_lat,
accuracy_m, altitude_m, speed_mps, device_id, standing
"""
_FIXES_OF = f"""
SELECT {_STEP} FROM check_in
WHERE check_in.county_id = :county_id AND check_in.person_id = visitor.person_id AND position IS NOT NULL
  AND visited_at
"""

_WITHIN_A_DAY = """
{0}.{1} BETWEEN visit.captured_at - interval '1 day' AND visit.captured_at + interval '1 day'
"""

_A_WHILE = "interval '15 minutes'"  # before a visit came: signing in and sending are one act
_TWINS = 30  # of one visit; where there are more, the earliest
_CONTACTS = 100  # of one phone, the last before the visit came
_LATER = f"make_interval(secs => {LATER_S})"

_TWIN = """
check_in.id, check_in.person_id, date_part('epoch', check_in.visited_at),
date_part('epoch', coalesce(check_in.position_added_at, check_in.received_at)),
check_in.raw_lon, check_in.raw_lat, check_in.device_id
"""

# A row for each person: their fixes around the set's visits, as arrays; which of the visits were made with a phone
# that somebody else had signed in on before, and used or signed in on within a day; when the phone of a visit that
# came late was in touch meanwhile; and the fixes, whoever's, that are where a visit's is. The sub-selects hide
# from the planner how many visits there are, so that it settles on one plan for any number (planning took 1 ms).
AROUND = Statement(
    AroundRow,
    f"""
WITH visit AS (
  SELECT * FROM unnest(
    (SELECT CAST(:ids AS uuid[])), (SELECT CAST(:person_ids AS uuid[])),
    (SELECT CAST(:captured_at AS timestamptz[])), (SELECT CAST(:device_ids AS text[])),
    (SELECT CAST(:received_at AS timestamptz[])), (SELECT CAST(:lon AS float8[])), (SELECT CAST(:lat AS float8[]))
  ) AS v(id, person_id, captured_at, device_id, received_at, lon, lat)
), visitor AS (
  SELECT person_id, min(captured_at) AS first, max(captured_at) AS last FROM visit GROUP BY person_id
), lent AS (
  SELECT visit.person_id, array_agg(visit.id) AS visit_ids, array_agg(lender.person_id) AS lender_ids
  FROM visit
  CROSS JOIN LATERAL (
    SELECT person_id, min(started_at) AS since FROM device_session
    WHERE county_id = :county_id AND device_id = visit.device_id AND person_id <> visit.person_id
    GROUP BY person_id
  ) AS lender
  WHERE lender.since < (
    SELECT min(started_at) FROM device_session
    WHERE county_id = :county_id AND device_id = visit.device_id AND person_id = visit.person_id
  ) AND (
    EXISTS (
      SELECT FROM check_in
      WHERE check_in.county_id = :county_id AND check_in.person_id = lender.person_id
        AND check_in.device_id = visit.device_id AND {_WITHIN_A_DAY.format("check_in", "visited_at")}
    ) OR EXISTS (
      SELECT FROM visit AS theirs
      WHERE theirs.person_id = lender.person_id AND theirs.device_id = visit.device_id
        AND {_WITHIN_A_DAY.format("theirs", "captured_at")}
    ) OR EXISTS (
      SELECT FROM device_session AS signed_in
      WHERE signed_in.county_id = :county_id AND signed_in.device_id = visit.device_id
        AND signed_in.person_id = lender.person_id
        AND signed_in.started_at BETWEEN visit.received_at - interval '1 day' AND visit.received_at
    ))
  GROUP BY visit.person_id
), touched AS (
  SELECT visit.person_id, array_agg(visit.id) AS visit_ids,
    {", ".join(f"array_agg(met.{name}) AS {name}" for name in Contact._fields)}
  FROM visit
  CROSS JOIN LATERAL (
    SELECT
      date_part('epoch', max(at) FILTER (
        WHERE waiting = 0 OR oldest_waiting_at > visit.captured_at + {_LATER})) AS empty_at,
      date_part('epoch', min(at) FILTER (
        WHERE waiting IS NULL AND at < visit.received_at - {_A_WHILE})) AS first_at,
      date_part('epoch', max(at) FILTER (
        WHERE waiting IS NULL AND at < visit.received_at - {_A_WHILE})) AS last_at,
      coalesce(bool_or(
        waiting > 0 AND coalesce(oldest_waiting_at <= visit.captured_at + {_LATER}, true)), false) AS still_held
    FROM (
      SELECT at, waiting, oldest_waiting_at FROM contact
      WHERE contact.county_id = :county_id AND contact.person_id = visit.person_id
        AND contact.device_id = visit.device_id AND at > visit.captured_at + {_LATER}
        AND at < visit.received_at - interval '1 minute'
      ORDER BY at DESC LIMIT {_CONTACTS}
    ) AS contact
    HAVING count(*) > 0
  ) AS met
  WHERE visit.received_at > visit.captured_at + {_LATER}
  GROUP BY visit.person_id
), alike AS (
  SELECT visit.person_id, array_agg(visit.id) AS visit_ids,
    {", ".join(f"array_agg(twin.{name}) AS twin_{name}" for name in Twin._fields)}
  FROM visit
  CROSS JOIN LATERAL (
    SELECT {_TWIN} FROM check_in
    WHERE check_in.county_id = :county_id
      AND position && ST_Expand(ST_SetSRID(ST_MakePoint(visit.lon, visit.lat), 4326), {TWINS_DEGREES})
      AND coalesce(accuracy_m, 0) < :network_m AND check_in.id <> visit.id
    ORDER BY check_in.visited_at, check_in.id LIMIT {_TWINS}
  ) AS twin({", ".join(Twin._fields)})
  WHERE visit.lon IS NOT NULL
  GROUP BY visit.person_id
)
SELECT visitor.person_id, trail.*, lent.visit_ids, lent.lender_ids,
  touched.visit_ids AS touched_ids, {", ".join(f"touched.{name} AS touched_{name}" for name in Contact._fields)},
  alike.visit_ids AS alike_ids, {", ".join(f"alike.twin_{name}" for name in Twin._fields)}
FROM visitor
CROSS JOIN LATERAL (
  SELECT {", ".join(f"array_agg({name}) AS {name}" for name in Step._fields)}
  FROM (
    ({_FIXES_OF} < visitor.first ORDER BY visited_at DESC LIMIT {LAST})
    UNION ALL
    ({_FIXES_OF} >= visitor.first ORDER BY visited_at
     LIMIT {NEXT} + CASE WHEN visitor.last > visitor.first THEN {_BETWEEN} ELSE 0 END)
  ) AS step({", ".join(Step._fields)})
) AS trail
LEFT JOIN lent ON lent.person_id = visitor.person_id
LEFT JOIN touched ON touched.person_id = visitor.person_id
LEFT JOIN alike ON alike.person_id = visitor.person_id
""",
)

EVIDENCE = Statement(
    EvidenceRow,
    """
SELECT id, person_id, captured_at, visited_at, fixed_at, received_at, device_id, crs, raw_lon, raw_lat, accuracy_m,
  altitude_m, speed_mps, mock, position_problem, purpose, household_id, note, photo_ids, form, app_version,
  content_hash, position_added_at
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
    contacts = dict(zip(row.touched_ids or (), _tuples(Contact, row, "touched"), strict=True))
    twins: dict[UUID, list[Twin]] = defaultdict(list)
    for visit_id, twin in zip(row.alike_ids or (), _tuples(Twin, row, "twin"), strict=True):
        twins[visit_id].append(twin)
    return {
        visit_id: Around(
            lender_id=lenders.get(visit_id),
            contact=contacts.get(visit_id),
            own_twins=tuple(twin for twin in twins[visit_id] if twin.person_id == row.person_id),
            others_twins=tuple(twin for twin in twins[visit_id] if twin.person_id != row.person_id),
        )
        for visit_id in {*lenders, *contacts, *twins}
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
    )
