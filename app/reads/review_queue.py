"""待核实: the queue of held check-ins: those that duties wait for, the soonest due first, then the oldest.

By period, which the database can order by; whether a duty really waits for one is counted for those shown.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.directory.service import County
from app.duties import service as duties
from app.duties.counting import HELD_SINCE
from app.duties.rules import Period
from app.duties.settings import DutySettings
from app.duties.store.duties import AwaitedRow
from app.kernel.language import Language
from app.kernel.paging import cut, decode_cursor
from app.kernel.statements import Statement
from app.reads import visits
from app.reads.answers.check_ins import AwaitingDuty, HeldCheckIn, ReviewQueue
from app.reads.answers.named import Named
from app.reads.visibility import VISIBLE, VisibleScope
from app.reads.visits import VisitRow


@dataclass(frozen=True, slots=True)
class QueuedRow(VisitRow):
    """And where a held one stands in the queue."""

    turn: datetime
    held_since: datetime


# `turn` puts what no duty waits for behind the others, the oldest first.
_QUEUE = Statement(
    QueuedRow,
    f"""
WITH {VISIBLE}, waits AS MATERIALIZED (
  SELECT duty.person_id, duty.period_start, duty.period_end, duty.review_due_at,
    make_interval(mins => greatest(rule.night_until - 1440, 0)) AS tail
  FROM duty JOIN duty_rule AS rule
    ON rule.county_id = :county_id AND rule.id = duty.rule_id AND rule.version = duty.rule_version
  WHERE duty.county_id = :county_id AND duty.closed_at IS NULL AND duty.status = 'open'
    AND duty.review_due_at IS NOT NULL
), due AS MATERIALIZED (
  SELECT check_in.id, min(waits.review_due_at) AS at
  FROM check_in JOIN waits ON waits.person_id = check_in.person_id
    AND CAST(check_in.visited_at AT TIME ZONE :timezone - waits.tail AS date)
      BETWEEN waits.period_start AND waits.period_end
  WHERE check_in.county_id = :county_id AND check_in.standing = 'held' GROUP BY check_in.id
)
SELECT {visits.SHOWN}, queue.turn, {HELD_SINCE.format(check_in="c")} AS held_since
FROM check_in AS c {visits.NAMED}
LEFT JOIN due ON due.id = c.id
CROSS JOIN LATERAL (SELECT coalesce(due.at, c.visited_at + interval '1000 years') AS turn) AS queue
WHERE c.county_id = :county_id AND c.standing = 'held' AND c.person_id <> :caller_id
  AND (CAST(:person_id AS uuid) IS NULL OR c.person_id = :person_id)
  AND (CAST(:at AS timestamptz) IS NULL
    OR (queue.turn, c.visited_at, c.id) > (:at, :visited_at, CAST(:id AS uuid)))
ORDER BY queue.turn, c.visited_at, c.id LIMIT :limit
""",
)


async def queue(
    session: AsyncSession,
    visible: VisibleScope,
    county: County,
    *,
    caller_id: UUID,
    person_id: UUID | None,
    cursor: str | None,
    limit: int,
    now: datetime,
    language: Language,
) -> ReviewQueue:
    """Held check-ins of the people in sight but the caller's own: whether overdue, and what waits for each."""
    at, visited_at, last = decode_cursor("review-queue", cursor, datetime, datetime, UUID) or (None, None, None)
    found = await _QUEUE.all(
        session,
        **visible.parameters(),
        timezone=county.timezone,
        caller_id=caller_id,
        person_id=person_id,
        at=at,
        visited_at=visited_at,
        id=last,
        limit=limit + 1,
    )
    waiting = await duties.awaited(
        session,
        county_id=county.id,
        timezone=county.timezone,
        touched=[(row.person_id, row.captured_at) for row in found],
        now=now,
    )
    overdue = now - timedelta(days=county.setting(DutySettings).review_remind_days)
    shown, after = cut("review-queue", found, limit, lambda row: (row.turn, row.visited_at, row.id))
    items = [
        HeldCheckIn(
            **visits.view(row, language),
            overdue=row.held_since <= overdue,
            duties=[_awaited(duty, language) for duty in waiting.get(row.id, ())],
        )
        for row in shown
    ]
    return ReviewQueue(items=items, next_cursor=after)


def _awaited(duty: AwaitedRow, language: Language) -> AwaitingDuty:
    return AwaitingDuty(
        id=duty.id,
        rule=Named(id=duty.rule_id, name=duty.name_en if language == "en" else duty.name),
        period=Period.of(duty.period_kind, duty.start).id,
        review_due_at=duty.review_due_at,
    )
