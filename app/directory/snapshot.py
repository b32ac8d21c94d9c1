"""A county's whole directory as it is now, to be compared with what a file says."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.directory.rows import Assignment, Household, Person, Post, Township, Unit, Village
from app.directory.store import bulk


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Every row, those that have ended included; `later_codes` of villages lead to their ids.

    So do `former_numbers` of records that went into another, which are not among the people.
    """

    townships: list[Township]
    units: list[Unit]
    villages: list[Village]
    later_codes: dict[str, str]
    households: list[Household]
    people: list[Person]
    posts: list[Post]
    assignments: list[Assignment]
    former_numbers: dict[str, UUID]


async def snapshot(session: AsyncSession, county_id: str) -> Snapshot:
    """Nine statements, whatever the size."""
    of = {"county_id": county_id}
    return Snapshot(
        townships=await bulk.TOWNSHIPS.all(session, **of),
        units=await bulk.UNITS.all(session, **of),
        villages=await bulk.VILLAGES.all(session, **of),
        later_codes={row.code: row.village_id for row in await bulk.VILLAGE_CODES.all(session, **of)},
        households=[row.household() for row in await bulk.ALL_HOUSEHOLDS.all(session, **of)],
        people=await bulk.ALL_PEOPLE.all(session, **of),
        posts=await bulk.ALL_POSTS.all(session, **of),
        assignments=await bulk.ALL_ASSIGNMENTS.all(session, **of),
        former_numbers={row.written: row.person_id for row in await bulk.FORMER_NUMBERS.all(session, **of)},
    )
