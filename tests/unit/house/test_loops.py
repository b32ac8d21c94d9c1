"""No statement is asked once for each element of something, but in the loops that are named here."""

import pytest

from tests.unit.house.loops import House, house

BY_COUNTY = "a county at a time: one transaction each, and another worker may be at the next"
BY_PERIOD = "a rule's period at a time: a county has a handful, and each locks its people"
BY_BATCH = "so many rows in a transaction, until none are left"
FOR_EVER = "one turn a round, or each time the database says something"
DEMO = "makes the demo: not on anybody's way"
ALLOWED = {
    "app.console.routes.directory_changes:_units": "the two or three units that a row names",
    "app.demo.build:load": DEMO,
    "app.demo.build:make": DEMO,
    "app.demo.integrity:_sign_in": DEMO,
    "app.demo.integrity:evaluate": DEMO,
    "app.demo.simulation:play": DEMO,
    "app.directory.changes:apply": "a table at a time",
    "app.directory.changes:take_back": "a table at a time",
    "app.directory.fences:Fences.follow": "one county, or after a lost connection all that are in use",
    "app.directory.roster:insert": "a table at a time",
    "app.duties.service:recount_calendar": BY_PERIOD,
    "app.flows.close_period:_counted": BY_BATCH,
    "app.flows.close_period:close_due": BY_PERIOD,
    "app.flows.close_period:open_due": BY_PERIOD,
    "app.flows.compute_stays:compute_due": BY_BATCH,
    "app.flows.county_archive:_Writing.photos": "a page of the photo store at a time",
    "app.flows.county_archive:read": "a table at a time, then a photo",
    "app.flows.delete_expired:delete": BY_BATCH,
    "app.flows.own_data:_photos": "a photo at a time, from the store",
    "app.flows.own_data:_rows": "a table at a time",
    "app.flows.deliver_notices:Dispatcher.deliver_due": "a channel of a county at a time",
    "app.flows.escalate:escalate_due": BY_BATCH,
    "app.flows.purge_photos:_delete_expired": BY_BATCH,
    "app.flows.purge_photos:_delete_orphans": "a page of the photo store at a time",
    "app.flows.purge_tracks:purge_expired": BY_BATCH,
    "app.flows.record_visits:VisitRecorder._in_parts": "a set that failed is halved, to find the bad one",
    "app.flows.record_visits:VisitRecorder._try": "the same set again, where another was in its way",
    "app.flows.recount:recount_all": BY_COUNTY,
    "app.flows.recount:recount_county": BY_PERIOD,
    "app.flows.rejudge:rejudge_all": BY_COUNTY,
    "app.flows.rejudge:rejudge_county": BY_BATCH,
    "app.flows.make_county:known": "a county at a time, for a command",
    "app.kernel.listening:_listen": FOR_EVER,
    "app.kernel.listening:listen": FOR_EVER,
    "app.kernel.tables:remove": "a table at a time",
    "app.worker.digests:tell_digests": BY_BATCH,
    "app.worker.dispatch:dispatch": FOR_EVER,
    "app.worker.summaries:tell_summaries": BY_BATCH,
    "app.worker.schedule:run": FOR_EVER,
    "app.worker.sealing:_seal": BY_BATCH,
    "app.worker.sealing:keep_sealing": FOR_EVER,
    "app.worker.sealing:seal_all": BY_COUNTY,
    "app.cli_verify:_heads": BY_COUNTY,
    "app.cli_verify:_verify": BY_COUNTY,
    "app.worker.schedule:tick": BY_COUNTY,
    "app.worker.tracks:tend_tracks": BY_COUNTY,
}


@pytest.fixture(scope="module")
def found():
    return house().loops()


def test_no_statement_is_asked_in_a_loop(found):
    assert [(function, line) for function, line in found if function not in ALLOWED] == []


def test_what_is_allowed_is_there(found):
    assert ALLOWED.keys() - {function for function, _ in found} == set()


HERE = """
from app.room import service, store
from app.room.store import ask
from app.kernel.database import rows

async def f(session, database, xs):
"""
STORE = """
from app.kernel.database import rows

async def one(session, x): return await rows(session, "SELECT 1", x=x)
async def ask(session, q): return await rows(session, q)
def handed_on(session, x): return one(session, x)
"""
SERVICE = """
from app.room import store

async def deep(session, x): return await deeper(session, x)
async def deeper(session, x): return await store.one(session, x)
def pure(x): return x
class Sender:
    async def send(self, session, x): await store.one(session, x)
"""
DATABASE = "async def rows(session, q, **p): return (await session.execute(q, p)).all()"


def asked_in_loops(body):
    sources = {
        "app.here": HERE + "\n".join(f"    {line}" for line in body.splitlines()),
        "app.room.store": STORE,
        "app.room.service": SERVICE,
        "app.kernel.database": DATABASE,
    }
    return [function for function, _ in House(sources).loops() if function.startswith("app.here")]


@pytest.mark.parametrize(
    "body",
    [
        "for x in xs:\n    await session.execute(x)",
        "for x in xs:\n    await rows(session, 'SELECT 1')",
        "for x in xs:\n    await ask(session, 'SELECT 1')",
        "for x in xs:\n    await store.one(session, x)",
        "for x in xs:\n    await store.handed_on(session, x)",
        "for x in xs:\n    if x:\n        await service.deep(session, x)",
        "for x in xs:\n    await QUERY.all(session, x=x)",
        "for x in xs:\n    await store.QUERY.run(session, x=x)",
        "for x in xs:\n    async with database.transaction() as session:\n        pass",
        "while xs:\n    await service.deep(session, xs.pop())",
        "async for x in xs:\n    await store.one(session, x)",
        "return [await store.one(session, x) for x in xs]",
        "return {x: await store.one(session, x) for x in xs}",
        "return [y for x in xs for y in await store.one(session, x)]",
        "return [x for x in xs if await store.one(session, x)]",
        "await asyncio.gather(*(service.deep(session, x) for x in xs))",
        "await asyncio.gather(*map(partial_of, xs), *map(store.one, xs))",
        "for x in xs:\n    group.create_task(store.one(session, x))",
        "sender = service.Sender()\nfor x in xs:\n    await sender.send(session, x)",
    ],
)
def test_a_statement_in_a_loop_is_found(body):
    assert asked_in_loops(body) == ["app.here:f"]


@pytest.mark.parametrize(
    "body",
    [
        "for x in await store.one(session, 1):\n    service.pure(x)",
        "return [service.pure(x) for x in await store.one(session, 1)]",
        "found = {}\nfor x in xs:\n    found.get(x)\n    service.pure(x)",
        "await store.one(session, [service.pure(x) for x in xs])",
    ],
)
def test_one_statement_for_all_is_none_in_a_loop(body):
    assert asked_in_loops(body) == []
