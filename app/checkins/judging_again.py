"""Judging a stored check-in by other fences or photos: that alone anew, while what else was found stays. Pure."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.checkins.rules import Judged, Reason
from app.checkins.settings import VisitSettings
from app.checkins.signals import JudgingFacts, severity_of
from app.checkins.standing import SAME_PATTERN, SEVERAL_DOUBTS, standing_of, together, weighed
from app.checkins.words import Severity

_PLACE = frozenset(
    {
        "near_fence",
        "outside_fence",
        "no_assigned_village",
        "no_fence",
        "poor_accuracy",
        "crs_mismatch",
        "far_from_household",
        "not_your_household",
        "typed_centre",
        "household_point",
    }
)
"""Codes of the reasons that follow from the place alone."""
_PHOTOS = frozenset({"photo_reused", "photo_alike", "photo_elsewhere", "photo_time"})
"""Those that follow from its photos."""

_NEARLY = 0.01  # metres, or of a probability: a fix judged alone and in a set may differ in the last digits


@dataclass(frozen=True, slots=True)
class Stored:
    """What is judged of a check-in so far; `reviewed` when a person decided. `judged` has no household radius."""

    person_id: UUID
    visited_at: datetime
    judged: Judged
    standing: str
    reasons: list[dict[str, object]]
    reviewed: bool


@dataclass(frozen=True, slots=True)
class Anew:
    """What is to be judged of a check-in from now on, unless a review prevails."""

    check_in_id: UUID
    rejudgement_id: UUID
    judged: Judged
    standing: str
    reasons: list[dict[str, object]]


def place_judged_again(
    known: JudgingFacts, stored: Iterable[dict[str, object]]
) -> tuple[str, list[dict[str, object]]]:
    """The standing and the reasons, of which those that do not follow from the place are kept from `stored`."""
    _, anew = standing_of(known)
    return _merged(_PLACE, stored, anew, known.judged.place, known.county)


def photos_judged_again(
    before: Stored, anew: Iterable[Reason], county: VisitSettings
) -> tuple[str, list[dict[str, object]]]:
    """The standing and the reasons, of which those about photos are taken from `anew` and the rest is kept."""
    return _merged(_PHOTOS, before.reasons, anew, before.judged.place, county)


def differs(before: Stored, judged: Judged, reasons: Iterable[dict[str, object]]) -> bool:
    """Whether the place is another, by what is kept of it or by the reasons that follow from it."""
    was = before.judged
    names = ("village_id", "geofence_version", "found_in_village_id", "place")
    measures = ("distance_m", "confidence", "household_distance_m")
    return (
        any(getattr(was, name) != getattr(judged, name) for name in names)
        or any(not _nearly(getattr(was, name), getattr(judged, name)) for name in measures)
        or _place_codes(before.reasons) != _place_codes(reasons)
    )


def _merged(
    codes: frozenset[str],
    stored: Iterable[dict[str, object]],
    anew: Iterable[Reason],
    place: str,
    county: VisitSettings,
) -> tuple[str, list[dict[str, object]]]:
    """Reasons with these `codes` as found anew, the others as stored; and the standing that they give together."""
    reasons = [
        *(reason for reason in stored if reason["code"] not in codes and reason["code"] != SEVERAL_DOUBTS),
        *(reason.as_dict() for reason in anew if reason.code in codes),
    ]
    if not any(_rank(reason, county) == 0 for reason in reasons):
        doubts = together([str(reason["code"]) for reason in reasons])
        reasons += [doubts.as_dict()] if doubts else []
    reasons.sort(key=lambda reason: _rank(reason, county))
    held = any(_rank(reason, county) == 0 for reason in reasons)
    return weighed(place, {str(reason["code"]) for reason in reasons}, held=held), reasons


def _rank(reason: Mapping[str, object], county: VisitSettings) -> int:
    """In which order reasons are told: what holds, then the verdict on the place, then what is only noted."""
    code = str(reason["code"])
    severity = Severity.HOLD if code in (SEVERAL_DOUBTS, SAME_PATTERN) else severity_of(code, county)
    return 1 if severity is None else 0 if severity == "hold" else 2


def _place_codes(reasons: Iterable[dict[str, object]]) -> set[str]:
    return {str(reason["code"]) for reason in reasons} & _PLACE


def _nearly(was: float | None, now: float | None) -> bool:
    return was == now or (was is not None and now is not None and math.isclose(was, now, abs_tol=_NEARLY))
