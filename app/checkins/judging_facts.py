"""All that a standing is made from: what was said of a visit, what was judged, and what lies around it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from app.checkins.history import ALONE, History
from app.checkins.rules import Judged, PhotoFact, Reason, Visit
from app.checkins.settings import VisitSettings


@dataclass(frozen=True, slots=True)
class JudgingFacts:
    """What the rules look at."""

    visit: Visit
    judged: Judged
    received_at: datetime
    county: VisitSettings
    clock_skew_s: int
    device_id: str | None  # of the sign-in that sent it; None where that named no phone
    history: History = ALONE
    photos: tuple[PhotoFact, ...] = ()
    position_added_at: datetime | None = None  # when a fix followed that the check-in came without

    @property
    def measured_by_satellites(self) -> bool:
        """Whether the fix claims to be better than a network's, whose places repeat."""
        fix = self.visit.fix
        return fix is not None and (fix.accuracy_m or 0) < self.county.repeated_fix_accuracy_m


Signal = Callable[[JudgingFacts], Reason | None]
