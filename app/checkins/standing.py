"""From place and signals to standing: does the visit count, and if not, why."""

from datetime import datetime

from app.checkins.rules import Judged, Reason, Visit
from app.checkins.signals import HOLDING, NOTED
from app.directory.rules import CountySettings


def standing_of(
    visit: Visit, judged: Judged, now: datetime, county: CountySettings
) -> tuple[str, tuple[Reason, ...]]:
    """The standing on arrival, with its reasons.

    A visit that a signal doubts is held whatever its place: a doubted place proves nothing.
    """
    held = [reason for signal in HOLDING if (reason := signal(visit, judged, now, county))]
    noted = [reason for signal in NOTED if (reason := signal(visit, judged, now, county))]
    where = _place_reason(judged)
    reasons = (*held, *([where] if where else []), *noted)
    if held:
        return "held", reasons
    if judged.place == "outside":
        return "outside", reasons
    return "counted", reasons


def _place_reason(judged: Judged) -> Reason | None:
    if judged.lon is None:
        return None
    if judged.village_id is None:
        return Reason("no_assigned_village")
    if judged.place == "near":
        return Reason("near_fence", {"distance_m": round(judged.distance_m or 0)})
    if judged.place == "outside":
        return Reason("outside_fence", {"distance_m": round(judged.distance_m or 0)})
    return None
