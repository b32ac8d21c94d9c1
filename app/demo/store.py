"""Whether a database holds the demo: two audit entries of its first county say when it was begun and finished."""

from typing import NamedTuple

from sqlalchemy.ext.asyncio import AsyncSession

from app.kernel.statements import Statement

STARTED, FINISHED = "demo.started", "demo.finished"
SUBJECT = "demo"


class StateRow(NamedTuple):
    """Whether there is any county, and what has been done to make the demo."""

    any_county: bool
    marks: list[str]


# Which counties there are, once across all of them.
_STATE = Statement(
    StateRow,
    """
SELECT EXISTS (SELECT FROM every_county()) AS any_county, ARRAY(
  SELECT action FROM audit_entry WHERE county_id = :county_id AND subject = :subject
) AS marks
""",
)


async def state(session: AsyncSession, county_id: str) -> tuple[bool, frozenset[str]]:
    """Whether there is any county, and the demo's marks."""
    row = await _STATE.one(session, county_id=county_id, subject=SUBJECT)
    return row.any_county, frozenset(row.marks)
