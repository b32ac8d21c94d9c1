"""From place and signals to standing: does the visit count, and if not, why."""

from app.checkins.rules import Judged, Reason
from app.checkins.signals import Known, found


def standing_of(known: Known) -> tuple[str, tuple[Reason, ...]]:
    """The standing as rules see it, with its reasons.

    A visit that a signal doubts is held whatever its place: a doubted place proves nothing. So is one outside that
    would be inside in another coordinate system: whoever looks at it sees which is right.
    """
    held, noted = found(known)
    where = _place_reason(known.judged)
    reasons = (*held, *([where] if where else []), *noted)
    outside = known.judged.place == "outside"
    if held or (outside and any(reason.code == "crs_mismatch" for reason in noted)):
        return "held", reasons
    if outside:
        return "outside", reasons
    return "counted", reasons


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
