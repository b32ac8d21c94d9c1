"""Every statement that changes the roster of a county that is in use."""

from datetime import date
from typing import NamedTuple

from app.kernel.statements import Command, Statement


class CodeRow(NamedTuple):
    """A code that a village has from a day on, and the notice that says so."""

    code: str
    official_name: str
    from_date: date
    source: str


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
