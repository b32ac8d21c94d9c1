"""A county is made, with its office's account; looked at; and removed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from app.access import activations
from app.access.activations import Issued
from app.directory import service as directory
from app.directory.phone_numbers import phone_number
from app.directory.roster import Person, Post, Roster, Unit
from app.directory.service import County
from app.duties.service import DutyCounty
from app.flows.import_directory import import_county
from app.kernel import tables
from app.kernel.database import within
from app.kernel.ids import new_id
from app.kernel.language import Text
from app.kernel.problems import NOT_FOUND, Problem, invalid

OFFICE_TITLE = "县办公室"
_CODE = Text(
    "县代码是 6 位数字（GB/T 2260），例如 451029", "A county's code has 6 digits (GB/T 2260), such as 451029"
)
_CODE_LENGTH = 6
_NO_NAME = Text("缺少县的名称", "The county has no name")


@dataclass(frozen=True, slots=True)
class NewCounty:
    """县: its GB/T 2260 code and names, and whoever sets it up: a person, with a mobile number of their own."""

    id: str
    name: str
    name_en: str
    office_person: str
    office_phone: str


async def create(session: AsyncSession, new: NewCounty, *, now: datetime) -> Issued:
    """The county with nothing but its office; the code opens the office's account.

    Raises `CONFLICT` where it is there already or no account can be the person's, `INVALID` at `/id` or `/name`.
    """
    if len(new.id) != _CODE_LENGTH or not (new.id.isascii() and new.id.isdecimal()):
        raise invalid("/id", "bad_format", _CODE)
    if not new.name.strip():
        raise invalid("/name", "missing", _NO_NAME)
    phone = phone_number(new.office_phone)
    activations.refuse_unfit(new.office_person, phone)
    await import_county(session, _bare(new, phone, now), now=now)
    return (await _office_code(session, new.id, phone, now))[0]


async def office_code(session: AsyncSession, county_id: str, phone: str, *, now: datetime) -> Issued:
    """Another code for somebody of the county, from the command line: the office itself is locked out.

    Raises `NOT_FOUND` where nobody serves there with that number.
    """
    issued = await _office_code(session, county_id, phone_number(phone), now)
    if not issued:
        raise Problem(NOT_FOUND)
    return issued[0]


async def known(session: AsyncSession) -> list[County]:
    """All counties, by code."""
    found = []
    for county_id in await directory.county_ids(session):
        async with within(session, county_id):
            found.append(await directory.county(session, county_id))
    return found


async def rows_of(session: AsyncSession, county_id: str) -> tuple[County, Mapping[str, int]]:
    """A county, and how many rows each table has of it. Raises `NOT_FOUND`."""
    return await directory.county(session, county_id), await tables.counts(session, county_id)


async def duty_county(session: AsyncSession, county_id: str) -> DutyCounty:
    """As counting needs it. Raises `NOT_FOUND`."""
    found = await directory.county(session, county_id)
    return DutyCounty(found.id, found.timezone)


async def remove(session: AsyncSession, county_id: str) -> Mapping[str, int]:
    """Delete all that is known of a county; photos are the caller's. How many rows of which table.

    Raises `NOT_FOUND`.
    """
    _, counts = await rows_of(session, county_id)
    await tables.remove(session, county_id)
    return counts


async def _office_code(session: AsyncSession, county_id: str, phone: str, now: datetime) -> list[Issued]:
    person_id = await directory.by_phone(session, county_id=county_id, phone=phone, now=now)
    return await activations.issue(session, county_id, [person_id], made_by=None, now=now) if person_id else []


def _bare(new: NewCounty, phone: str, now: datetime) -> Roster:
    root = Unit(id=new_id(), parent_id=None, code=new.id, name=new.name, level="county", path=new.id)
    today = County(new.id, new.name, new.name_en, directory.TIMEZONE, {}, 0, None).day(now)
    clerk = Person(
        id=new_id(),
        name=new.office_person,
        phone=phone,
        category="info_officer",
        unit_id=root.id,
        department_id=None,
        from_date=today,
    )
    post = Post(new_id(), clerk.id, root.id, role="office", title=OFFICE_TITLE, from_date=today)
    return Roster(
        id=new.id,
        name=new.name,
        name_en=new.name_en,
        outline=None,
        townships=[],
        units=[root],
        villages=[],
        geofences=[],
        households=[],
        people=[clerk],
        posts=[post],
        assignments=[],
    )
