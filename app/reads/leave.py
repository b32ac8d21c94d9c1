"""Leave of the people in sight: what waits for a decision first."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.directory.scope import Scope
from app.directory.words import Category, UnitLevel
from app.duties import leave
from app.duties.rules import HALF
from app.duties.service import DutyCounty
from app.duties.store.leave import VIEW, LeaveRow
from app.kernel.paging import cut, decode_cursor
from app.kernel.statements import Statement
from app.reads.answers.leave import LeaveItem, LeavePage, LeaveRevoked
from app.reads.answers.named import PersonRef, UnitRef
from app.reads.reckoning import decision, first_half, half_days
from app.reads.visibility import VISIBLE, VisibleScope


@dataclass(frozen=True, slots=True)
class ListedLeaveRow(LeaveRow):
    """A leave in the list, and whose it is."""

    person_name: str
    category: Category
    unit_id: UUID
    unit_name: str
    unit_level: UnitLevel
    rank: int


_LIST = Statement(
    ListedLeaveRow,
    f"""
WITH {VISIBLE}
SELECT {VIEW}, person.name AS person_name, person.category, unit.id AS unit_id, unit.name AS unit_name,
  unit.level AS unit_level, CAST(leave.status <> 'asked' AS int) AS rank
FROM leave
JOIN visible_person AS person ON person.id = leave.person_id
JOIN unit ON unit.county_id = :county_id AND unit.id = person.unit_id
LEFT JOIN person AS decider ON decider.county_id = :county_id AND decider.id = leave.decided_by
WHERE leave.county_id = :county_id
  AND (CAST(:leave_id AS uuid) IS NULL OR leave.id = :leave_id)
  AND (CAST(:status AS text) IS NULL OR leave.status = :status)
  AND (CAST(:person_id AS uuid) IS NULL OR leave.person_id = :person_id)
  AND (CAST(:from_half AS timestamp) IS NULL OR leave.until_half > CAST(:from_half AS timestamp))
  AND (CAST(:until_half AS timestamp) IS NULL OR leave.from_half < CAST(:until_half AS timestamp))
  AND (CAST(:rank AS int) IS NULL
    OR (CAST(leave.status <> 'asked' AS int), -extract(epoch FROM leave.filed_at), leave.id)
      > (:rank, -extract(epoch FROM CAST(:filed_at AS timestamptz)), CAST(:id AS uuid)))
ORDER BY rank, -extract(epoch FROM leave.filed_at), leave.id LIMIT :limit
""",
)


async def listing(
    session: AsyncSession,
    visible: VisibleScope,
    who: Scope,
    county: DutyCounty,
    *,
    now: datetime,
    limit: int,
    cursor: str | None = None,
    status: str | None = None,
    person_id: UUID | None = None,
    days: tuple[date | None, date | None] = (None, None),
    leave_id: UUID | None = None,
) -> LeavePage:
    """Those that wait for a decision first, then the latest filed; of some days (both included) if asked."""
    rank, filed_at, last = decode_cursor("leave", cursor, int, datetime, UUID) or (None, None, None)
    first, final = days
    found = await _LIST.all(
        session,
        **visible.parameters(),
        timezone=county.timezone,
        local_now=leave.local(county, now),
        leave_id=leave_id,
        status=status,
        person_id=person_id,
        from_half=first and datetime.combine(first, time.min),
        until_half=final and datetime.combine(final + timedelta(days=1), time.min),
        rank=rank,
        filed_at=filed_at,
        id=last,
        limit=limit + 1,
    )
    shown, after = cut("leave", found, limit, lambda row: (row.rank, row.filed_at, row.id))
    return LeavePage(items=[_view(row, who) for row in shown], next_cursor=after)


def _view(row: ListedLeaveRow, who: Scope) -> LeaveItem:
    return LeaveItem(
        **view(row),
        person=PersonRef(id=row.person_id, name=row.person_name, category=row.category),
        unit=UnitRef(id=row.unit_id, name=row.unit_name, level=row.unit_level),
        may_decide=leave.may_decide(row, who),
        may_revoke=leave.may_revoke(row, who),
    )


def view(row: LeaveRow) -> dict[str, object]:
    """One leave as both doors show it."""
    return {
        "id": row.id,
        "kind": row.kind,
        **half_days(row.from_half, row.until_half),
        "days": (row.until_half - row.from_half) / HALF / 2,
        "reason": row.reason,
        "filed_at": row.filed_at,
        "level": row.level,
        "status": row.status,
        "retroactive": row.retroactive,
        "returned_at": row.returned_at,
        "overrun": row.overrun,
        "revoked": LeaveRevoked(**first_half(row.revoked_half)) if row.revoked_half else None,
        "decision": decision(row),
    }
