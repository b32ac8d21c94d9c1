"""Tables of duties: the rules, who owes what in which period, and the flags of what was missed."""

from datetime import date, datetime
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
from sqlalchemy.dialects.postgresql import ARRAY, TEXT, ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.duties.rules import COUNTS_IN, DUTY_STATUSES, FLAG_STATUSES, MEASURES, PERIOD_KINDS
from app.kernel.database import Base, Timestamp, one_of


class DutyRule(Base):
    """任务规则: one version of who owes how much of what per period."""

    __tablename__ = "duty_rule"
    __table_args__ = (
        PrimaryKeyConstraint("county_id", "id", "version"),
        ForeignKeyConstraint(["county_id"], ["county.id"]),
        one_of("measure", MEASURES),
        one_of("period_kind", PERIOD_KINDS),
        one_of("counts_in", COUNTS_IN),
        CheckConstraint("required > 0", name="required"),
        CheckConstraint("grace_h >= 0", name="grace_h"),
        CheckConstraint(
            "(night_start IS NULL) = (night_until IS NULL) AND night_until > night_start"
            " AND night_start BETWEEN 0 AND 1439 AND night_until - night_start <= 1440"
            " AND (measure <> 'nights' OR night_start IS NOT NULL)",
            name="night",
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
    night_start: Mapped[int | None]  # minutes after midnight of the evening's date; 18:30 is 1110
    night_until: Mapped[int | None]  # the same, exclusive; 05:00 of the next morning is 1740
    grace_h: Mapped[int]  # hours after the period in which an offline phone may still report
    effective_from: Mapped[date]
    effective_until: Mapped[date | None]


class DutyPeriod(Base):
    """周期: a period of a rule that has been opened, so that everyone who owes in it has a row in `duty`."""

    __tablename__ = "duty_period"
    __table_args__ = (
        PrimaryKeyConstraint("county_id", "rule_id", "start"),
        ForeignKeyConstraint(["county_id"], ["county.id"]),
    )

    county_id: Mapped[str]
    rule_id: Mapped[UUID]
    start: Mapped[date]
    opened_on: Mapped[date]  # the local day on which the roster was last looked through for it


class Duty(Base):
    """任务: one rule for one person in one period. `period_end` is its last day.

    Everything but `closed_at` (the event of closing) is a function of rules, assignments and check-ins.
    """

    __tablename__ = "duty"
    __table_args__ = (
        PrimaryKeyConstraint("county_id", "id"),
        UniqueConstraint("county_id", "person_id", "rule_id", "period_start"),
        ForeignKeyConstraint(["county_id", "person_id"], ["person.county_id", "person.id"]),
        ForeignKeyConstraint(
            ["county_id", "rule_id", "rule_version"],
            ["duty_rule.county_id", "duty_rule.id", "duty_rule.version"],
        ),
        one_of("status", DUTY_STATUSES),
        Index("ix_duty_period", "county_id", "rule_id", "period_start", "status"),
        Index("ix_duty_to_close", "county_id", "closes_at", postgresql_where=text("closed_at IS NULL")),
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
    done: Mapped[int]
    pending_review: Mapped[int]
    status: Mapped[str]
    closed_at: Mapped[datetime | None] = mapped_column(Timestamp)
    last_visit_at: Mapped[datetime | None] = mapped_column(Timestamp)  # the latest that counts here


class Flag(Base):
    """预警: a missed duty put before the leaders who answer for it."""

    __tablename__ = "flag"
    __table_args__ = (
        PrimaryKeyConstraint("county_id", "id"),
        UniqueConstraint("county_id", "duty_id"),
        ForeignKeyConstraint(["county_id", "duty_id"], ["duty.county_id", "duty.id"]),
        ForeignKeyConstraint(["county_id", "person_id"], ["person.county_id", "person.id"]),
        one_of("status", FLAG_STATUSES),
        Index("ix_flag_raised", "county_id", text("raised_at DESC"), text("id DESC")),
        Index(None, "county_id", "person_id"),
    )

    county_id: Mapped[str]
    id: Mapped[UUID]
    duty_id: Mapped[UUID]
    person_id: Mapped[UUID]
    status: Mapped[str]
    misses: Mapped[int]  # how many periods in a row, this one included, when it was raised
    raised_at: Mapped[datetime] = mapped_column(Timestamp)
    changed_at: Mapped[datetime] = mapped_column(Timestamp)
    changed_by: Mapped[UUID | None]
    reason: Mapped[str | None]  # a leader's words; of a withdrawn flag, the status the duty turned to


class FlagRecipient(Base):
    """A leader who answers for a flagged person, by the responsibility tree on the day it was raised."""

    __tablename__ = "flag_recipient"
    __table_args__ = (
        PrimaryKeyConstraint("county_id", "flag_id", "person_id"),
        ForeignKeyConstraint(["county_id", "flag_id"], ["flag.county_id", "flag.id"]),
        ForeignKeyConstraint(["county_id", "person_id"], ["person.county_id", "person.id"]),
        Index(None, "county_id", "person_id"),
    )

    county_id: Mapped[str]
    flag_id: Mapped[UUID]
    person_id: Mapped[UUID]
