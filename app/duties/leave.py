"""请假/报备: words and decisions of leave. Half-days are midnights and noons of the county's own clock."""

from dataclasses import dataclass
from datetime import datetime, timedelta

LEAVE_KINDS = (
    "personal",  # 事假
    "sick",  # 病假
    "official",  # 公假
    "filed_duty",  # 公出报备: meetings, training, errands elsewhere; on duty, once filed
    "annual",  # 年休
    "rotation",  # 轮休
)
LEAVE_LEVELS = ("township", "county")
LEAVE_STATUSES = ("asked", "approved", "refused", "withdrawn")

HALF = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Span:
    """From a half-day until another, exclusive."""

    from_half: datetime
    until_half: datetime

    @property
    def days(self) -> float:
        """Length in days; a half-day is 0.5."""
        return (self.until_half - self.from_half) / HALF / 2


def level_of(span: Span, township_days: float) -> str:
    """Whose decision it is (Zhaoping: up to 3 days the township, longer the county)."""
    return "township" if span.days <= township_days else "county"
