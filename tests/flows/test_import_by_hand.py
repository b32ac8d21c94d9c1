"""An import applied is the same changes made by hand: whatever the rows, directory, duties and flags are equal.

Both are done to one county, each in a savepoint of its own that is taken back; rows are compared by what the
office knows them by, since ids are made anew.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shapely import Point
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.directory import service as directory
from app.directory.changes import Changes
from app.directory.rows import Assignment, Household, Person, Post, Unit, Village
from app.directory.scope import Held, Scope
from app.directory.snapshot import Snapshot, snapshot
from app.directory.words import Category, Role, UnitLevel, usual_role
from app.duties import calendar
from app.duties.calendar import SpecialDay
from app.duties.leave import NewLeave
from app.duties.rules import HALF, Span
from app.duties.service import DutyCounty
from app.duties.words import DayHalf, LeaveKind
from app.exchange.service import WorkRow
from app.exchange.tables import tables
from app.exchange.words import ImportState
from app.exchange.workbooks import Sheet
from app.flows import change_calendar, change_directory, take_leave
from app.flows.importing.absence_columns import WorkingDay
from app.flows.importing.columns import COLUMNS, ImportKind
from app.flows.importing.lookup import Lookup
from app.flows.importing.plans import plan_of
from app.kernel.ids import new_id
from app.worker.schedule import tick
from tests.support.cluster import Server
from tests.support.county import (
    A1,
    A2,
    B1,
    B2,
    COUNTY,
    HELPER_A1,
    HELPER_B1,
    HOUSE_A1,
    HOUSE_B1,
    LEADER_A,
    OFFICE,
    RESIDENT_A2,
    Cast,
    centre,
    known_id,
)
from tests.support.server import Api, running

ITS = DutyCounty(COUNTY, "Asia/Shanghai")
TODAY = date(2026, 11, 18)
DAYS = st.dates(TODAY - timedelta(days=20), TODAY + timedelta(days=10))
CASTS = (HELPER_A1, RESIDENT_A2, HELPER_B1, LEADER_A)
SQUADS = ("squad_a1", "squad_a2", "squad_b1", "squad_b2")
HOMES = {A1: "H1", B1: "H2"}
Values = dict[str, Any]  # of a row, by the key of its column


@pytest.fixture(scope="module")
async def api(server: Server, county_template: str) -> AsyncIterator[Api]:
    """Last week is over and flagged, this week runs."""
    async with server.database(county_template) as url, running(url) as api:
        async with api.database.transaction() as session:
            for house, number in ((HOUSE_A1, "H1"), (HOUSE_B1, "H2")):
                numbered = "UPDATE household SET number = :number WHERE id = :id"
                await session.execute(text(numbered), {"number": number, "id": house})
        api.clock.turn(days=-7)
        await tick(api.service, api.clock)
        api.clock.turn(days=7)
        await tick(api.service, api.clock)
        yield api


class Office:
    """Whoever does it by hand, row by row, as the pages do."""

    def __init__(self, session: AsyncSession, county: directory.County, known: Snapshot, now: datetime) -> None:
        self.session = session
        self.county = county
        self.known = known
        self.now = now

    async def change(self, **rows: Any) -> None:
        by = {"actor_id": OFFICE.id, "now": self.now}
        await change_directory.by_hand(
            self.session, ITS, Changes(**{name: [row] for name, row in rows.items()}), **by
        )

    def unit(self, code: str) -> UUID:
        return next(unit.id for unit in self.known.units if code in (unit.code, unit.name))

    def person(self, phone: str) -> Person | None:
        return next((person for person in self.known.people if person.phone == phone), None)

    async def units(self, row: Values) -> None:
        known = next((unit for unit in self.known.units if unit.code == row["code"]), None)
        its = known.id if known else new_id()
        made = Unit(its, self.unit(row["parent"]), row["code"], row["name"], row["level"], "")
        await self.change(units=made)
        self.known.units.append(made)

    async def villages(self, row: Values) -> None:
        was = next((each for each in self.known.villages if each.id == row["code"]), None)
        if was:
            await self.change(villages=replace(was, name=row["name"], unit_id=self.unit(row["unit"])))
        else:
            official = row.get("official_name") or row["name"]
            await self.change(
                villages=Village(row["code"], row["name"], official, row["code"][:9], self.unit(row["unit"]))
            )

    async def people(self, row: Values) -> None:
        was = self.person(row["phone"])
        who = Person(
            id=was.id if was else new_id(),
            name=row["name"],
            phone=row["phone"],
            category=row["category"],
            unit_id=self.unit(row["unit"]),
            department_id=None,
            from_date=row.get("from_date") or (was.from_date if was else TODAY),
            until_date=row.get("until_date"),
            number=row.get("number"),
        )
        role = row.get("role") or usual_role(row["category"])
        held = next(
            (p for p in self.known.posts if (p.person_id, p.unit_id, p.role) == (who.id, who.unit_id, role)), None
        )
        title = row.get("title") or (held.title if held else "")
        post = Post(held.id if held else new_id(), who.id, who.unit_id, role, title,
                    held.from_date if held else who.from_date, who.until_date)  # fmt: skip
        await self.change(people=who)
        await self.change(posts=post)
        if row.get("village") and not self.answered(who.id, row["village"], None):
            await self.change(assignments=Assignment(new_id(), who.id, row["village"], None, who.from_date))

    def answered(self, person_id: UUID, village: str, house: UUID | None) -> Assignment | None:
        about = (person_id, village, house)
        return next(
            (a for a in self.known.assignments if (a.person_id, a.village_id, a.household_id) == about), None
        )

    async def households(self, row: Values) -> None:
        was = next((each for each in self.known.households if each.number == row["number"]), None)
        point = Point(row["lon"], row["lat"]) if "lon" in row else None
        await self.change(
            households=Household(
                id=was.id if was else new_id(),
                village_id=row["village"],
                head_name=row["head_name"],
                hamlet=row.get("hamlet") or (was.hamlet if was else ""),
                position=point or (was.position if was else None),
                radius_m=row.get("radius_m") or (was.radius_m if was else 300.0),
                number=row["number"],
                until_date=row.get("until_date"),
            )
        )

    async def assignments(self, row: Values) -> None:
        who, until = self.person(row["person"]), row.get("until_date")
        assert who
        house = next((each.id for each in self.known.households if each.number == row.get("household")), None)
        there = self.answered(who.id, row["village"], house)
        if there and until:
            await self.change(assignments=replace(there, until_date=until))
        elif not there:
            begun = row.get("from_date") or TODAY
            await self.change(assignments=Assignment(new_id(), who.id, row["village"], house, begun, until))

    async def leave(self, row: Values) -> None:
        who = self.person(row["person"])
        assert who
        span = Span(half(row, "from", DayHalf.AM), half(row, "until", DayHalf.PM) + HALF)
        wish = NewLeave(new_id(), who.id, row["kind"], span, row["reason"])
        await take_leave.file(self.session, self.county, wish, person=who.name, now=self.now)
        root = next(unit for unit in self.known.units if unit.parent_id is None)
        held = Held(known_id("post of the office"), Role.OFFICE, "", root.id, root.name, root.level, root.path)
        scope = Scope(COUNTY, OFFICE.id, (root.path,), (held,), (root.path,))
        decided = {"decider": scope, "reason": "导入", "now": self.now}
        await take_leave.decide(self.session, self.county, wish.id, status="approved", **decided)

    async def calendar(self, row: Values) -> None:
        day = SpecialDay(row["date"], row["working"] == WorkingDay.WORK, row["name"], row["name"], row["source"])

        async def put(session: AsyncSession) -> calendar.Changed | None:
            return await calendar.put(session, COUNTY, [day])

        await change_calendar.change(self.session, ITS, put, self.now)


def half(row: Values, key: str, usual: DayHalf) -> datetime:
    return datetime.combine(row[f"{key}_date"], time(12 if row.get(f"{key}_half", usual) == DayHalf.PM else 0))


def some(**given: st.SearchStrategy[Any]) -> st.SearchStrategy[Values]:
    """A row; what is drawn as None is a blank cell."""
    return st.fixed_dictionaries(given).map(
        lambda row: {key: value for key, value in row.items() if value is not None}
    )


def blank(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | strategy


def rows(strategy: st.SearchStrategy[Values], *known_by: str) -> st.SearchStrategy[list[Values]]:
    return st.lists(
        strategy, min_size=1, max_size=5, unique_by=lambda row: tuple(str(row.get(key)) for key in known_by)
    )


UNITS = rows(
    st.sampled_from(
        [
            {"code": "area_x", "name": "新专区", "level": UnitLevel.AREA, "parent": "theatre_b"},
            {"code": "sector_y", "name": "新片区", "level": UnitLevel.SECTOR, "parent": "theatre_a"},
            {"code": "bureau", "name": "县教育局", "level": UnitLevel.DEPARTMENT, "parent": "田林县"},
            {"code": "squad_a1", "name": "甲一大突击班", "level": UnitLevel.SQUAD, "parent": "theatre_b"},
            {"code": "squad_a2", "name": "甲二突击班", "level": UnitLevel.SQUAD, "parent": "theatre_a"},
            {"code": "theatre_b", "name": "利周大战区", "level": UnitLevel.THEATRE, "parent": "田林县"},
        ]
    ),
    "code",
)
VILLAGES = rows(
    some(
        code=st.sampled_from([A1, A2, B1, "451029100208", "451029101209"]),
        name=st.sampled_from(["新名村", "和平村", "联合村"]),
        unit=st.sampled_from(SQUADS),
    ),
    "code",
).filter(lambda made: len({(row["code"][:9], row["name"]) for row in made}) == len(made))
NEW = st.sampled_from([Cast(f"新人{n}", f"1370000000{n}", "helper", "squad_a1", "cadre") for n in range(1, 4)])
PEOPLE = rows(
    st.builds(
        lambda cast, row: {"name": cast.name, "phone": cast.phone, **row},
        st.sampled_from(CASTS) | NEW,
        some(
            category=st.sampled_from([Category.HELPER, Category.RESIDENT, Category.LEADER]),
            unit=st.sampled_from(SQUADS),
            village=blank(st.sampled_from([A1, A2, B1, B2])),
            role=blank(st.sampled_from([Role.CADRE, Role.LEADER])),
            title=blank(st.just("组长")),
            until_date=blank(st.dates(TODAY + timedelta(days=1), TODAY + timedelta(days=9))),
        ),
    ),
    "phone",
)
HOUSEHOLDS = rows(
    st.builds(
        lambda place, row: {"number": place[0], "village": place[1], **row},
        st.sampled_from([("H1", A1), ("H2", B1), ("H3", A1), ("H4", B2)]),
        some(
            head_name=st.sampled_from(["农大山", "韦老二"]),
            hamlet=blank(st.just("上屯")),
            radius_m=blank(st.sampled_from([120.0, 500.0])),
            moved=blank(st.sampled_from([-0.01, 0.0, 0.01])),
        ),
    ).map(lambda row: {**row, **dict(zip(("lon", "lat"), centre(row["village"]), strict=True))} if "moved" in row
          else row),
    "number",
)  # fmt: skip
ASSIGNMENTS = rows(
    st.builds(
        lambda place, row: {**place, **row},
        st.sampled_from([{"village": village} for village in (A1, A2, B1)]
                        + [{"village": village, "household": number} for village, number in HOMES.items()]),
        some(
            person=st.sampled_from([cast.phone for cast in CASTS]),
            from_date=blank(DAYS),
            until_date=blank(st.dates(TODAY + timedelta(days=11), TODAY + timedelta(days=20))),
        ),
    ),
    "person", "village", "household",
)  # fmt: skip
LEAVE = rows(
    some(
        person=st.sampled_from([cast.phone for cast in CASTS]),
        kind=st.sampled_from([LeaveKind.PERSONAL, LeaveKind.FILED_DUTY]),
        from_date=st.dates(TODAY - timedelta(days=2), TODAY),
        until_date=st.dates(TODAY + timedelta(days=1), TODAY + timedelta(days=9)),
        from_half=blank(st.sampled_from(DayHalf)),
        until_half=blank(st.sampled_from(DayHalf)),
        reason=st.just("家事"),
    ),
    "person",
)
CALENDAR = rows(
    some(date=DAYS, working=st.sampled_from(WorkingDay), name=st.just("圩日"), source=st.just("县府办")), "date"
)
ROWS = {
    ImportKind.UNITS: UNITS,
    ImportKind.VILLAGES: VILLAGES,
    ImportKind.PEOPLE: PEOPLE,
    ImportKind.HOUSEHOLDS: HOUSEHOLDS,
    ImportKind.ASSIGNMENTS: ASSIGNMENTS,
    ImportKind.LEAVE: LEAVE,
    ImportKind.CALENDAR: CALENDAR,
}

STAND = """
SELECT 'unit', concat_ws(' ', code, name, level, path, until_date) FROM unit
UNION ALL SELECT 'village', concat_ws(' ', village.id, village.name, official_name, township_id, unit.code)
  FROM village JOIN unit ON unit.id = unit_id
UNION ALL SELECT 'household', concat_ws(' ', number, village_id, head_name, hamlet, radius_m, ST_AsText(position),
  until_date) FROM household
UNION ALL SELECT 'person', concat_ws(' ', person.name, phone, category, unit.code, number, from_date,
  person.until_date) FROM person JOIN unit ON unit.id = unit_id
UNION ALL SELECT 'post', concat_ws(' ', phone, unit.code, role, title, post.from_date, post.until_date)
  FROM post JOIN person ON person.id = person_id JOIN unit ON unit.id = post.unit_id
UNION ALL SELECT 'assignment', concat_ws(' ', phone, assignment.village_id, number, assignment.from_date,
  assignment.until_date) FROM assignment JOIN (SELECT id, phone FROM person) AS person ON person.id = person_id
  LEFT JOIN (SELECT id, number FROM household) AS household ON household.id = household_id
UNION ALL SELECT 'leave', concat_ws(' ', phone, kind, from_half, until_half, reason, status)
  FROM leave JOIN person ON person.id = person_id
UNION ALL SELECT 'calendar', concat_ws(' ', date, working, name, source, own) FROM calendar_day
UNION ALL SELECT 'duty', concat_ws(' ', phone, rule_id, period_start, required, done, status)
  FROM duty JOIN person ON person.id = person_id
UNION ALL SELECT 'flag', concat_ws(' ', phone, status) FROM flag JOIN person ON person.id = person_id
"""


async def stand(session: AsyncSession) -> list[tuple[Any, ...]]:
    return sorted(tuple(row) for row in await session.execute(text(STAND)))


def cell(value: Any) -> Any:
    """As an office writes it."""
    zh = getattr(getattr(value, "text", None), "zh", None)
    return zh or (value.isoformat() if isinstance(value, date) else value)


async def by_file(
    session: AsyncSession, county: directory.County, kind: ImportKind, made: list[Values], now: datetime
) -> None:
    columns = COLUMNS[kind]
    sheet = Sheet("", [[column.heading.zh for column in columns],
                       *([cell(row.get(column.key)) for column in columns] for row in made)])  # fmt: skip
    taken = WorkRow(COUNTY, new_id(), kind, "名单.xlsx", b"", {}, ImportState.APPLYING, OFFICE.id, [])
    table = tables([sheet], columns, {})
    plan = await plan_of(kind, session, county, table, Lookup(await snapshot(session, COUNTY)), taken, now)
    assert [*table.problems, *plan.problems] == []
    await plan.carry_out()


async def by_hand(
    session: AsyncSession, county: directory.County, kind: ImportKind, made: list[Values], now: datetime
) -> None:
    if kind is ImportKind.UNITS:  # from the top down
        made = sorted(made, key=lambda row: list(UnitLevel).index(row["level"]))
    office = Office(session, county, await snapshot(session, COUNTY), now)
    for row in made:
        await getattr(office, kind)(row)


async def after(session: AsyncSession, change: Callable[[], Awaitable[None]]) -> list[tuple[Any, ...]]:
    """How everything stands when it is done; it is taken back."""
    point = await session.begin_nested()
    try:
        await change()
        return await stand(session)
    finally:
        await point.rollback()


@pytest.mark.timeout(300)
@pytest.mark.parametrize("kind", ROWS)
@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
async def test_a_file_does_what_a_hand_does(api: Api, kind: ImportKind, data: st.DataObject):
    made, now = data.draw(ROWS[kind], label="rows"), api.clock()
    async with api.service.engine.connect() as connected:
        connection = await connected.execution_options(county=COUNTY)
        transaction = await connection.begin()
        session = api.database._sessions(bind=connection)
        county = await directory.county(session, COUNTY)
        before = await stand(session)
        imported = await after(session, lambda: by_file(session, county, kind, made, now))
        assert await after(session, lambda: by_hand(session, county, kind, made, now)) == imported
        assert await stand(session) == before
        await session.close()
        await transaction.rollback()
