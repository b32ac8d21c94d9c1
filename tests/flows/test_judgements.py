"""Whatever is posted, reviewed, filled in and judged again, standings, duties and flags tell one truth."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest
from shapely import box
from sqlalchemy import text

from app.duties.service import DutyCounty
from app.flows.close_period import close_due, open_due
from app.flows.recount import recount_all
from app.flows.rejudge import Asked, rejudge_all
from tests.support import county
from tests.support.county import A1, A2, B1, COUNTY, HOUSE_A1, SIDE, SOUTH, WEST, Cast
from tests.support.server import SHANGHAI, Api, check_in, running

BASE = f"/v1/counties/{COUNTY}"
OWN = DutyCounty(COUNTY, "Asia/Shanghai")
MONDAY = datetime(2026, 11, 9, 8, tzinfo=SHANGHAI)
AREAS = [
    box(WEST[A1] + SIDE * start, SOUTH, WEST[A1] + SIDE * end, SOUTH + SIDE)
    for start, end in ((0, 1), (0.75, 1), (-1, 1))
]

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
WRONG_FLAGS = """
SELECT flag.id, flag.status, duty.status FROM duty LEFT JOIN flag
  ON flag.county_id = duty.county_id AND flag.duty_id = duty.id
WHERE (duty.status = 'missed') <> (coalesce(flag.status, 'withdrawn') <> 'withdrawn')
"""
WAITING = """
SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()
"""


@pytest.fixture
async def api(database_url: str):
    async with running(database_url, pool_size=6) as started:
        yield started


async def review(api: Api, who: Cast, check_in_id: str, decision: str) -> int:
    async with await api.as_(who) as client:
        body = {"decision": decision, "reason": "已核实"}
        reply = await client.post(f"{BASE}/check-ins/{check_in_id}/reviews", json=body)
    return reply.status_code


async def held(api: Api) -> str:
    body = check_in(position={"mock": True})
    async with await api.as_(county.HELPER_A1) as phone:
        assert (await phone.post("/v1/check-ins", json=body)).json()["standing"] == "held"
    return str(body["id"])


async def waiting(api: Api) -> int:
    async with api.database.transaction() as session:
        count: int = (await session.execute(text(WAITING))).scalar_one()
    return count


async def while_held(api: Api, *requests: Awaitable[Any]) -> list[Any]:
    """The replies to requests that all came while somebody else held the person's row."""
    async with api.database.transaction() as other:
        await other.execute(
            text("SELECT FROM person WHERE id = :id FOR NO KEY UPDATE"), {"id": county.HELPER_A1.id}
        )
        started = [asyncio.ensure_future(each) for each in requests]
        async with asyncio.timeout(20):
            while await waiting(api) < len(started):  # noqa: ASYNC110 - only the database knows
                await asyncio.sleep(0.01)
    return list(await asyncio.gather(*started))


@pytest.mark.parametrize("decisions", [("count", "count"), ("count", "refuse")])
async def test_of_two_leaders_who_decide_at_once_one_wins(api: Api, decisions: tuple[str, str]):
    sent = await held(api)
    deciding = zip((county.LEADER_A, county.OFFICE), decisions, strict=True)
    statuses = await while_held(api, *(review(api, who, sent, decision) for who, decision in deciding))
    assert sorted(statuses) == [201, 409]
    async with api.database.transaction() as session:
        ((decision, standing),) = await session.execute(
            text("SELECT decision, standing FROM review JOIN check_in ON check_in.id = review.check_in_id")
        )
    assert (decision, standing) in (("count", "counted"), ("refuse", "refused"))


async def test_who_counts_what_a_position_has_just_counted_hears_of_it(api: Api):
    body = check_in(position=None, position_problem="timeout")
    position = check_in()["position"]
    async with await api.as_(county.HELPER_A1) as phone:
        await phone.post("/v1/check-ins", json=body)
        put = phone.put(f"/v1/check-ins/{body['id']}/position", json=position)
        reply, status = await while_held(api, put, review(api, county.OFFICE, body["id"], "refuse"))
    # Whoever came first: a position judged after the review leaves it standing, a review after it is outdated.
    assert (reply.status_code, reply.json()["standing"], status) in ((200, "counted", 409), (200, "refused", 201))


class Season:
    """Acts at random; `first` is what phones were told of each check-in when they posted it."""

    def __init__(self, api: Api, seed: int) -> None:
        self.api, self.random = api, Random(seed)
        self.first: dict[str, str] = {}
        self.without_fix: dict[str, Cast] = {}
        self.log: list[str] = []

    async def act(self) -> None:
        acts: list[Callable[[], Awaitable[None]]] = [
            *[self.post] * 6,
            *[self.review] * 4,
            *[self.put_position] * 3,
            self.correct_fence,
            self.judge_again,
            *[self.pass_time] * 2,
        ]
        chosen = self.random.choice(acts)
        self.log.append(chosen.__name__)
        await chosen()

    async def post(self) -> None:
        who = self.random.choice((county.HELPER_A1, county.HELPER_B1, county.LEADER_A, county.RESIDENT_A2))
        village = self.random.choice((A1, A1, A2, B1))
        at = self.api.clock.now - timedelta(minutes=self.random.randrange(60 * 72))
        kind = self.random.choice(("", "", "mock", "poor", "none"))
        changes: dict[str, Any] = {
            "mock": {"position": {"mock": True}},
            "poor": {"position": {"accuracy_m": 900.0}},
            "none": {"position": None, "position_problem": "timeout"},
        }.get(kind, {})
        if who == county.LEADER_A:
            changes["household_id"] = str(HOUSE_A1)
        body = check_in(village, at=at, **changes)
        async with await self.api.as_(who) as phone:
            reply = await phone.post("/v1/check-ins", json=body)
        assert reply.status_code == 201, reply.text
        self.first[body["id"]] = reply.json()["standing"]
        if kind == "none":
            self.without_fix[body["id"]] = who

    async def review(self) -> None:
        if self.first:
            sent, decision = self.random.choice(list(self.first)), self.random.choice(("count", "refuse"))
            assert await review(self.api, county.OFFICE, sent, decision) in (201, 409)

    async def put_position(self) -> None:
        if not self.without_fix:
            return
        sent = self.random.choice(list(self.without_fix))
        who = self.without_fix.pop(sent)
        position = check_in(self.random.choice((A1, B1)))["position"]
        async with await self.api.as_(who) as phone:
            reply = await phone.put(f"/v1/check-ins/{sent}/position", json=position)
        assert reply.status_code == 200, reply.text

    async def correct_fence(self) -> None:
        since = MONDAY + timedelta(days=self.random.randrange(-3, 12))
        body = {
            "village_id": A1,
            "geometry": self.random.choice(AREAS).__geo_interface__,
            "valid_from": since.isoformat(),
            "source": "勘界",
        }
        async with await self.api.as_(county.OFFICE) as office:
            assert (await office.post(f"{BASE}/geofences", json=body)).status_code == 201

    async def judge_again(self) -> None:
        now = self.api.clock()
        await rejudge_all(self.api.database, Asked(COUNTY), now=now, apply=True, watch=lambda *_: None)
        (again,) = await rejudge_all(self.api.database, Asked(COUNTY), now=now, apply=False, watch=lambda *_: None)
        assert again.changed == 0

    async def pass_time(self) -> None:
        self.api.clock.turn(hours=self.random.choice((1, 20, 60)))
        await open_due(self.api.database, OWN, self.api.clock())
        await close_due(self.api.database, OWN, self.api.clock())


@pytest.mark.parametrize("seed", range(4))
async def test_standings_duties_and_flags_agree_after_anything(api: Api, seed: int):
    api.clock.now = MONDAY
    season = Season(api, seed)
    for _ in range(60):
        api.clock.turn(seconds=1)
        await season.act()
    await season.pass_time()
    report = await recount_all(api.database, now=api.clock(), apply=False)
    assert report.differences == 0, season.log
    async with api.database.transaction() as session:
        wrong = await session.execute(text(WRONG_STANDINGS), {"first": json.dumps(season.first)})
        assert [tuple(row) for row in wrong] == [], season.log
        assert [tuple(row) for row in await session.execute(text(WRONG_FLAGS))] == [], season.log
        reviewed = (await session.execute(text("SELECT count(*) FROM review"))).scalar_one()
        judged = (await session.execute(text("SELECT count(*) FROM rejudgement"))).scalar_one()
    assert min(reviewed, judged) > 0
