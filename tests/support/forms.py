"""Forms as phones fill them in."""

from typing import Any

from app.checkins.forms import ITEMS


def night_form(
    *, recognition: tuple[Any, Any] = (3, 3), satisfaction: tuple[Any, Any] = (3, 3), **items: str
) -> dict[str, Any]:
    """A night visit with everything in order but `items`; the pairs start with how many were asked."""
    return {
        "kind": "night_visit",
        "version": 1,
        "items": {name: {"state": items.get(name, "ok")} for name in ITEMS},
        "card": {"state": "ok"},
        "booklet": {"state": "ok"},
        "consistent": {"state": "yes"},
        "recognition": {"asked": recognition[0], "recognised": recognition[1]},
        "satisfaction": {"asked": satisfaction[0], "satisfied": satisfaction[1]},
    }
