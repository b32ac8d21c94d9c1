"""A county's whole directory goes in at once, or not at all."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid5

import pytest
from shapely import Point, box, union_all
from sqlalchemy.exc import DBAPIError

from app.access.accounts import Account
from app.access.service import open_sessions, rotate
from app.access.sessions import Lifetime
from app.directory.roster import (
    Assignment,
    Geofence,
    Household,
    Person,
    Post,
    Roster,
    Township,
    Unit,
    Village,
)
from app.duties import calendar
from app.flows.import_directory import import_county
from app.kernel.database import Database, rows
from app.kernel.problems import CONFLICT, Problem

NOW = datetime(2026, 11, 18, 12, tzinfo=UTC)
LIFETIME = Lifetime(timedelta(days=30), timedelta(days=365))
SINCE = date(2026, 1, 1)
EAST, WEST = "451029100201", "451029100202"
OUTLINE = box(106.0, 24.0, 106.2, 24.1)


def known(name):
    return uuid5(UUID(int=0), name)


ROOT, SQUAD_EAST, SQUAD_WEST = known("root"), known("east"), known("west")
HELPER, HOME = known("helper"), known("home")

ROSTER = Roster(
    id="451029",
    name="田林县",
    name_en="Tianlin",
    outline=OUTLINE,
    settings={"tolerance_m": 150.0},
    townships=[Township("451029100", "乐里镇")],
    units=[  # a child before its parent, and squads of no sector: the tree's shape is the county's business
        Unit(SQUAD_EAST, ROOT, "v_east", "东村突击班", "squad", "451029.v_east"),
        Unit(SQUAD_WEST, ROOT, "v_west", "西村突击班", "squad", "451029.v_west"),
        Unit(ROOT, None, "451029", "田林县", "county", "451029"),
    ],
    villages=[
        Village(EAST, "东村", "东村村委会", "451029100", SQUAD_EAST),
        Village(WEST, "西村", "西村村委会", "451029100", SQUAD_WEST),
    ],
    geofences=[
        Geofence(WEST, box(106.0, 24.0, 106.1, 24.1), synthetic=True, source="invented", valid_from=NOW),
        Geofence(EAST, box(106.1, 24.0, 106.2, 24.1), synthetic=False, source="surveyed", valid_from=NOW),
    ],
    households=[
        Household(HOME, EAST, "韦大山", "那良屯", Point(106.15, 24.05)),
        Household(known("homeless"), WEST, "黄小河", "弄怀屯", None, radius_m=500),
    ],
    people=[Person(HELPER, "李帮扶", "13900000001", "helper", SQUAD_EAST, None, SINCE)],
    posts=[Post(known("post"), HELPER, SQUAD_EAST, "cadre", "帮扶干部", SINCE)],
    assignments=[Assignment(known("assignment"), HELPER, EAST, HOME, SINCE)],
)


@pytest.fixture
async def database(database_url):
    database = Database(database_url, pool_size=2)
    yield database
    await database.close()


async def load(database, roster=ROSTER):
    accounts = [Account(person.phone, roster.id, person.id, "hash") for person in roster.people]
    async with database.transaction() as session:
        await import_county(session, roster, accounts, now=NOW)


async def ask(database, statement, **parameters):
    async with database.transaction() as session:
        return [tuple(row) for row in await rows(session, statement, **parameters)]


async def test_every_table_gets_its_rows(database):
    await load(database)
    assert await ask(database, "SELECT id, name_en, fence_version, settings, timezone FROM county") == [
        ("451029", "Tianlin", 1, {"tolerance_m": 150.0}, "Asia/Shanghai")
    ]
    assert await ask(database, "SELECT code, CAST(path AS text), level FROM unit ORDER BY path") == [
        ("451029", "451029", "county"),
        ("v_east", "451029.v_east", "squad"),
        ("v_west", "451029.v_west", "squad"),
    ]
    assert await ask(
        database, "SELECT village_id, version, synthetic, source, valid_from FROM geofence ORDER BY 1"
    ) == [(EAST, 1, False, "surveyed", NOW), (WEST, 1, True, "invented", NOW)]
    assert await ask(
        database, "SELECT head_name, hamlet, ST_X(position), ST_Y(position), radius_m FROM household ORDER BY 5"
    ) == [("韦大山", "那良屯", 106.15, 24.05, 300.0), ("黄小河", "弄怀屯", None, None, 500.0)]
    assert await ask(database, "SELECT name, category, unit_id, department_id, from_date FROM person") == [
        ("李帮扶", "helper", SQUAD_EAST, None, SINCE)
    ]
    assert await ask(database, "SELECT phone, person_id, password_hash FROM sign_in") == [
        ("13900000001", HELPER, "hash")
    ]
    assert await ask(database, "SELECT role, title, until_date FROM post") == [("cadre", "帮扶干部", None)]
    assert await ask(database, "SELECT person_id, village_id, household_id FROM assignment") == [
        (HELPER, EAST, HOME)
    ]


async def test_a_township_is_the_union_of_its_fences(database):
    await load(database)
    (same,) = await ask(
        database,
        "SELECT ST_Equals(outline, ST_GeomFromText(:outline, 4326)), ST_NumGeometries(outline) FROM township",
        outline=union_all([fence.area for fence in ROSTER.geofences]).wkt,
    )
    assert same == (True, 1)


async def test_the_import_is_in_the_audit_log(database):
    await load(database)
    assert await ask(database, "SELECT county_id, at, actor_id, action, subject, detail FROM audit_entry") == [
        (
            "451029",
            NOW,
            None,
            "directory.imported",
            "county:451029",
            {"units": 3, "villages": 2, "people": 1, "households": 2, "assignments": 1},
        )
    ]


@pytest.mark.parametrize(("county_id", "worked", "off"), [("451029", True, True), ("532600", False, False)])
async def test_a_county_of_guangxi_has_sanyuesan_others_have_the_nations_days(database, county_id, worked, off):
    """2018-04-15 is a Sunday that only Guangxi works, 2018-04-18 a Wednesday that only Guangxi does not."""
    parts = ("townships", "units", "villages", "geofences", "households", "people", "posts")
    await load(database, replace(ROSTER, id=county_id, assignments=[], **dict.fromkeys(parts, ())))
    async with database.transaction() as session:
        sunday, *_, wednesday = await calendar.days(session, county_id, date(2018, 4, 15), date(2018, 4, 18))
        (new_year,) = await calendar.days(session, county_id, date(2018, 1, 1), date(2018, 1, 1))
    assert (sunday.working, wednesday.working) == (worked, not off)
    assert (new_year.working, new_year.name, new_year.known) == (False, "元旦", True)


async def test_a_county_that_is_there_is_refused_and_left_alone(database):
    await load(database)
    with pytest.raises(Problem) as refused:
        await load(database, replace(ROSTER, name="另一个田林"))
    assert refused.value.kind is CONFLICT
    assert await ask(database, "SELECT name FROM county") == [("田林县",)]
    assert await ask(database, "SELECT count(*) FROM audit_entry") == [(1,)]


async def test_one_bad_row_keeps_the_whole_county_out(database):
    stray = replace(ROSTER.assignments[0], village_id="451029999999")
    with pytest.raises(DBAPIError, match="fk_assignment"):
        await load(database, replace(ROSTER, assignments=[stray]))
    assert await ask(database, "SELECT count(*) FROM county") == [(0,)]


@pytest.mark.parametrize(
    "settings", [{"appeal_days": "15"}, {"tolerance_m": "far"}, {"escalation": "high"}, {"escalation": [1]}]
)
async def test_a_setting_that_cannot_be_read_is_refused_where_it_is_set(database, settings):
    with pytest.raises(Problem) as refused:
        await load(database, replace(ROSTER, settings=settings))
    assert [error.pointer for error in refused.value.errors] == [f"/settings/{name}" for name in settings]
    assert await ask(database, "SELECT count(*) FROM county") == [(0,)]


async def test_a_county_may_start_without_people(database):
    await load(database, replace(ROSTER, people=[], posts=[], assignments=[], households=[]))
    assert await ask(database, "SELECT count(*) FROM village") == [(2,)]


async def test_sessions_opened_in_bulk_hand_out_tokens_that_rotate(database):
    await load(database)
    async with database.transaction() as session:
        (token,) = await open_sessions(
            session, county_id="451029", holders=[(HELPER, "phone-1")], now=NOW, lifetime=LIFETIME
        )
    async with database.transaction() as session:
        rotated = await rotate(session, token, key=b"key", now=NOW, lifetime=LIFETIME)
        repeated = await rotate(session, token, key=b"key", now=NOW, lifetime=LIFETIME)
    assert (rotated.person_id, rotated.token) == (HELPER, repeated.token)
    async with database.transaction() as session:
        assert await rotate(session, rotated.token, key=b"key", now=NOW, lifetime=LIFETIME)
        assert await rotate(session, token, key=b"key", now=NOW, lifetime=LIFETIME) is None
    assert await ask(database, "SELECT device_id, end_reason FROM device_session") == [("phone-1", "reuse")]


HEAD = replace(ROSTER.households[0], position=Point(0, 0))


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"outline": Point(106.1, 24.05)}, "/outline"),
        ({"outline": box(24.0, 106.0, 24.1, 106.2)}, "/outline"),
        (
            {"geofences": [ROSTER.geofences[0], replace(ROSTER.geofences[1], area=box(0, 0, 106.2, 24.1))]},
            "/geofences/1/area",
        ),
        ({"geofences": [replace(ROSTER.geofences[0], area=box(106.0, 24.0, 106.2, 24.1))]}, "/geofences/0/area"),
        ({"households": [HEAD]}, "/households/0/position"),
        ({"households": [replace(HEAD, position=Point(106.15, 24.05), radius_m=0)]}, "/households/0/radius_m"),
        ({"households": [replace(HEAD, position=None, radius_m=50_000)]}, "/households/0/radius_m"),
    ],
)
async def test_what_cannot_lie_there_is_refused_where_it_stands(database, changes, pointer):
    with pytest.raises(Problem) as raised:
        async with database.transaction() as session:
            await import_county(session, replace(ROSTER, **changes), now=NOW)
    assert [error.pointer for error in raised.value.errors] == [pointer]
