"""Whether a database holds the demo: two audit entries of its first county say when it was begun and finished."""

from sqlalchemy.ext.asyncio import AsyncSession

from app.kernel.database import rows

STARTED, FINISHED = "demo.started", "demo.finished"
SUBJECT = "demo"

# Which counties there are, once across all of them.
_STATE = """
SELECT EXISTS (SELECT FROM county) AS any_county, ARRAY(
  SELECT action FROM audit_entry WHERE county_id = :county_id AND subject = :subject
) AS marks
"""


async def state(session: AsyncSession, county_id: str) -> tuple[bool, frozenset[str]]:
    """Whether there is any county, and the demo's marks."""
    (row,) = await rows(session, _STATE, county_id=county_id, subject=SUBJECT)
    return row.any_county, frozenset(row.marks)
