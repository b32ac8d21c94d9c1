"""What waits for a leader, as the digest and the daily summary say it; and who stands below them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.kernel.language import Language, Text
from app.kernel.statements import Statement


class ToDoRow(NamedTuple):
    """How much waits for a reader's decision."""

    id: UUID
    flags: int
    held: int
    leave: int
    appeals: int
    overdue: int


# Opens a WITH, for many leaders at once: their topmost subtrees, and of each person in them the child of the
# subtree in which the person stands, as on the board (`board.compliance` by unit).
BELOW = """
leader AS (
  SELECT * FROM unnest(CAST(:leader_ids AS uuid[]), CAST(:paths AS ltree[])) AS below (id, path)
), placed AS (
  SELECT id, unit_id AS place_id, true AS ground FROM person WHERE county_id = :county_id
  UNION ALL
  SELECT id, department_id, false FROM person WHERE county_id = :county_id AND department_id IS NOT NULL
), below AS (
  SELECT DISTINCT ON (leader.id, placed.id) leader.id AS leader_id, placed.id AS person_id,
    subpath(unit.path, 0, least(nlevel(unit.path), nlevel(leader.path) + 1)) AS path
  FROM leader
  JOIN unit ON unit.county_id = :county_id AND unit.path <@ leader.path
  JOIN placed ON placed.place_id = unit.id
  ORDER BY leader.id, placed.id, ground DESC
)"""

# Leave and appeals wait for those who were told of them, singly or in a summary.
_TO_DO = Statement(
    ToDoRow,
    """
WITH leader AS (
  SELECT * FROM unnest(CAST(:leader_ids AS uuid[]), CAST(:paths AS ltree[])) AS below (id, path)
), flags AS (
  SELECT told.person_id AS id, count(*) AS n FROM flag_recipient AS told
  JOIN flag ON flag.county_id = :county_id AND flag.id = told.flag_id AND flag.status = 'open'
  WHERE told.county_id = :county_id AND told.person_id IN (SELECT id FROM leader) GROUP BY told.person_id
), held AS (
  SELECT leader.id, count(DISTINCT check_in.id) AS n FROM check_in
  JOIN person ON person.county_id = :county_id AND person.id = check_in.person_id
  JOIN unit ON unit.county_id = :county_id AND unit.id IN (person.unit_id, person.department_id)
  JOIN leader ON unit.path <@ leader.path
  WHERE check_in.county_id = :county_id AND check_in.standing = 'held' AND check_in.person_id <> leader.id
  GROUP BY leader.id
), undecided AS (
  SELECT 'leave\\:' || id || '\\:asked' AS occasion, CAST(NULL AS timestamptz) AS due_at FROM leave
  WHERE county_id = :county_id AND status = 'asked'
  UNION ALL
  SELECT 'appeal\\:' || id || '\\:filed', due_at FROM appeal WHERE county_id = :county_id AND status = 'open'
), asked AS (
  SELECT reader.id, count(*) FILTER (WHERE due_at IS NULL) AS leave, count(due_at) AS appeals,
    count(*) FILTER (WHERE due_at < :now) AS overdue
  FROM (SELECT DISTINCT id FROM leader) AS reader CROSS JOIN undecided
  WHERE EXISTS (
      SELECT FROM notice AS told WHERE told.county_id = :county_id AND told.person_id = reader.id
        AND told.occasion = undecided.occasion)
    OR EXISTS (
      SELECT FROM deferred_notice AS told WHERE told.county_id = :county_id AND told.person_id = reader.id
        AND told.occasion = undecided.occasion)
  GROUP BY reader.id
)
SELECT id, coalesce(flags.n, 0) AS flags, coalesce(held.n, 0) AS held, coalesce(asked.leave, 0) AS leave,
  coalesce(asked.appeals, 0) AS appeals, coalesce(asked.overdue, 0) AS overdue
FROM (SELECT DISTINCT id FROM leader) AS everyone
LEFT JOIN flags USING (id) LEFT JOIN held USING (id) LEFT JOIN asked USING (id)
""",
)

_NEXT = Text("待您办理：{what}。", "Waiting for you: {what}.")
_COMMA = Text("、", ", ")
_FLAGS = Text("{n} 条预警待签收", "flags to acknowledge: {n}")
_HELD = Text("{n} 次签到待核实", "check-ins to review: {n}")
_LEAVE = Text("{n} 件请假待批", "leave to decide: {n}")
_APPEALS = Text("{n} 件申诉待决定", "appeals to decide: {n}")
_OVERDUE = Text("{n} 件申诉待决定（{overdue} 件已逾期）", "appeals to decide: {n} ({overdue} overdue)")


@dataclass(frozen=True, slots=True)
class ToDo:
    """How much of what waits for a leader."""

    flags: int = 0
    held: int = 0
    leave: int = 0
    appeals: int = 0
    overdue: int = 0

    @property
    def total(self) -> int:
        return self.flags + self.held + self.leave + self.appeals

    def text(self, language: Language) -> str:
        """One line; empty where nothing waits."""
        appeals = _OVERDUE if self.overdue else _APPEALS
        counts = ((_FLAGS, self.flags), (_HELD, self.held), (_LEAVE, self.leave), (appeals, self.appeals))
        said = [text.say(language, n=count, overdue=self.overdue) for text, count in counts if count]
        return _NEXT.say(language, what=_COMMA.say(language).join(said)) if said else ""


async def to_do(
    session: AsyncSession, *, county_id: str, below: Sequence[tuple[UUID, str]], now: datetime
) -> dict[UUID, ToDo]:
    """By leader; `below` are their topmost subtrees, by path."""
    found = await _TO_DO.all(
        session,
        county_id=county_id,
        leader_ids=[leader_id for leader_id, _ in below],
        paths=[path for _, path in below],
        now=now,
    )
    return {row.id: ToDo(row.flags, row.held, row.leave, row.appeals, row.overdue) for row in found}
