"""The province of `make bench`, as small as it gets: what it is said to be, and closed as a week is."""

from app.duties import service as duties
from app.flows.close_period import Done, close_due
from app.kernel.database import Database, rows
from bench import province
from bench.province import CLOSING, MONDAY, Size


async def test_everyone_owes_one_duty_and_those_who_did_not_come_are_flagged(database_url):
    size = Size(2, 200)
    await province.fill(database_url, size)
    database = Database(database_url, pool_size=2)
    async with database.transaction() as session:
        counties = await duties.counties(session)
    done = sum([await close_due(database, county, CLOSING) for county in counties], Done())
    async with database.transaction() as session:
        (found,) = await rows(
            session,
            """SELECT count(*) AS duties, count(DISTINCT person_id) AS people, count(closed_at) AS closed,
              count(*) FILTER (WHERE status = 'missed') AS missed, (SELECT count(*) FROM check_in) AS check_ins
            FROM duty WHERE period_start = :week""",
            week=MONDAY.date(),
        )
    await database.close()
    people = size.counties * size.people
    assert (found.duties, found.people, found.closed) == (people, people, people)
    assert done == Done(closed=6, flags=found.missed)
    assert 0.02 * people < found.missed < 0.15 * people
    assert 2.5 * people < found.check_ins < 3.5 * people
