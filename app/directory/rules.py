"""Settings of the directory."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import timedelta
from typing import Any, Self

from app.directory.words import Severity
from app.geo.verdict import Limits


@dataclass(frozen=True, slots=True)
class CountySettings:
    """What a county may set about visits; `county.settings` holds what differs. Times of day are minutes."""

    night_start: int = 18 * 60 + 30  # 18:30
    night_until: int = 29 * 60  # 05:00 of the next day, which belongs to the evening before; 300 is the same
    clock_skew_s: int = 300  # captured further ahead of the server than this is held
    stale_fix_s: int = 300  # a place measured longer before or after the visit than this is held
    oldest_visit_d: int = 366  # captured longer ago than this, the phone's clock is not believed
    late_upload_h: int = 24 * 7  # uploaded later than this is said beside the check-in
    max_speed_kmh: float = 120  # from fix to fix in a straight line; no car is faster in karst country
    short_way_kmh: float = 70  # the same within a quarter of an hour: whoever arrives has set out and stopped, too
    jump_m: float = 1000  # a shorter way is never impossible: fixes jump
    repeated_fix_days: int = 1  # on so many other days the very same coordinates are no chance
    repeated_fix_accuracy_m: float = 20  # a fix that claims this or worse is of a network, whose places do repeat
    perfect_accuracy_m: float = 2  # no phone can be so sure
    constant_accuracy_fixes: int = 10  # in a row, over three days or more
    several_devices: int = 3  # of one person
    several_devices_d: int = 30  # within so many days
    photo_apart_m: float = 1000  # a photo taken further from the fix than this
    photo_apart_h: int = 12  # or so long before or after the visit
    signals: Mapping[str, str] = field(default_factory=dict)  # severities that differ from checkins/signals.py
    photo_retention_d: int = 365  # photos are deleted so many days after their upload
    tracks: bool = False  # are tracks kept at all? If not, none is stored, and what there was is deleted
    track_retention_d: int = 30  # a track is kept so many days beside today's
    quarantine_retention_d: int = 30  # what tracking apps sent in vain is deleted so many days after it came
    contact_retention_d: int = (
        45  # when phones were in touch is known so long; later visits are not held against it
    )
    appeal_days: int = 15  # an appeal may be filed on so many days after the person was told (Tianlin)
    appeal_decision_days: int = 15  # and is to be decided within so many
    leave_township_days: float = 3  # longer leave is the county's to decide (昭平县)
    leave_retro_d: int = 31  # leave may be filed so many days after it began
    review_remind_days: int = 2  # who is to review a check-in is reminded when it has waited for so many days
    review_escalate_days: int = 5  # and then whoever stands above
    review_wait_days: int = 10  # so long, 1 to 999, a duty waits for the review of what could meet it

    def __post_init__(self) -> None:
        """Raises ValueError for a value that is none of its setting's."""
        for each in fields(self):
            value = getattr(self, each.name)
            if each.name != "signals" and not _fits(value, each.type):
                raise ValueError(f"{each.name} cannot be {value!r}")
        if not 1 <= self.review_wait_days <= _LONGEST_WAIT_D:
            raise ValueError(f"review_wait_days cannot be {self.review_wait_days!r}")
        if max(self.night_start, self.night_until) > 2 * _DAY_MIN:
            raise ValueError("a night begins on its day, or the morning after, and ends within another")
        if not isinstance(self.signals, Mapping) or any(
            word not in Severity.codes() for word in self.signals.values()
        ):
            raise ValueError(f"the severity of a signal is one of {', '.join(Severity.codes())}")

    @property
    def night(self) -> tuple[int, int]:
        """From when until when it is night; an end that is not after the start is of the next morning."""
        until = self.night_until
        return self.night_start, until if until > self.night_start else until + _DAY_MIN

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> Self:
        """From `county.settings`; unknown keys belong to other rooms. Raises ValueError."""
        known = {each.name for each in fields(cls)}
        return cls(**{key: value for key, value in settings.items() if key in known})


_LONGEST_WAIT_D = 999  # as `duties.counting.REVIEW_WAIT` reads it
_DAY_MIN = 24 * 60
_MOST = 500_000  # of any unit: as days, they lead from today to no year that there is not


def _fits(value: Any, kind: Any) -> bool:
    if kind is bool or isinstance(value, bool):
        return kind is bool and isinstance(value, bool)
    return isinstance(value, int if kind is int else (int, float)) and 0 <= value <= _MOST


def unfit_settings(settings: Mapping[str, Any]) -> list[str]:
    """The names of those whose value `CountySettings` or `Limits` cannot take."""
    return [name for name, value in settings.items() if not _taken({name: value})]


def _taken(settings: Mapping[str, Any]) -> bool:
    try:
        CountySettings.of(settings)
        Limits.from_settings(settings)
    except (ValueError, TypeError):
        return False
    return True


PHONE_SETTINGS = (
    *("night_start", "night_until", "photo_retention_d", "tracks", "track_retention_d"),
    *("appeal_days", "appeal_decision_days", "leave_township_days", "leave_retro_d"),
)
PHONE_LIMITS = ("tolerance_m", "max_accuracy_m")
"""Of `CountySettings` and `Limits`: what phones are told, since they act by it and may tell their people."""

UPLOAD_AFTER_SERVICE = timedelta(days=30)
"""Who has left, or was replaced, may so long still upload what was captured in service, and read their own."""
