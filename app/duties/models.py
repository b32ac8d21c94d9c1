"""Tables of duties: the rules, who owes what in which period, and the flags of what was missed."""

from datetime import date, datetime
from datetime import date as date_type
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    PrimaryKeyConstraint,
    UniqueConstraint,
    literal_column,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TEXT, TIMESTAMP, ExcludeConstraint
from sqlalchemy.dialects.postgresql import UUID as PG_UUID
from sqlalchemy.orm import Mapped, mapped_column

from app.duties.words import (
    AppealStatus,
    CountsIn,
    DayKind,
    DutyStatus,
    Excuse,
    FlagStatus,
    LeaveKind,
    LeaveLevel,
    LeaveStatus,
    Measure,
    PeriodKind,
    Proration,
    RequiredPer,
)
from app.kernel.database import Base, Sealed, Timestamp, one_of

_OPEN = text("status = 'open'")
WAIVER_KEY = "CAST(md5(person_id || ' ' || rule_id || ' ' || (period_start - DATE '2000-01-01')) AS uuid)"
"""SQL for what seals call a waiver."""


class DutyRule(Base):
    """任务规则: one version of who owes how much of what per period."""

    __tablename__ = "duty_rule"
    may = ("INSERT",)
    may_update = ("effective_until",)
    sealed = Sealed(
        state=may_update,
        renewed_by=("audit_entry", "duty_rule"),
        key="CAST(md5(CAST(id AS text) || ' ' || version) AS uuid)",
    )
    lasts = "what is asked, of nobody"
    __table_args__ = (
        PrimaryKeyConstraint("county_id", "id", "version"),
        ForeignKeyConstraint(["county_id"], ["county.id"]),
        one_of("measure", Measure),
        one_of("period_kind", PeriodKind),
        one_of("counts_in", CountsIn),
        one_of("per", RequiredPer),
        one_of("days", DayKind),
        one_of("share", Proration),
        CheckConstraint("required > 0", name="required"),
        CheckConstraint("grace_h >= 0", name="grace_h"),
        CheckConstraint("min_dwell_min > 0", name="min_dwell_min"),
        CheckConstraint(
            "(night_start IS NULL) = (night_until IS NULL) AND night_until > night_start"
            " AND night_start BETWEEN 0 AND 2159 AND night_until - night_start <= 1440"
            " AND (measure NOT IN ('nights', 'nights_in_village') OR night_start IS NOT NULL)",
            name="night",
        ),
        CheckConstraint(
            "measure <> 'hours_in_village' OR (night_start IS NULL AND min_dwell_min IS NULL"
            " AND NOT household_required AND NOT form_required)",
            name="hours",
        ),
        CheckConstraint("effective_until > effective_from", name="dates"),
        ExcludeConstraint(
            (Column("county_id"), "="),
            (Column("id"), "="),
            (literal_column("daterange(effective_from, effective_until)"), "&&"),
            name="ex_duty_rule_overlap",
        ),
    )

    county_id: Mapped[str]
    id: Mapped[UUID]
    version: Mapped[int]
    name: Mapped[str]
    name_en: Mapped[str]
    source: Mapped[str]  # where the rule is written down
    categories: Mapped[list[str]] = mapped_column(ARRAY(TEXT))
    measure: Mapped[str]
    period_kind: Mapped[str]
    required: Mapped[int]
    counts_in: Mapped[str]
    household_required: Mapped[bool]
    night_start: Mapped[int | None]  # minutes after midnight of the evening's date; 18:30 is 1110, 24:00 is 1440
    night_until: Mapped[int | None]  # the same, exclusive; 05:00 of the next morning is 1740
    grace_h: Mapped[int]  # hours after the period in which an offline phone may still report
    per: Mapped[str] = mapped_column(server_default="person")
    days: Mapped[str] = mapped_column(server_default="calendar")
    share: Mapped[str] = mapped_column(server_default="whole")
    unit_ids: Mapped[list[UUID]] = mapped_column(ARRAY(PG_UUID), server_default=text("'{}'"))  # empty: everywhere
    except_ids: Mapped[list[UUID]] = mapped_column(ARRAY(PG_UUID), server_default=text("'{}'"))  # people
    min_dwell_min: Mapped[int | None]
    form_required: Mapped[bool] = mapped_column(server_default=text("false"))
    shift_closing: Mapped[bool] = mapped_column(server_default=text("false"))
    effective_from: Mapped[date]
    effective_until: Mapped[date | None]


class DutyPeriod(Base):
    """周期: a period of a rule that has been opened, so that everyone who owes in it has a row in `duty`."""

    __tablename__ = "duty_period"
    may = ("INSERT", "UPDATE", "DELETE")
    kept = "duty_retention_d"
    __table_args__ = (
        PrimaryKeyConstraint("county_id", "rule_id", "start"),
        ForeignKeyConstraint(["county_id"], ["county.id"]),
    )

    county_id: Mapped[str]
    rule_id: Mapped[UUID]
    start: Mapped[date]
    opened_on: Mapped[date]  # the local day on which the roster was last looked through for it
    reminded: Mapped[str | None]  # the last reminder that went out, as `reminders.Reminding.due` names it


class Duty(Base):
    """任务: one rule for one person in one period. `period_end` is its last day.

    Everything but `closed_at` (the event of closing) is a function of rules, assignments and check-ins.
    """

    __tablename__ = "duty"
    may = ("INSERT", "UPDATE", "DELETE")
    kept = "duty_retention_d"
    __table_args__ = (
        PrimaryKeyConstraint("county_id", "id"),
        UniqueConstraint("county_id", "person_id", "rule_id", "period_start"),
        ForeignKeyConstraint(["county_id", "person_id"], ["person.county_id", "person.id"]),
        ForeignKeyConstraint(
            ["county_id", "rule_id", "rule_version"],
            ["duty_rule.county_id", "duty_rule.id", "duty_rule.version"],
        ),
        one_of("status", DutyStatus),
        one_of("excuse", Excuse),
        Index("ix_duty_period", "county_id", "rule_id", "period_start", "status"),
        Index(
            "ix_duty_to_close",
            "county_id",
            text("greatest(closes_at, review_due_at)"),  # passes over nulls
            postgresql_where=text("closed_at IS NULL"),
        ),
    )

    county_id: Mapped[str]
    id: Mapped[UUID]
    rule_id: Mapped[UUID]
    rule_version: Mapped[int]
    person_id: Mapped[UUID]
    period_start: Mapped[date]
    period_end: Mapped[date]
    closes_at: Mapped[datetime] = mapped_column(Timestamp)
    required: Mapped[int]
    days: Mapped[int] = mapped_column(server_default="0")  # that the rule goes by, in the period
    days_there: Mapped[float] = mapped_column(server_default="0")  # of these, serving, assigned, not on leave
    excuse: Mapped[str | None]  # why nothing is owed
    calendar_assumed: Mapped[bool] = mapped_column(server_default=text("false"))  # nobody has said what is off
    done: Mapped[int]
    pending_review: Mapped[int]
    status: Mapped[str]
    closed_at: Mapped[datetime | None] = mapped_column(Timestamp)
    review_due_at: Mapped[datetime | None] = mapped_column(
        Timestamp
    )  # what awaits review could meet it until then
    last_visit_at: Mapped[datetime | None] = mapped_column(Timestamp)  # the latest that counts here


class Flag(Base):
    """预警: a missed duty put before the leaders who answer for it."""

    __tablename__ = "flag"
    may = ("INSERT", "UPDATE", "DELETE")
    kept = "duty_retention_d"
    __table_args__ = (
        PrimaryKeyConstraint("county_id", "id"),
        UniqueConstraint("county_id", "duty_id"),
        ForeignKeyConstraint(["county_id", "duty_id"], ["duty.county_id", "duty.id"]),
        ForeignKeyConstraint(["county_id", "person_id"], ["person.county_id", "person.id"]),
        one_of("status", FlagStatus),
        Index("ix_flag_raised", "county_id", text("raised_at DESC"), text("id DESC")),
        Index("ix_flag_open", "county_id", "told_at", postgresql_where=_OPEN),
        Index(None, "county_id", "person_id"),
    )

    county_id: Mapped[str]
    id: Mapped[UUID]
    duty_id: Mapped[UUID]
    person_id: Mapped[UUID]
    status: Mapped[str]
    misses: Mapped[int]  # how many periods in a row, this one included, when it was raised
    level: Mapped[int] = mapped_column(server_default="1")  # the step of the ladder that it stands on
    raised_at: Mapped[datetime] = mapped_column(Timestamp)
    opened_at: Mapped[datetime] = mapped_column(Timestamp)  # raised, or the last time raised again
    told_at: Mapped[datetime] = mapped_column(Timestamp)  # opened or escalated: the last time put before leaders
    changed_at: Mapped[datetime] = mapped_column(Timestamp)
    changed_by: Mapped[UUID | None]
    reason: Mapped[str | None]  # a leader's words; of a withdrawn flag, the status the duty turned to
    # who should have made the review that the duty waited for in vain
    unreviewed_by: Mapped[list[UUID]] = mapped_column(ARRAY(PG_UUID), server_default=text("'{}'"))


class FlagRecipient(Base):
    """Who answers for a flagged person, by the responsibility tree on the day it was put before them."""

    __tablename__ = "flag_recipient"
    may = ("INSERT", "DELETE")
    kept = "duty_retention_d"
    __table_args__ = (
        PrimaryKeyConstraint("county_id", "flag_id", "person_id"),
        ForeignKeyConstraint(["county_id", "flag_id"], ["flag.county_id", "flag.id"]),
        ForeignKeyConstraint(["county_id", "person_id"], ["person.county_id", "person.id"]),
        Index(None, "county_id", "person_id"),
    )

    county_id: Mapped[str]
    flag_id: Mapped[UUID]
    person_id: Mapped[UUID]


class Appeal(Base):
    """申诉: against a flag, or against the standing of a check-in. Nothing in it changes but the decision."""

    __tablename__ = "appeal"
    may = ("INSERT",)
    may_update = ("status", "decided_by", "post", "decided_at", "decision_reason")
    sealed = Sealed(state=("person_id", *may_update), renewed_by=("audit_entry", "person_merge"))
    kept = "duty_retention_d"
    __table_args__ = (
        PrimaryKeyConstraint("county_id", "id"),
        ForeignKeyConstraint(["county_id", "person_id"], ["person.county_id", "person.id"]),
        ForeignKeyConstraint(["county_id", "flag_id"], ["flag.county_id", "flag.id"]),
        ForeignKeyConstraint(["county_id", "check_in_id"], ["check_in.county_id", "check_in.id"]),
        ForeignKeyConstraint(["county_id", "decided_by"], ["person.county_id", "person.id"]),
        one_of("status", AppealStatus),
        CheckConstraint("num_nonnulls(flag_id, check_in_id) = 1", name="subject"),
        CheckConstraint("instance IN (1, 2)", name="instance"),
        CheckConstraint(
            "(status IN ('upheld', 'overturned')) = (decided_at IS NOT NULL)"
            " AND num_nonnulls(decided_by, decided_at, decision_reason, post) IN (0, 4)",
            name="decision",
        ),
        *(
            Index(f"uq_appeal_open_{of}", "county_id", f"{of}_id", unique=True, postgresql_where=_OPEN)
            for of in ("flag", "check_in")
        ),
        Index(None, "county_id", "flag_id"),
        Index(None, "county_id", "check_in_id"),
        Index(None, "county_id", "person_id", "filed_at"),
    )

    county_id: Mapped[str]
    id: Mapped[UUID]
    person_id: Mapped[UUID]
    flag_id: Mapped[UUID | None]
    check_in_id: Mapped[UUID | None]
    instance: Mapped[int]  # 1 复查 by those who answer for the person, 2 申诉 to the county office
    text: Mapped[str]
    filed_at: Mapped[datetime] = mapped_column(Timestamp)
    until: Mapped[datetime] = mapped_column(Timestamp)  # it could be filed until then, exclusive
    due_at: Mapped[datetime] = mapped_column(Timestamp)  # it is to be decided before
    status: Mapped[str]
    decided_by: Mapped[UUID | None]
    post: Mapped[str | None]  # of who decided, at that time, in words
    decided_at: Mapped[datetime | None] = mapped_column(Timestamp)
    decision_reason: Mapped[str | None]
    photo_ids: Mapped[list[UUID]] = mapped_column(ARRAY(PG_UUID(as_uuid=True)), server_default="{}")


class DutyWaiver(Base):
    """不作要求: a decision on an appeal has taken a duty off somebody."""

    __tablename__ = "duty_waiver"
    may = ("INSERT",)
    sealed = Sealed(key=WAIVER_KEY)
    kept = "duty_retention_d"
    __table_args__ = (
        PrimaryKeyConstraint("county_id", "person_id", "rule_id", "period_start"),
        ForeignKeyConstraint(["county_id", "person_id"], ["person.county_id", "person.id"]),
    )

    county_id: Mapped[str]
    person_id: Mapped[UUID]
    rule_id: Mapped[UUID]
    period_start: Mapped[date]
    at: Mapped[datetime] = mapped_column(Timestamp)


class CalendarDay(Base):
    """A day that is not what its weekday says: a weekday off, or a weekend day worked."""

    __tablename__ = "calendar_day"
    may = ("INSERT", "UPDATE", "DELETE")
    lasts = "the calendar, of nobody"
    __table_args__ = (
        PrimaryKeyConstraint("county_id", "date"),
        ForeignKeyConstraint(["county_id"], ["county.id"]),
    )

    county_id: Mapped[str]
    date: Mapped[date_type]
    working: Mapped[bool]
    name: Mapped[str]
    name_en: Mapped[str]
    source: Mapped[str]  # the notice it was published in
    own: Mapped[bool]  # the region's or the county's, which prevails over the national calendar
    # What the region said of the day, as {working, name, name_en, source}: holds again once the office takes back
    # what it said over it.
    regional: Mapped[dict[str, object] | None] = mapped_column(JSONB)


class CalendarYear(Base):
    """A year whose days off are known. In any other, Monday to Friday is assumed, and said to be assumed."""

    __tablename__ = "calendar_year"
    may = ("INSERT", "UPDATE")
    lasts = "the calendar, of nobody"
    __table_args__ = (
        PrimaryKeyConstraint("county_id", "year"),
        ForeignKeyConstraint(["county_id"], ["county.id"]),
    )

    county_id: Mapped[str]
    year: Mapped[int]
    source: Mapped[str]


class Leave(Base):
    """请假/报备: an absence in half-days of the county's own clock; `until_half` is exclusive."""

    __tablename__ = "leave"
    may = ("INSERT",)
    may_update = ("returned_half", "returned_at", "status", "decided_by", "decided_at", "decision_reason")
    sealed = Sealed(state=("person_id", *may_update), renewed_by=("audit_entry", "person_merge"))
    kept = "evidence_retention_d"
    __table_args__ = (
        PrimaryKeyConstraint("county_id", "id"),
        ForeignKeyConstraint(["county_id", "person_id"], ["person.county_id", "person.id"]),
        one_of("kind", LeaveKind),
        one_of("level", LeaveLevel),
        one_of("status", LeaveStatus),
        CheckConstraint("until_half > from_half", name="halves"),
        CheckConstraint(
            "extract(epoch FROM from_half) % 43200 = 0 AND extract(epoch FROM until_half) % 43200 = 0"
            " AND extract(epoch FROM returned_half) % 43200 = 0",
            name="half_days",
        ),
        CheckConstraint("returned_half >= from_half", name="returned"),
        CheckConstraint("returned_at IS NULL OR returned_half IS NOT NULL", name="back"),
        CheckConstraint("num_nonnulls(decided_by, decided_at, decision_reason) IN (0, 3)", name="decision"),
        Index(None, "county_id", "person_id", "from_half"),
        Index("ix_leave_asked", "county_id", "filed_at", postgresql_where=text("status = 'asked'")),
    )

    county_id: Mapped[str]
    id: Mapped[UUID]
    person_id: Mapped[UUID]
    kind: Mapped[str]
    from_half: Mapped[datetime] = mapped_column(TIMESTAMP)
    until_half: Mapped[datetime] = mapped_column(TIMESTAMP)
    returned_half: Mapped[datetime | None] = mapped_column(TIMESTAMP)  # 销假: the first half-day back
    returned_at: Mapped[datetime | None] = mapped_column(Timestamp)  # when that was said
    reason: Mapped[str]
    filed_at: Mapped[datetime] = mapped_column(Timestamp)
    level: Mapped[str]  # whose decision it is
    status: Mapped[str]
    decided_by: Mapped[UUID | None]
    decided_at: Mapped[datetime | None] = mapped_column(Timestamp)
    decision_reason: Mapped[str | None]
