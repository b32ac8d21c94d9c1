"""The columns of a duty and its rule that every statement about duties gives, whatever else it gives."""

from datetime import date, datetime
from typing import Protocol
from uuid import UUID

from app.duties.words import PeriodKind
from app.kernel.statements import Json


class DutyColumns(Protocol):
    """A row that `progress.of_row` reads; read-only, as rows are."""

    @property
    def id(self) -> UUID: ...

    @property
    def person_id(self) -> UUID: ...

    @property
    def rule_id(self) -> UUID: ...

    @property
    def rule_version(self) -> int: ...

    @property
    def name(self) -> str: ...

    @property
    def name_en(self) -> str: ...

    @property
    def measure(self) -> str: ...

    @property
    def night_start(self) -> int | None: ...

    @property
    def night_until(self) -> int | None: ...

    @property
    def period_kind(self) -> PeriodKind: ...

    @property
    def start(self) -> date: ...

    @property
    def closes_at(self) -> datetime: ...

    @property
    def required(self) -> int: ...

    @property
    def days(self) -> int: ...

    @property
    def days_there(self) -> float: ...

    @property
    def excuse(self) -> str | None: ...

    @property
    def calendar_assumed(self) -> bool: ...

    @property
    def tracks_off(self) -> bool: ...

    @property
    def share(self) -> str: ...

    @property
    def household_required(self) -> bool: ...

    @property
    def form_required(self) -> bool: ...

    @property
    def min_dwell_min(self) -> int | None: ...

    @property
    def done(self) -> int: ...

    @property
    def pending_review(self) -> int: ...

    @property
    def status(self) -> str: ...

    @property
    def last_visit_at(self) -> datetime | None: ...

    @property
    def review_due_at(self) -> datetime | None: ...

    @property
    def unreviewed_by(self) -> list[Json] | None: ...
