"""Reads long SQL from a `.sql` file, which is plain SQL with comments at its lines.

`{name}` in it is a fragment that is given here as text, and `{name(a, b)}` one that is made from what stands in
the brackets; `{}` is itself, an empty array or range.
"""

import re
from collections.abc import Callable
from pathlib import Path

Fragment = str | Callable[..., str]

_COMMENT = re.compile(r"\s*--[^\n]*")
_PLACE = re.compile(r"\{(\w+)(?:\(([^{}()]*)\))?\}")


def read(file: Path, **fragments: Fragment) -> str:
    """The SQL, filled, without comments.

    Raises `ValueError` for a fragment that is missing, unused or called as it cannot be, and for any other brace.
    """
    sql = _COMMENT.sub("", file.read_text(encoding="utf-8"))
    if malformed := re.search(r"[{}].*", _PLACE.sub("", sql).replace("{}", "")):
        raise ValueError(f"{file.name} has a brace that belongs to no fragment: {malformed.group()}")
    asked = {place.group(1) for place in _PLACE.finditer(sql)}
    if asked != fragments.keys():
        raise ValueError(f"{file.name} asks for {sorted(asked)}, and is given {sorted(fragments)}")

    def filled(place: re.Match[str]) -> str:
        fragment, written = fragments[place.group(1)], place.group(2)
        if isinstance(fragment, str) != (written is None):
            raise ValueError(f"{file.name} asks for {place.group()}, and is given {type(fragment).__name__}")
        if isinstance(fragment, str):
            return fragment
        return fragment(*(each.strip() for each in written.split(",")))

    return _PLACE.sub(filled, sql)
