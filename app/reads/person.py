"""People in sight: the list, and one person with posts and assignments."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.directory import phone_numbers
from app.directory.words import Category, UnitLevel
from app.kernel.paging import cut, decode_cursor
from app.kernel.problems import NOT_FOUND, Problem
from app.kernel.statements import Json, Statement
from app.reads.answers.directory import Person, PersonDetail, PersonPage
from app.reads.answers.named import UnitRef
from app.reads.silence import waiting
from app.reads.visibility import TODAY, VISIBLE, VisibleScope, serving


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A person in the list."""

    id: UUID
    name: str
    phone: str
    category: Category
    last_contact_at: datetime | None
    waiting: Json | None
    unit_id: UUID
    unit_name: str
    unit_level: UnitLevel


@dataclass(frozen=True, slots=True)
class DetailRow(PersonRow):
    """A person in full."""

    number: str | None
    department_id: UUID | None
    from_date: date
    until_date: date | None
    posts: list[Json] | None
    assignments: list[Json] | None


_SHOWN = f"""
  person.id, person.name, person.phone, person.category, person.last_contact_at,
  {waiting("person.id")} AS waiting,
  unit.id AS unit_id, unit.name AS unit_name, unit.level AS unit_level
"""
_PEOPLE = Statement(
    PersonRow,
    f"""
WITH {VISIBLE}, {TODAY}
SELECT {_SHOWN}
FROM today CROSS JOIN visible_person AS person
JOIN unit ON unit.county_id = :county_id AND unit.id = person.unit_id
WHERE {serving("person")}
  AND (CAST(:q AS text) IS NULL OR strpos(lower(person.name), lower(:q)) > 0 OR starts_with(person.phone, :digits))
  AND (CAST(:village_id AS text) IS NULL OR EXISTS (
    SELECT FROM assignment
    WHERE assignment.county_id = :county_id AND assignment.person_id = person.id
      AND assignment.village_id = :village_id AND {serving("assignment")}))
  AND (CAST(:name AS text) IS NULL OR (person.name, person.id) > (:name, CAST(:id AS uuid)))
ORDER BY person.name, person.id LIMIT :limit
""",
)
_POSTS = """
SELECT jsonb_agg(jsonb_build_object('id', post.id, 'role', post.role, 'title', post.title,
  'unit', jsonb_build_object('id', held.id, 'name', held.name, 'level', held.level),
  'from', post.from_date, 'until', post.until_date) ORDER BY held.path, post.role, post.from_date)
FROM post JOIN unit AS held ON held.county_id = :county_id AND held.id = post.unit_id
WHERE post.county_id = :county_id AND post.person_id = person.id
  AND (post.until_date IS NULL OR post.until_date > today.day)
"""
_ASSIGNMENTS = """
SELECT jsonb_agg(jsonb_build_object(
  'village', jsonb_build_object('id', village.id, 'name', village.name),
  'household', CASE WHEN household.id IS NOT NULL THEN
    jsonb_build_object('id', household.id, 'head_name', household.head_name) END,
  'id', assignment.id, 'from', assignment.from_date, 'until', assignment.until_date)
  ORDER BY assignment.until_date DESC NULLS FIRST, assignment.from_date DESC, assignment.id)
FROM assignment
JOIN village ON village.county_id = :county_id AND village.id = assignment.village_id
LEFT JOIN household ON household.county_id = :county_id AND household.id = assignment.household_id
WHERE assignment.county_id = :county_id AND assignment.person_id = person.id
"""
_PERSON = Statement(
    DetailRow,
    f"""
WITH {VISIBLE}, {TODAY}
SELECT {_SHOWN}, person.number, person.department_id, person.from_date, person.until_date,
  ({_POSTS}) AS posts, ({_ASSIGNMENTS}) AS assignments
FROM today CROSS JOIN visible_person AS person
JOIN unit ON unit.county_id = :county_id AND unit.id = person.unit_id
WHERE person.id = :person_id
""",
)


async def people(
    session: AsyncSession,
    visible: VisibleScope,
    *,
    q: str | None,
    village_id: str | None,
    cursor: str | None,
    limit: int,
    now: datetime,
) -> PersonPage:
    """Who serves today, by name. `q` is part of a name or the beginning of a phone number."""
    name, last = decode_cursor("people", cursor, str, UUID) or (None, None)
    found = await _PEOPLE.all(
        session,
        **visible.parameters(),
        q=q or None,
        digits=q and phone_numbers.beginning(q),
        village_id=village_id,
        name=name,
        id=last,
        limit=limit + 1,
        now=now,
    )
    shown, after = cut("people", found, limit, lambda row: (row.name, row.id))
    return PersonPage(items=[Person(**_view(row)) for row in shown], next_cursor=after)


async def person(session: AsyncSession, visible: VisibleScope, person_id: UUID, *, now: datetime) -> PersonDetail:
    """One person, today's and later posts, and every assignment, those that hold first. Raises `NOT_FOUND`."""
    found = await _PERSON.all(session, **visible.parameters(), person_id=person_id, now=now)
    if not found:
        raise Problem(NOT_FOUND)
    row = found[0]
    return PersonDetail(
        **_view(row),
        number=row.number,
        department_id=row.department_id,
        from_=row.from_date,
        until=row.until_date,
        posts=row.posts or [],
        assignments=row.assignments or [],
    )


def _view(row: PersonRow) -> dict[str, object]:
    return {
        "id": row.id,
        "name": row.name,
        "phone": row.phone,
        "category": row.category,
        "unit": UnitRef(id=row.unit_id, name=row.unit_name, level=row.unit_level),
        "last_contact_at": row.last_contact_at,
        "waiting": row.waiting,
    }
