"""A whole county directory in one piece, and its insertion in one statement a table.

Of a county that is there already, single rows and files of them change by `changes.py`.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field

import shapely
from sqlalchemy.ext.asyncio import AsyncSession

from app.directory.rows import Assignment as Assignment
from app.directory.rows import Geofence as Geofence
from app.directory.rows import Household as Household
from app.directory.rows import Person as Person
from app.directory.rows import Post as Post
from app.directory.rows import Township as Township
from app.directory.rows import Unit as Unit
from app.directory.rows import Village as Village
from app.directory.store import bulk
from app.kernel.language import Text
from app.kernel.problems import CONFLICT, Problem
from app.kernel.statements import Command


@dataclass(frozen=True, slots=True, kw_only=True)
class Roster:
    """Everything a county's directory starts with. `settings` holds what differs from `CountySettings`."""

    id: str
    name: str
    name_en: str
    outline: shapely.Geometry | None  # None: not known
    settings: dict[str, object] = field(default_factory=dict)
    townships: Sequence[Township]
    units: Sequence[Unit]
    villages: Sequence[Village]
    geofences: Sequence[Geofence]
    households: Sequence[Household]
    people: Sequence[Person]
    posts: Sequence[Post]
    assignments: Sequence[Assignment]


_COUNTY = Command("""
INSERT INTO county (id, name, name_en, settings, fence_version, outline)
VALUES (:county_id, :name, :name_en, CAST(:settings AS jsonb), 1,
  ST_Multi(ST_GeomFromWKB(CAST(:outline AS bytea), 4326)))
ON CONFLICT (id) DO NOTHING
""")
_TAKEN = Text("系统中已有这个县", "This county is here already")


async def insert(session: AsyncSession, roster: Roster) -> None:
    """Load the county. Raises `CONFLICT`, and changes nothing, when it is there already."""
    created = await _COUNTY.run(
        session,
        county_id=roster.id,
        name=roster.name,
        name_en=roster.name_en,
        settings=json.dumps(roster.settings),
        outline=None if roster.outline is None else shapely.to_wkb(roster.outline),
    )
    if not created:
        raise Problem(CONFLICT, _TAKEN)
    for rows in (
        roster.townships,
        roster.units,
        roster.villages,
        roster.geofences,
        roster.households,
        roster.people,
        roster.posts,
        roster.assignments,
    ):
        await bulk.put(session, roster.id, rows)
    await bulk.OUTLINES.run(session, county_id=roster.id)
