"""Visits that a phone hands over when it no longer should have held them. Rules as those in `signals.py`.

A queue is emptied, the oldest first, whenever the phone is in touch. The server knows when that was.
"""

from app.checkins.judging_facts import JudgingFacts
from app.checkins.rules import Reason

_HOUR_S = 3600.0
LATER_S = 1 * _HOUR_S
"""What was made so long before another thing happened was made before it, by a clock that is minutes off."""
_CLOCK_S = 3 * _HOUR_S
"""A phone's clock is taken to be behind by no more than this: what always comes later than that waited."""


def not_handed_over(known: JudgingFacts) -> Reason | None:
    """The phone had been in touch since, and held nothing from then, or handed over what was made later.

    In touch without a word of what it held: twice, an hour apart. Where it said that it still held something from
    then, nothing is odd.
    """
    contact, since = known.history.contact, _since(known)
    if contact and contact.empty_at and contact.empty_at > since:
        return _odd("not_handed_over", known, contact.empty_at)
    if contact and contact.still_held:
        return None
    arrived = known.received_at.timestamp()
    for other in known.history.later:
        if other.captured_at > since and other.arrived_at < arrived - LATER_S:
            found = _odd("not_handed_over", known, other.arrived_at)
            return Reason(found.code, found.values | {"check_in_id": str(other.check_in_id)})
    if contact and contact.first_at and contact.last_at and contact.last_at - LATER_S >= contact.first_at > since:
        return _odd("not_handed_over", known, contact.last_at)
    return None


def in_touch_since(known: JudgingFacts) -> Reason | None:
    """In touch once, without a word of what it held: an app may have been closed before it could send."""
    contact = known.history.contact
    if contact is None or contact.still_held or not contact.last_at or contact.last_at <= _since(known):
        return None
    return None if not_handed_over(known) else _odd("in_touch_since", known, contact.last_at)


def fix_came_late(known: JudgingFacts) -> Reason | None:
    """A phone that is offline sends both in one go; a fix long after the check-in may have been fetched for it."""
    if known.position_added_at is None:
        return None
    late_s = (known.position_added_at - known.received_at).total_seconds()
    return Reason("fix_came_late", {"hours": round(late_s / _HOUR_S, 1)}) if late_s > LATER_S else None


def _odd(code: str, known: JudgingFacts, at: float) -> Reason:
    return Reason(code, {"hours": round((known.received_at.timestamp() - at) / _HOUR_S, 1)})


def _since(known: JudgingFacts) -> float:
    """The visit was made before this, even where the phone's clock is behind by as much as may be."""
    behind = known.history.lag_s
    return known.visit.captured_at.timestamp() + LATER_S + (behind if behind <= _CLOCK_S else 0.0)
