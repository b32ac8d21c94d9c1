"""领导夜访考: what the form of a night visit asks, by Rong'an's rules of 2018, and how its parts are named.

A check-in carries the form as it was filled in: `{"kind": "night_visit", "version": 1, ...}`. It counts for a rule
that wants a form by its kind alone; the phone's door refuses one that is not filled in as it should be.
"""

from collections.abc import Collection, Mapping

from app.checkins.words import ConsistencyState, ItemState, PaperState
from app.kernel.language import Language, Text

NIGHT_VISIT = "night_visit"

# 八有一超: what a household must have to leave poverty, in the order of the county's form.
ITEMS = {
    "income": Text("有稳定收入来源且吃穿不愁", "a steady income, enough to eat and wear"),
    "housing": Text("有住房保障", "safe housing"),
    "medical": Text("有基本医疗保障", "basic medical care"),
    "education": Text("有义务教育保障", "compulsory schooling"),
    "water": Text("有安全饮水", "safe drinking water"),
    "road": Text("有路通", "a road to the hamlet"),
    "electricity": Text("有电用", "electricity"),
    "tv": Text("有电视看", "television"),
    "above_line": Text("年人均纯收入稳定超过国家扶贫标准", "income a head steadily above the national line"),
}

# What each part may say was found; whatever else stands there, nothing was.
ITEM_STATES = (ItemState.OK, ItemState.GAP)
PAPER_STATES = (PaperState.OK, PaperState.PROBLEMS, PaperState.ABSENT)
CONSISTENT_STATES = (ConsistencyState.YES, ConsistencyState.NO)
_NOT_CHECKED = "not_checked"


def described(form: Mapping[str, object] | None, language: Language) -> dict[str, object] | None:
    """A night visit's form as people read it; None where there is none.

    One kept from before its parts were checked is read as far as it can be.
    """
    if form is None or form.get("kind") != NIGHT_VISIT:
        return None
    items = _members(form, "items")
    return {
        "items": [
            {"code": code, "name": text.say(language)} | _found(items, code, ITEM_STATES)
            for code, text in ITEMS.items()
        ],
        "card": _found(form, "card", PAPER_STATES),
        "booklet": _found(form, "booklet", PAPER_STATES),
        "consistent": _found(form, "consistent", CONSISTENT_STATES),
        "recognition": _numbers(form, "recognition", "recognised"),
        "satisfaction": _numbers(form, "satisfaction", "satisfied"),
    }


def _members(of: Mapping[str, object], name: str) -> Mapping[str, object]:
    found = of.get(name)
    return found if isinstance(found, Mapping) else {}


def _found(of: Mapping[str, object], name: str, states: Collection[str]) -> dict[str, str]:
    part = _members(of, name)
    state, note = part.get("state"), part.get("note", "")
    return {
        "state": state if isinstance(state, str) and state in states else _NOT_CHECKED,
        "note": note if isinstance(note, str) else "",
    }


def _numbers(of: Mapping[str, object], name: str, of_them: str) -> dict[str, int]:
    part = _members(of, name)
    return {key: value if isinstance(value := part.get(key), int) else 0 for key in ("asked", of_them)}
