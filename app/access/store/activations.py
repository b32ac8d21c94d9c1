"""Statements of activation codes, and of who cannot sign in yet."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from app.kernel.statements import Command, Statement


class HolderRow(NamedTuple):
    """A code, whose row is held, and whose it is."""

    id: UUID
    person_id: UUID
    phone: str
    expires_at: datetime
    used_at: datetime | None
    replaced_at: datetime | None


class PersonRow(NamedTuple):
    """Somebody as a slip names them."""

    id: UUID
    name: str
    phone: str
    unit: str
    has_account: bool


REPLACE = Command("""
UPDATE activation SET replaced_at = :now
WHERE county_id = :county_id AND person_id = ANY(CAST(:person_ids AS uuid[]))
  AND used_at IS NULL AND replaced_at IS NULL
""")
ISSUE = Command("""
INSERT INTO activation (county_id, id, person_id, code_hash, made_by, made_at, expires_at)
SELECT :county_id, new.*, :made_by, :now, :expires_at FROM unnest(
  CAST(:ids AS uuid[]), CAST(:person_ids AS uuid[]), CAST(:code_hashes AS bytea[])) AS new
""")
HOLDER = Statement(
    HolderRow,
    """
SELECT activation.id, person_id, person.phone, expires_at, used_at, replaced_at
FROM activation JOIN person ON person.county_id = :county_id AND person.id = activation.person_id
WHERE activation.county_id = :county_id AND code_hash = :code_hash
FOR UPDATE OF activation
""",
)
SPEND = Command("UPDATE activation SET used_at = :now WHERE county_id = :county_id AND id = :id")

_PERSON = """
SELECT person.id, person.name, person.phone, unit.name AS unit,
  EXISTS (
    SELECT FROM sign_in WHERE sign_in.county_id = :county_id AND sign_in.person_id = person.id
  ) AS has_account
FROM person JOIN unit ON unit.county_id = :county_id AND unit.id = person.unit_id
WHERE person.county_id = :county_id
"""
PEOPLE = Statement(PersonRow, f"{_PERSON} AND person.id = ANY(CAST(:person_ids AS uuid[]))")
WITHOUT_ACCOUNT = Statement(
    PersonRow,
    f"""
{_PERSON}
  AND (unit.path <@ ANY(CAST(:paths AS ltree[])) OR EXISTS (
    SELECT FROM unit AS department WHERE department.county_id = :county_id
      AND department.id = person.department_id AND department.path <@ ANY(CAST(:paths AS ltree[]))))
  AND person.from_date <= :today AND (person.until_date IS NULL OR person.until_date > :today)
  AND NOT EXISTS (
    SELECT FROM sign_in WHERE sign_in.county_id = :county_id AND sign_in.person_id = person.id)
ORDER BY unit.path, person.name, person.id
""",
)
