"""Every statement that changes the roster of a county that is in use."""

from datetime import date
from typing import NamedTuple
from uuid import UUID

from app.kernel.statements import Command, Statement


class AssignmentRow(NamedTuple):
    """Who answers for which village or household, on [from_date, until_date)."""

    id: UUID
    person_id: UUID
    village_id: str
    household_id: UUID | None
    from_date: date
    until_date: date | None


class CodeRow(NamedTuple):
    """A code that a village has from a day on, and the notice that says so."""

    code: str
    official_name: str
    from_date: date
    source: str


# Not where the person answers for the same already on one of these days.
BEGIN = Command("""
INSERT INTO assignment (county_id, id, person_id, village_id, household_id, from_date, until_date)
SELECT :county_id, :id, :person_id, :village_id, :household_id, :from_date, :until_date
WHERE NOT EXISTS (
  SELECT FROM assignment
  WHERE county_id = :county_id AND person_id = :person_id AND village_id = :village_id
    AND household_id IS NOT DISTINCT FROM CAST(:household_id AS uuid)
    AND daterange(from_date, until_date) && daterange(:from_date, CAST(:until_date AS date)))
""")
HOUSEHOLD_OF = Statement(
    UUID,
    """
SELECT id FROM household WHERE county_id = :county_id AND id = :household_id AND village_id = :village_id
""",
)
ONE = Statement(
    AssignmentRow,
    """
SELECT id, person_id, village_id, household_id, from_date, until_date FROM assignment
WHERE county_id = :county_id AND id = :id
""",
)
END = Command("""
UPDATE assignment SET until_date = :until_date
WHERE county_id = :county_id AND id = :id AND from_date < :until_date
""")

# A village keeps its id for ever; what the statistics bureau calls it later is written beside it.
RECODE = Command("""
INSERT INTO village_code (county_id, code, village_id, official_name, from_date, source)
SELECT :county_id, :code, :village_id, :official_name, :from_date, :source
WHERE NOT EXISTS (SELECT FROM village WHERE county_id = :county_id AND id = :code AND id <> :village_id)
ON CONFLICT DO NOTHING
""")
RENAME = Command("""
UPDATE village SET code = :code, official_name = :official_name, name = :name
WHERE county_id = :county_id AND id = :village_id
""")
CODES = Statement(
    CodeRow,
    """
SELECT code, official_name, from_date, source FROM village_code
WHERE county_id = :county_id AND village_id = :village_id ORDER BY from_date DESC
""",
)
