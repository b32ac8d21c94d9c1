"""What a broken database constraint means to the caller: constraint name -> problem, in one place."""

import re

from sqlalchemy.exc import DBAPIError

from app.kernel.language import Text
from app.kernel.problems import CONFLICT, INVALID, FieldError, Problem

_FOREIGN_KEY = "23503"
_UNIQUE = "23505"
_EXCLUSION = "23P01"
_DATA = re.compile(r"22...|23502|23514")


def problem_of(error: DBAPIError) -> Problem | None:
    """The problem behind a database error that the request's own data caused, else None."""
    original = getattr(error.orig, "__cause__", None) or error.orig
    state = str(getattr(original, "sqlstate", "") or "")
    name = str(getattr(original, "constraint_name", "") or "")
    if state == _FOREIGN_KEY:
        column = name.rpartition("county_id_")[2] or name
        return Problem(
            INVALID,
            errors=(
                FieldError(
                    f"/{column}", "unknown", Text("所指对象不存在", "Refers to something that is not there")
                ),
            ),
        )
    if state in (_UNIQUE, _EXCLUSION):
        return Problem(CONFLICT)
    if _DATA.fullmatch(state):
        return Problem(INVALID)
    return None
