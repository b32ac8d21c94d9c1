"""Reads the parts of the counting statement: `.sql` files beside this one.

A part is plain SQL with comments at its lines. `{name}` in it is a fragment that is given here as text, and
`{name(a, b)}` one that is made from what stands in the brackets.
"""

import re
from collections.abc import Callable
from pathlib import Path

Fragment = str | Callable[..., str]

_COMMENT = re.compile(r"\s*--[^\n]*")
_PLACE = re.compile(r"\{(\w+)(?:\(([^{}]*)\))?\}")


def read(name: str, **fragments: Fragment) -> str:
    """The part of that name, filled, without comments. Raises `ValueError` for a fragment missing or unused."""
    sql = _COMMENT.sub("", Path(__file__).with_name(f"{name}.sql").read_text(encoding="utf-8"))
    asked = {place.group(1) for place in _PLACE.finditer(sql)}
    if asked != fragments.keys():
        raise ValueError(f"{name}.sql asks for {sorted(asked)}, and is given {sorted(fragments)}")

    def filled(place: re.Match[str]) -> str:
        fragment, written = fragments[place.group(1)], place.group(2)
        if isinstance(fragment, str):
            return fragment
        return fragment(*(each.strip() for each in written.split(",")))

    return _PLACE.sub(filled, sql)
