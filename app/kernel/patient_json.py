"""JSON read with patience: what is odd in one member must not cost all the others that came with it.

Phones write halves of emoji, bytes that are not UTF-8, raw control characters, a byte order mark, NaN, numbers
beyond any limit. All that is let through here, to be refused or passed over where it stands.
"""

import json
import math

from pydantic_core import from_json

_MAX_DIGITS = 1000  # of a whole number; Python itself refuses more than 4,300


def parse(body: bytes) -> object:
    """Raises ValueError for what is no JSON at all."""
    try:
        return from_json(body, allow_inf_nan=True)
    except ValueError:
        pass
    try:
        text = body.decode(json.detect_encoding(body), "surrogateescape")
        return _PATIENT.decode(text.lstrip("\ufeff\x00"))
    except RecursionError:
        raise ValueError from None


def _integer(digits: str) -> float:
    return int(digits) if len(digits) <= _MAX_DIGITS else math.inf


_PATIENT = json.JSONDecoder(strict=False, parse_int=_integer)
