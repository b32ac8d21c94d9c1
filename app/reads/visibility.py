"""What a caller may see, as SQL: the one cut that every screen makes.

A person is seen when the unit that answers for them, or the department that sent them, lies in one of the
caller's subtrees; everyone sees themselves. A village is seen when its unit lies in one of the subtrees.
"""

from dataclasses import dataclass, replace
from typing import NamedTuple, Self
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.directory.scope import Scope
from app.kernel.problems import NOT_FOUND, Problem
from app.kernel.statements import Statement


class NamedRow(NamedTuple):
    """Whether what a query names is there to be seen."""

    unit_path: str | None
    village_seen: bool
    person_seen: bool


# Opens a WITH. `paths` are the subtrees looked at, `scope` all those that the caller may look at.
VISIBLE = """
visible_unit AS (
  SELECT unit.* FROM unit
  WHERE unit.county_id = :county_id AND unit.path <@ ANY(CAST(:paths AS ltree[]))
), visible_person AS (
  SELECT person.* FROM person
  WHERE person.county_id = :county_id AND (
    person.id = :self_id
    OR person.unit_id IN (SELECT id FROM visible_unit)
    OR person.department_id IN (SELECT id FROM visible_unit))
), visible_village AS (
  SELECT village.* FROM village
  JOIN unit ON unit.county_id = :county_id AND unit.id = village.unit_id
  WHERE village.county_id = :county_id AND unit.path <@ ANY(CAST(:scope AS ltree[]))
)"""

# The date in the county, for what holds from a date until another.
TODAY = """
today AS (
  SELECT CAST(CAST(:now AS timestamptz) AT TIME ZONE timezone AS date) AS day FROM county WHERE id = :county_id
)"""


def serving(row: str) -> str:
    """SQL: a person serves, or a post or an assignment holds, today."""
    return f"{row}.from_date <= today.day AND ({row}.until_date IS NULL OR {row}.until_date > today.day)"


_NAMED = Statement(
    NamedRow,
    f"""
WITH {VISIBLE}
SELECT (SELECT CAST(path AS text) FROM visible_unit WHERE id = :unit_id) AS unit_path,
  CAST(:village_id AS text) IS NULL OR :village_id IN (SELECT id FROM visible_village) AS village_seen,
  CAST(:person_id AS uuid) IS NULL OR :person_id IN (SELECT id FROM visible_person) AS person_seen
""",
)


@dataclass(frozen=True, slots=True)
class VisibleScope:
    """The part of a county that is looked at; of `scope`, the whole of what the caller may look at."""

    county_id: str
    scope: tuple[str, ...]
    paths: tuple[str, ...]
    self_id: UUID | None

    @classmethod
    def of(cls, scope: Scope) -> Self:
        return cls(scope.county_id, scope.paths, scope.paths, scope.person_id)

    def within(self, unit_path: str) -> Self:
        """The same, narrowed to one unit's people."""
        return replace(self, paths=(unit_path,), self_id=None)

    @property
    def depth(self) -> int:
        """How far below `paths` the units lie by which one counts: of several subtrees each is one."""
        return 1 if len(self.paths) == 1 else 0

    def parameters(self) -> dict[str, object]:
        return {
            "county_id": self.county_id,
            "scope": list(self.scope),
            "paths": list(self.paths),
            "self_id": self.self_id,
        }


async def visible_to(
    session: AsyncSession,
    scope: Scope,
    *,
    unit_id: UUID | None = None,
    village_id: str | None = None,
    person_id: UUID | None = None,
) -> VisibleScope:
    """The caller's sight, narrowed to a unit when one is named. Raises `NOT_FOUND` for what lies outside of it."""
    visible = VisibleScope.of(scope)
    if unit_id is None and village_id is None and person_id is None:
        return visible
    named = await _NAMED.one(
        session, **visible.parameters(), unit_id=unit_id, village_id=village_id, person_id=person_id
    )
    if not (named.village_seen and named.person_seen) or (unit_id and named.unit_path is None):
        raise Problem(NOT_FOUND)
    return visible.within(named.unit_path) if unit_id and named.unit_path else visible
