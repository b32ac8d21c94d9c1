"""From place and signals to standing: does the visit count, and if not, why."""

from collections.abc import Collection, Iterable
from uuid import UUID

from app.checkins.rules import Judged, Reason
from app.checkins.signals import JudgingFacts, found

SEVERAL_DOUBTS = "several_doubts"
SAME_PATTERN = "same_pattern"
_WEAK = {
    "in_touch_since": "time",
    "fix_came_late": "time",
    "photo_time": "photo",
    "household_point": "place",
    "fewer_decimals": "place",
    "photo_elsewhere": "photo",
    "perfect_accuracy": "phone",
    "constant_accuracy": "phone",
    "several_devices": "phone",
    "key_of_office": "phone",
}
"""What is noted because honest phones do it too, by what it is about. Two that have nothing to do with each other
are no chance."""


def together(codes: Collection[str]) -> Reason | None:
    """Of reasons that are only told: two about different things (time, place, phone, photo) hold together."""
    return Reason(SEVERAL_DOUBTS) if len({_WEAK[code] for code in codes if code in _WEAK}) > 1 else None


def standing_of(known: JudgingFacts) -> tuple[str, tuple[Reason, ...]]:
    """The standing as rules see it, with its reasons."""
    held, noted = found(known)
    if not held and (doubts := together([reason.code for reason in noted])):
        held = [doubts]
    where = _place_reason(known.judged)
    reasons = (*held, *([where] if where else []), *noted)
    return weighed(known.judged.place, {reason.code for reason in reasons}, held=bool(held)), reasons


def pattern_of(check_in_id: UUID, reasons: Iterable[Reason]) -> dict[UUID, Reason]:
    """Earlier check-ins that are part of a pattern which shows with this one, and the reason to doubt each."""
    return {
        other: Reason(SAME_PATTERN, {"check_in_id": str(check_in_id), "pattern": reason.code})
        for reason in reasons
        for other in reason.others
    }


def weighed(place: str, codes: Collection[str], *, held: bool) -> str:
    """The standing that a place gives together with the codes of its reasons; `held` when one of them holds.

    A visit that a signal doubts is held whatever its place: a doubted place proves nothing. So is one outside that
    would be inside in another coordinate system: whoever looks at it sees which is right.
    """
    outside = place == "outside"
    if held or (outside and "crs_mismatch" in codes):
        return "held"
    return "outside" if outside else "counted"


def _place_reason(judged: Judged) -> Reason | None:
    if judged.lon is None:
        return None
    if judged.village_id is None:
        return None if judged.assigned else Reason("no_assigned_village")
    if judged.place == "near":
        return Reason("near_fence", {"distance_m": round(judged.distance_m or 0)})
    if judged.place == "outside":
        return Reason("outside_fence", {"distance_m": round(judged.distance_m or 0)})
    return None
