"""Every statement on appeals, and on the duties that they take off."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from app.duties.words import AppealStatus, FlagStatus
from app.kernel.statements import Command, Id, Json, Statement


@dataclass(frozen=True, slots=True)
class StoredAppealRow:
    """An appeal, as it is stored."""

    county_id: str
    id: UUID
    person_id: UUID
    flag_id: UUID | None
    check_in_id: UUID | None
    instance: int
    text: str
    filed_at: datetime
    until: datetime
    due_at: datetime
    status: AppealStatus
    decided_by: UUID | None
    post: str | None
    decided_at: datetime | None
    decision_reason: str | None
    photo_ids: list[UUID]


@dataclass(frozen=True, slots=True)
class AppealRow(StoredAppealRow):
    """And whose it is."""

    name: str


@dataclass(frozen=True, slots=True)
class OwnAppealRow(StoredAppealRow):
    """And who decided."""

    decided_by_name: str | None


class SubjectRow(NamedTuple):
    """What is appealed against, and the latest appeal against it, if there is one."""

    person_id: UUID
    told_at: datetime
    against: bool
    withdrawn: bool
    by: UUID | None
    rule_id: UUID | None
    period_start: date | None
    captured_at: datetime | None
    status: AppealStatus | None
    instance: int | None
    filed_at: datetime | None
    decided_at: datetime | None
    deciders: list[UUID]


class CheckInAppealRow(NamedTuple):
    """The latest appeal against a check-in."""

    id: UUID
    appeal: Json | None


class DutyAppealRow(NamedTuple):
    """The flag of a duty, and the latest appeal against it."""

    id: UUID
    flag_id: UUID
    flag_status: FlagStatus
    appeal: Json | None


_LATEST = """
  LEFT JOIN LATERAL (
    SELECT status, instance, filed_at, decided_at FROM appeal
    WHERE appeal.county_id = :county_id AND appeal.{column} = {id} ORDER BY filed_at DESC, id DESC LIMIT 1
  ) AS latest ON true
"""
_LATEST_COLUMNS = """
  latest.status, latest.instance, latest.filed_at, latest.decided_at, ARRAY(
    SELECT decided_by FROM appeal
    WHERE appeal.county_id = :county_id AND appeal.{column} = {id} AND decided_by IS NOT NULL) AS deciders
"""

# What is appealed against: `told_at` is when the person was last told how it stands, `against` whether it stands
# against them, `withdrawn` whether it was taken back, `by` whose act it is (nobody's where it follows from the
# rule), then the latest appeal if any, and whoever has decided one.
OF_FLAG = Statement(
    SubjectRow,
    f"""
SELECT flag.person_id, flag.opened_at AS told_at, flag.status <> 'withdrawn' AS against, false AS withdrawn,
  CAST(NULL AS uuid) AS by, duty.rule_id, duty.period_start, CAST(NULL AS timestamptz) AS captured_at,
  {_LATEST_COLUMNS.format(column="flag_id", id="flag.id")}
FROM flag JOIN duty ON duty.county_id = :county_id AND duty.id = flag.duty_id
{_LATEST.format(column="flag_id", id="flag.id")}
WHERE flag.county_id = :county_id AND flag.id = :id
""",
)
OF_CHECK_IN = Statement(
    SubjectRow,
    f"""
SELECT c.person_id, greatest(c.received_at, review.at, (
    SELECT max(at) FROM rejudgement
    WHERE rejudgement.county_id = :county_id AND rejudgement.check_in_id = c.id
      AND before ->> 'standing' <> after ->> 'standing'
  )) AS told_at, c.standing <> 'counted' AND c.withdrawn_at IS NULL AS against,
  c.withdrawn_at IS NOT NULL AS withdrawn, review.reviewer_id AS by,
  CAST(NULL AS uuid) AS rule_id, CAST(NULL AS date) AS period_start, c.visited_at AS captured_at,
  {_LATEST_COLUMNS.format(column="check_in_id", id="c.id")}
FROM check_in AS c
LEFT JOIN LATERAL (
  SELECT at, reviewer_id FROM review
  WHERE review.county_id = :county_id AND review.check_in_id = c.id ORDER BY at DESC, id DESC LIMIT 1
) AS review ON true
{_LATEST.format(column="check_in_id", id="c.id")}
WHERE c.county_id = :county_id AND c.id = :id
""",
)

FILE = Statement(
    Id,
    """
INSERT INTO appeal (county_id, id, person_id, flag_id, check_in_id, instance, text, photo_ids, filed_at, until,
  due_at, status)
VALUES (:county_id, :id, :person_id, :flag_id, :check_in_id, :instance, :text, :photo_ids, :now, :until,
  :due_at, :status)
RETURNING id
""",
)

ONE = Statement(
    AppealRow,
    """
SELECT appeal.*, person.name FROM appeal
JOIN person ON person.county_id = :county_id AND person.id = appeal.person_id
WHERE appeal.county_id = :county_id AND appeal.id = :id
""",
)
TAKE = Statement(
    AppealRow,
    f"{ONE.sql} FOR NO KEY UPDATE OF appeal",
)

DECIDE = Statement(
    Id,
    """
UPDATE appeal SET status = :status, decided_by = :actor_id, post = :post, decided_at = :now,
  decision_reason = :reason
WHERE county_id = :county_id AND id = :id AND status = 'open'
RETURNING id
""",
)

WAIVE = Command("""
INSERT INTO duty_waiver (county_id, person_id, rule_id, period_start, at)
VALUES (:county_id, :person_id, :rule_id, :period_start, :now)
ON CONFLICT (county_id, person_id, rule_id, period_start) DO NOTHING
""")

OF_PERSON = Statement(
    OwnAppealRow,
    """
SELECT appeal.*, decider.name AS decided_by_name FROM appeal
LEFT JOIN person AS decider ON decider.county_id = :county_id AND decider.id = appeal.decided_by
WHERE appeal.county_id = :county_id AND appeal.person_id = :person_id
  AND (CAST(:only AS uuid) IS NULL OR appeal.id = :only)
  AND (CAST(:at AS timestamptz) IS NULL OR (appeal.filed_at, appeal.id) < (:at, CAST(:id AS uuid)))
ORDER BY appeal.filed_at DESC, appeal.id DESC LIMIT :limit
""",
)

RECIPIENTS = Statement(
    UUID,
    "SELECT person_id FROM flag_recipient WHERE county_id = :county_id AND flag_id = :flag_id",
)


def latest(where: str) -> str:
    """SQL for the latest appeal that meets `where`, as JSON `{id, status}`; null where there is none."""
    return f"""(
    SELECT jsonb_build_object('id', appeal.id, 'status', appeal.status) FROM appeal
    WHERE appeal.county_id = :county_id AND {where}
    ORDER BY appeal.filed_at DESC, appeal.id DESC LIMIT 1)"""


AGAINST_FLAG = latest("appeal.flag_id = flag.id")
AGAINST_CHECK_IN = latest("appeal.check_in_id = c.id")
"""Columns for lists; `flag` and `c` (a check-in) are the row's."""

MARK_CHECK_INS = Statement(
    CheckInAppealRow,
    f"""
SELECT c.id, {AGAINST_CHECK_IN} AS appeal FROM unnest(CAST(:ids AS uuid[])) AS c (id)
""",
)
MARK_DUTIES = Statement(
    DutyAppealRow,
    f"""
SELECT flag.duty_id AS id, flag.id AS flag_id, flag.status AS flag_status, {AGAINST_FLAG} AS appeal
FROM flag WHERE flag.county_id = :county_id AND flag.duty_id = ANY(CAST(:ids AS uuid[]))
""",
)
