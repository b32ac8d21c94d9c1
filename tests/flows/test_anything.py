"""Whatever happens in whatever order: standings, duties and flags tell one truth, a recount changes nothing."""

import json

import pytest
from sqlalchemy import text

from app.flows.recount import recount_all
from tests.support.season import Season
from tests.support.server import Api, running

# A check-in stands as the latest review says, else as it was last judged.
WRONG_STANDINGS = """
SELECT c.id, c.standing, reviewed.standing, judged.standing FROM check_in AS c
LEFT JOIN LATERAL (
  SELECT CASE decision WHEN 'count' THEN 'counted' ELSE 'refused' END AS standing FROM review
  WHERE review.county_id = c.county_id AND review.check_in_id = c.id ORDER BY at DESC, id DESC LIMIT 1
) AS reviewed ON true
LEFT JOIN LATERAL (
  SELECT after ->> 'standing' AS standing FROM rejudgement
  WHERE rejudgement.county_id = c.county_id AND rejudgement.check_in_id = c.id ORDER BY at DESC, id DESC LIMIT 1
) AS judged ON true
WHERE c.standing <> coalesce(reviewed.standing, judged.standing, CAST(:first AS jsonb) ->> CAST(c.id AS text))
"""
# Each missed duty has a flag that stands, and no other duty has one; only what a leader has settled stays settled.
WRONG_FLAGS = """
SELECT flag.id, flag.status, duty.status FROM duty FULL JOIN flag
  ON flag.county_id = duty.county_id AND flag.duty_id = duty.id AND flag.person_id = duty.person_id
WHERE CASE WHEN duty.status = 'missed' THEN coalesce(flag.status, 'none') IN ('none', 'withdrawn')
  ELSE coalesce(flag.status, 'none') NOT IN ('none', 'withdrawn', 'cleared') END
"""
UNCLOSED = "SELECT id FROM duty WHERE closed_at IS NULL AND greatest(closes_at, review_due_at) <= :now"
PENDING = "SELECT day FROM track_day WHERE computed < revision"

ACTS = 90
SEEDS = 4


@pytest.fixture
async def api(county_url: str):
    async with running(county_url, pool_size=6) as started:
        yield started


async def wrong(api: Api, statement: str, **values: object) -> list[tuple[object, ...]]:
    async with api.database.transaction() as session:
        return [tuple(row) for row in await session.execute(text(statement), values)]


async def in_health(season: Season) -> None:
    api, now = season.api, season.api.clock()
    report = await recount_all(api.service, now=now, apply=False)
    assert report.differences == 0, (season.log, list(report.lines()))
    assert await wrong(api, WRONG_STANDINGS, first=json.dumps(season.first)) == [], season.log
    assert await wrong(api, WRONG_FLAGS) == [], season.log
    assert await wrong(api, UNCLOSED, now=now) == [], season.log
    assert await wrong(api, PENDING) == [], season.log


@pytest.mark.parametrize("seed", range(SEEDS))
async def test_standings_duties_and_flags_agree_after_anything(api: Api, seed: int):
    season = Season(api, seed)
    await season.begin()
    for number in range(1, ACTS + 1):
        await season.act()
        if number % 30 == 0:
            api.clock.turn(hours=25)  # whoever owes since today is found once a day
            await season.work()
            await in_health(season)
    assert len(season.done) > 15, season.done
    assert await wrong(api, "SELECT 1 FROM flag") != []
