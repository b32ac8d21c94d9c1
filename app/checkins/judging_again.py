"""Judging a stored check-in by other fences: its place anew, while what arrival told about it stays. Pure."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from app.checkins.rules import Judged
from app.checkins.signals import ALWAYS_HOLD, SEVERITY, Known
from app.checkins.standing import standing_of
from app.directory.rules import CountySettings

_PLACE = frozenset(
    {
        "near_fence",
        "outside_fence",
        "no_assigned_village",
        "no_fence",
        "poor_accuracy",
        "crs_mismatch",
        "far_from_household",
    }
)
"""Codes of the reasons that follow from the place alone."""

_USUAL = {signal.__name__: severity for signal, severity in SEVERITY.items()}
_NEARLY = 0.01  # metres, or of a probability: a fix judged alone and in a set may differ in the last digits


@dataclass(frozen=True, slots=True)
class Stored:
    """What is judged of a check-in so far; `reviewed` when a person decided. `judged` has no household radius."""

    person_id: UUID
    captured_at: datetime
    judged: Judged
    standing: str
    reasons: list[dict[str, Any]]
    reviewed: bool


@dataclass(frozen=True, slots=True)
class Anew:
    """What is to be judged of a check-in from now on, unless a review prevails."""

    check_in_id: UUID
    rejudgement_id: UUID
    judged: Judged
    standing: str
    reasons: list[dict[str, Any]]


def place_judged_again(known: Known, stored: Iterable[dict[str, Any]]) -> tuple[str, list[dict[str, Any]]]:
    """The standing and the reasons, of which those that do not follow from the place are kept from `stored`."""
    _, anew = standing_of(known)
    reasons = [
        *(reason for reason in stored if reason["code"] not in _PLACE),
        *(reason.as_dict() for reason in anew if reason.code in _PLACE),
    ]
    reasons.sort(key=lambda reason: _rank(reason["code"], known.county))
    if reasons and _rank(reasons[0]["code"], known.county) == 0:
        return "held", reasons
    return "outside" if known.judged.place == "outside" else "counted", reasons


def differs(before: Stored, judged: Judged, reasons: Iterable[dict[str, Any]]) -> bool:
    """Whether the place is another, by what is kept of it or by the reasons that follow from it."""
    was = before.judged
    names = ("village_id", "geofence_version", "found_in_village_id", "place")
    measures = ("distance_m", "confidence", "household_distance_m")
    return (
        any(getattr(was, name) != getattr(judged, name) for name in names)
        or any(not _nearly(getattr(was, name), getattr(judged, name)) for name in measures)
        or _place_codes(before.reasons) != _place_codes(reasons)
    )


def _rank(code: str, county: CountySettings) -> int:
    """In which order reasons are told: what holds, then the verdict on the place, then what is only noted."""
    if code not in _USUAL:
        return 1
    severity = _USUAL[code] if code in ALWAYS_HOLD else county.signals.get(code, _USUAL[code])
    return 0 if severity == "hold" else 2


def _place_codes(reasons: Iterable[dict[str, Any]]) -> set[str]:
    return {reason["code"] for reason in reasons} & _PLACE


def _nearly(was: float | None, now: float | None) -> bool:
    return was == now or (was is not None and now is not None and math.isclose(was, now, abs_tol=_NEARLY))
