"""What makes two posts the same check-in: their content by its meaning, not by how it is spelled.

A phone that stores its queue in a database sends the members of a form in another order the second time, 1 for
1.0, another offset of the same moment, or leaves out what is null.
"""

import hashlib
import json
import unicodedata
from dataclasses import fields, replace
from operator import attrgetter

from app.checkins.rules import Evidence, Fix, Visit

_stated = attrgetter(*(field.name for field in fields(Fix) if field.name != "fixed_at"))


def hashed(visit: Visit) -> Visit:
    """With its hash. What only the server knows of it, and the app's version, are no part of the content."""
    said = [
        visit.person_id,
        visit.id,
        visit.captured_at.timestamp(),
        visit.fix and _meant([*_stated(visit.fix), visit.fix.fixed_at.timestamp()]),
        visit.position_problem,
        visit.purpose,
        visit.household_id,
        visit.note,
        sorted({str(photo_id) for photo_id in visit.photo_ids}),
        _meant(visit.form or None),
    ]
    text = json.dumps(said, ensure_ascii=False, sort_keys=True, default=str)
    return replace(visit, content_hash=hashlib.sha256(unicodedata.normalize("NFC", text).encode()).digest())


def first_said(stored: Evidence) -> bytes:
    """The hash of a stored check-in as it was posted: without a fix that followed."""
    visit = stored.visit
    return hashed(replace(visit, fix=None) if stored.position_added_at else visit).content_hash


def _meant(value: object) -> object:
    """A member that is null says nothing, as does an empty note; a whole number is one however it is written."""
    if isinstance(value, dict):
        said = {name: _meant(member) for name, member in value.items() if member is not None}
        return {name: member for name, member in said.items() if (name, member) != ("note", "")}
    if isinstance(value, list):
        return [_meant(member) for member in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value
