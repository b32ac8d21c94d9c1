"""What is stored around a set of visits: the trails of their people, whose phones they hold, and the evidence."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.checkins.history import LAST, NEXT, Step
from app.checkins.rules import Evidence, Fix, Visit
from app.kernel.database import rows

_BETWEEN = 1000  # of the fixes between a person's first and last visit of the set

# One column for each member of `Step`. Times as numbers: they are read three times as fast.
_STEP = """
id, date_part('epoch', visited_at), date_part('epoch', coalesce(position_added_at, received_at)),
date_part('epoch', fixed_at + (visited_at - captured_at)), ST_X(position), ST_Y(position), raw_lon, raw_lat,
accuracy_m, device_id, standing
"""
_FIXES_OF = f"""
SELECT {_STEP} FROM check_in
WHERE check_in.county_id = :county_id AND check_in.person_id = visitor.person_id AND position IS NOT NULL
  AND visited_at
"""

_WITHIN_A_DAY = """
{0}.{1} BETWEEN visit.captured_at - interval '1 day' AND visit.captured_at + interval '1 day'
"""

# A row for each person: their fixes around the set's visits, as arrays, and which of the visits were made with a
# phone that somebody else had signed in on before and used for a check-in within a day. The sub-selects hide from
# the planner how many visits there are, so that it settles on one plan for any number (planning took 1 ms).
AROUND = f"""
WITH visit AS (
  SELECT * FROM unnest(
    (SELECT CAST(:ids AS uuid[])), (SELECT CAST(:person_ids AS uuid[])),
    (SELECT CAST(:captured_at AS timestamptz[])), (SELECT CAST(:device_ids AS text[]))
  ) AS v(id, person_id, captured_at, device_id)
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
    ))
  GROUP BY visit.person_id
)
SELECT visitor.person_id, trail.*, lent.visit_ids, lent.lender_ids
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
"""

EVIDENCE = """
SELECT id, person_id, captured_at, visited_at, fixed_at, received_at, device_id, crs, raw_lon, raw_lat, accuracy_m,
  altitude_m, speed_mps, mock, position_problem, purpose, household_id, note, photo_ids, form, app_version,
  content_hash, position_added_at
FROM check_in WHERE county_id = :county_id AND id = ANY(CAST(:ids AS uuid[]))
ORDER BY received_at, captured_at, id
"""


async def around(
    session: AsyncSession, *, county_id: str, visits: Sequence[tuple[UUID, UUID, datetime, str | None]]
) -> tuple[dict[UUID, list[Step]], dict[UUID, UUID]]:
    """For visits as (id, person, captured_at, device): stored fixes by person, and by visit who lent the phone.

    Visits that are stored already do not find themselves.
    """
    found = await rows(
        session,
        AROUND,
        county_id=county_id,
        ids=[visit[0] for visit in visits],
        person_ids=[visit[1] for visit in visits],
        captured_at=[visit[2] for visit in visits],
        device_ids=[visit[3] for visit in visits],
    )
    own = {visit[0] for visit in visits}
    steps = {row.person_id: [step for step in _steps(row) if step.check_in_id not in own] for row in found}
    lenders = {
        visit: lender
        for row in found
        if row.visit_ids
        for visit, lender in zip(row.visit_ids, row.lender_ids, strict=True)
    }
    return steps, lenders


def _steps(row: Any) -> list[Step]:
    columns = row[1 : 1 + len(Step._fields)]
    return list(map(Step._make, zip(*columns, strict=True))) if row.check_in_id else []


async def evidence(session: AsyncSession, *, county_id: str, ids: Sequence[UUID]) -> list[Evidence]:
    """What these check-ins are judged by, in the order in which they came: of the time that a review has set."""
    found = await rows(session, EVIDENCE, county_id=county_id, ids=list(ids))
    return [_evidence(row, _at(_visit(row), row.visited_at)) for row in found]


async def posted(session: AsyncSession, *, county_id: str, ids: Sequence[UUID]) -> list[Evidence]:
    """What the phones said in these check-ins, whatever was decided since."""
    found = await rows(session, EVIDENCE, county_id=county_id, ids=list(ids))
    return [_evidence(row, _visit(row)) for row in found]


def _evidence(row: Any, visit: Visit) -> Evidence:
    return Evidence(visit, row.device_id, row.received_at, row.position_added_at)


def _at(visit: Visit, visited_at: datetime) -> Visit:
    """As if captured then, with a fix as old as the phone said: both times are by one clock."""
    if visited_at == visit.captured_at:
        return visit
    fix = visit.fix and replace(visit.fix, fixed_at=visit.fix.fixed_at + (visited_at - visit.captured_at))
    return replace(visit, captured_at=visited_at, fix=fix)


def _visit(row: Any) -> Visit:
    fix = None
    if row.raw_lon is not None:
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
