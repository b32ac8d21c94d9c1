"""A dispatcher is killed a hundred times: every notice reaches its phone at least once, and each is told once."""

import asyncio
import sys
from pathlib import Path

from app.notices import service as notices
from app.notices.service import NewNotice
from tests.store.duties.cast import COUNTY, HELPER
from tests.support.dispatching import BATCH, MORNING
from tests.support.google import serving
from tests.support.notices import ask, phone

KILLS = 100
NOTICES = 4000
ROOT = Path(__file__).parents[2]


async def test_killed_a_hundred_times_it_loses_nothing_and_tells_nobody_twice(database, database_url, tmp_path):
    await phone(database, token="ok-1")
    told = [NewNotice(HELPER.id, "check_in_held", str(number), {}) for number in range(NOTICES)]
    for _ in range(2):  # whoever told them was killed too, and tells them again
        async with database.transaction() as session:
            await notices.tell(session, county_id=COUNTY.id, now=MORNING, notices=told)
    async with serving(tmp_path) as (google, credentials, url):
        google.keep = False
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.support.dispatching"),
            *(database_url, str(credentials), url, str(KILLS)),
            cwd=ROOT,
        )
        assert await process.wait() == 0
    (kept,) = await ask(
        database,
        "SELECT count(*) AS notices, count(DISTINCT occasion) AS occasions, array_agg(CAST(id AS text)) AS ids"
        " FROM notice",
    )
    assert kept.notices == kept.occasions == NOTICES
    assert set(google.seen) == set(kept.ids)
    (sent,) = await ask(
        database,
        "SELECT count(*) AS all, count(*) FILTER (WHERE status = 'sent') AS sent, max(attempts) AS attempts"
        " FROM delivery",
    )
    assert sent.all == sent.sent == NOTICES
    # Some were killed between sending and keeping, or this has shown nothing; each costs a batch at most.
    repeated = google.seen.total() - NOTICES
    assert 0 < repeated <= KILLS * BATCH
    assert sent.attempts > 1
