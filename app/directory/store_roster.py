"""Every statement that changes the roster of a county that is in use."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app.kernel.database import rows

# Not where the person answers for the same already on one of these days.
BEGIN = """
INSERT INTO assignment (county_id, id, person_id, village_id, household_id, from_date, until_date)
SELECT :county_id, :id, :person_id, :village_id, :household_id, :from_date, :until_date
WHERE NOT EXISTS (
  SELECT FROM assignment
  WHERE county_id = :county_id AND person_id = :person_id AND village_id = :village_id
    AND household_id IS NOT DISTINCT FROM CAST(:household_id AS uuid)
    AND daterange(from_date, until_date) && daterange(:from_date, CAST(:until_date AS date)))
RETURNING id
"""
HOUSEHOLD_OF = """
SELECT id FROM household WHERE county_id = :county_id AND id = :household_id AND village_id = :village_id
"""
ONE = """
SELECT id, person_id, village_id, household_id, from_date, until_date FROM assignment
WHERE county_id = :county_id AND id = :id
"""
END = """
UPDATE assignment SET until_date = :until_date
WHERE county_id = :county_id AND id = :id AND from_date < :until_date RETURNING id
"""
LEAVE_SERVICE = """
UPDATE person SET until_date = :until_date
WHERE county_id = :county_id AND id = :id AND (CAST(:until_date AS date) IS NULL OR from_date < :until_date)
RETURNING id
"""

# A village keeps its id for ever; what the statistics bureau calls it later is written beside it.
RECODE = """
INSERT INTO village_code (county_id, code, village_id, official_name, from_date, source)
SELECT :county_id, :code, :village_id, :official_name, :from_date, :source
WHERE NOT EXISTS (SELECT FROM village WHERE county_id = :county_id AND id = :code AND id <> :village_id)
ON CONFLICT DO NOTHING RETURNING code
"""
RENAME = """
UPDATE village SET code = :code, official_name = :official_name, name = :name
WHERE county_id = :county_id AND id = :village_id RETURNING id
"""
CODES = """
SELECT code, official_name, from_date, source FROM village_code
WHERE county_id = :county_id AND village_id = :village_id ORDER BY from_date DESC
"""


async def ask(session: AsyncSession, statement: str, **parameters: Any) -> list[Any]:
    """The rows that one of the statements above gives."""
    return await rows(session, statement, **parameters)
