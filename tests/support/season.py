"""A season in the small county: everything that people, phones, offices and the clock may do, at random.

Each act goes through the doors that people use. Whatever it is answered, it must be an answer: what is refused is
refused for a reason.
"""

from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from datetime import date, datetime, timedelta
from random import Random
from typing import Any
from uuid import uuid4

from shapely import box
from sqlalchemy import text

from app import worker
from app.directory.fences import Fences
from app.flows.rejudge import Selection, rejudge_all
from tests.support import county
from tests.support.county import A1, A2, B1, COUNTY, HOUSE_A1, SIDE, SOUTH, WEST, Cast
from tests.support.server import SHANGHAI, Api, check_in
from tests.support.tracks import stretch, turn, upload

BASE = f"/v1/counties/{COUNTY}"
MONDAY = datetime(2026, 11, 9, 8, tzinfo=SHANGHAI)
AREAS = [
    box(WEST[A1] + SIDE * start, SOUTH, WEST[A1] + SIDE * end, SOUTH + SIDE)
    for start, end in ((0, 1), (0.75, 1), (-1, 1))
]
VISITORS = (county.HELPER_A1, county.HELPER_B1, county.LEADER_A, county.RESIDENT_A2)
REFUSED = (403, 404, 409, 422)  # by the state that things are in

RULE = {
    "name": "规则",
    "name_en": "Rule",
    "source": "test",
    "categories": ["helper", "resident", "leader"],
    "period": "week",
    "counts_in": "assigned",
}
TERMS: tuple[dict[str, Any], ...] = (
    {"measure": "visits", "required": 2, "share": "days"},
    {"measure": "village_days", "required": 5, "days": "working", "share": "cap"},
    {"measure": "distinct_households", "required": 1, "counts_in": "unit"},
    {"measure": "nights_in_village", "required": 1, "night": {"start": "18:30", "until": "05:00"}},
    {"measure": "hours_in_village", "required": 2, "shift_closing": True},
    {"measure": "visits", "required": 1, "period": "month", "per": "household"},
)


class Season:
    """Acts at random.

    `first` is what phones were told of each check-in; `done` how often which act came through.
    """

    def __init__(self, api: Api, seed: int) -> None:
        self.api, self.random = api, Random(seed)
        self.fences = Fences()
        self.first: dict[str, str] = {}
        self.sent: list[tuple[Cast, dict[str, Any]]] = []
        self.without_fix: dict[str, Cast] = {}
        self.left: date | None = None
        self.log: list[str] = []
        self.done: Counter[str] = Counter()

    async def begin(self) -> None:
        self.api.clock.now = MONDAY
        await turn(self.api.service, on=True)
        await self.work()

    async def act(self) -> None:
        self.api.clock.turn(seconds=1)
        chosen = self.random.choice(self._acts())
        self.log.append(chosen.__name__)
        if await chosen() is not False:
            self.done[chosen.__name__] += 1

    def _acts(self) -> Sequence[Callable[[], Awaitable[bool | None]]]:
        return [
            *[self.post] * 8,
            *[self.review] * 4,
            *[self.put_position] * 2,
            *[self.send_track] * 3,
            *[self.pass_time] * 5,
            *[self.ask_for_leave] * 3,
            *[self.decide_leave] * 3,
            *[self.appeal] * 3,
            *[self.decide_appeal] * 3,
            *[self.assign] * 2,
            *[self.say_of_a_day] * 2,
            *[self.put_rule] * 2,
            self.repeat,
            self.take_back_leave,
            self.revoke_leave,
            self.decide_flag,
            self.correct_fence,
            self.judge_again,
            self.end_assignment,
            self.hand_over,
            self.serve_until,
            self.change_rule,
            self.end_rule,
        ]

    async def post(self) -> bool:
        who, kind = self.random.choice(VISITORS), self.random.choice(("", "", "", "mock", "poor", "none"))
        at = self.api.clock.now - timedelta(minutes=self.random.randrange(60 * self.random.choice((1, 72, 240))))
        changes: dict[str, Any] = {
            "mock": {"position": {"mock": True}},
            "poor": {"position": {"accuracy_m": 900.0}},
            "none": {"position": None, "position_problem": "timeout"},
        }.get(kind, {})
        if who != county.RESIDENT_A2 and self.random.random() < 0.7:
            changes["household_id"] = str(HOUSE_A1)
        body = check_in(self.random.choice((A1, A1, A2, B1)), at=at, **changes)
        said = await self._ask(who, "POST", "/v1/check-ins", body)
        if not said:
            return False
        self.first[body["id"]] = said["standing"]
        self.sent.append((who, body))
        if kind == "none":
            self.without_fix[body["id"]] = who
        return True

    async def repeat(self) -> bool:
        """A phone that has not heard the answer sends all again."""
        some = self.random.sample(self.sent, min(len(self.sent), 3))
        return all([await self._send(who, "POST", "/v1/check-ins", body) for who, body in some]) and bool(some)

    async def review(self) -> bool:
        if not self.first:
            return False
        sent = self.random.choice(list(self.first))
        body = {"decision": self.random.choice(("count", "refuse")), "reason": "已核实"}
        return await self._office("POST", f"/check-ins/{sent}/reviews", body)

    async def put_position(self) -> bool:
        if not self.without_fix:
            return False
        sent = self.random.choice(list(self.without_fix))
        position = check_in(self.random.choice((A1, B1)))["position"]
        return await self._send(self.without_fix.pop(sent), "PUT", f"/v1/check-ins/{sent}/position", position)

    async def send_track(self) -> None:
        """Some hours of the last days, now or long after; the stays follow when a worker comes round."""
        now = self.api.clock()
        since = now - timedelta(hours=self.random.randrange(6, 24 * 9))
        minutes, village = self.random.choice((30, 90, 200)), self.random.choice((A1, A1, A2))
        await upload(self.api.service, stretch(since, minutes, village), now)

    async def ask_for_leave(self) -> bool:
        first = self._day(-9, 6)
        body = {
            "id": str(uuid4()),
            "kind": self.random.choice(("sick", "filed_duty")),
            "from_date": str(first),
            "from_half": self.random.choice(("am", "pm")),
            "until_date": str(first + timedelta(days=self.random.randrange(9))),
            "until_half": "pm",
            "reason": "事由",
        }
        return await self._send(self.random.choice(VISITORS), "POST", "/v1/me/leave", body)

    async def decide_leave(self) -> bool:
        leave = await self._one("SELECT id FROM leave WHERE status = 'asked'")
        what = self.random.choice(("approve", "approve", "refuse"))
        return bool(leave) and await self._office("POST", f"/leave/{leave.id}/{what}", {"reason": "已阅"})

    async def take_back_leave(self) -> bool:
        """Withdrawn before it begins, or returned from."""
        leave = await self._one("SELECT id, person_id FROM leave WHERE status IN ('asked', 'approved')")
        if not leave:
            return False
        (who,) = [each for each in VISITORS if each.id == leave.person_id]
        what = self.random.choice(("withdraw", "return"))
        return await self._send(who, "POST", f"/v1/me/leave/{leave.id}/{what}", {})

    async def revoke_leave(self) -> bool:
        leave = await self._one("SELECT id FROM leave WHERE status = 'approved'")
        if not leave:
            return False
        since = self.random.choice((None, str(self._day(-6, 6))))
        return await self._office("POST", f"/leave/{leave.id}/revoke", {"reason": "有误", "from_date": since})

    async def appeal(self) -> bool:
        flag = await self._one("SELECT id, person_id FROM flag WHERE status <> 'withdrawn'")
        refused = await self._one("SELECT id, person_id FROM check_in WHERE standing = 'refused'")
        about = {"flag_id": flag, "check_in_id": refused}
        name = self.random.choice([name for name, found in about.items() if found] or [""])
        if not name:
            return False
        (who,) = [each for each in county.PEOPLE if each.id == about[name].person_id]
        body = {"id": str(uuid4()), "text": "当晚在村", name: str(about[name].id)}
        return await self._send(who, "POST", "/v1/me/appeals", body)

    async def decide_appeal(self) -> bool:
        appeal = await self._one("SELECT id FROM appeal WHERE status = 'open'")
        body = {"decision": self.random.choice(("uphold", "overturn")), "reason": "经核查"}
        who = self.random.choice((county.OFFICE, county.LEADER_A, county.LEADER_B))
        return bool(appeal) and await self._send(who, "POST", f"{BASE}/appeals/{appeal.id}/decide", body)

    async def decide_flag(self) -> bool:
        flag = await self._one("SELECT id FROM flag WHERE status IN ('open', 'acknowledged')")
        what = self.random.choice(("acknowledge", "clear"))
        return bool(flag) and await self._office("POST", f"/flags/{flag.id}/{what}", {"reason": "已谈话"})

    async def assign(self) -> bool:
        village = self.random.choice((A1, A2, B1))
        house = self.random.choice((None, str(HOUSE_A1))) if village == A1 else None
        first = self._day(-12, 5)
        until = self.random.choice((None, str(first + timedelta(days=self.random.randrange(1, 12)))))
        body = {
            "person_id": str(self.random.choice(VISITORS).id),
            "village_id": village,
            "household_id": house,
            "from_date": str(first),
            "until_date": until,
        }
        return await self._office("POST", "/assignments", body)

    async def end_assignment(self) -> bool:
        old = await self._one("SELECT id FROM assignment WHERE until_date IS NULL")
        return bool(old) and await self._office(
            "PUT", f"/assignments/{old.id}", {"until_date": str(self._day(-12, 5))}
        )

    async def hand_over(self) -> bool:
        old = await self._one("SELECT id FROM assignment WHERE until_date IS NULL")
        body = {"person_id": str(self.random.choice(VISITORS).id), "from_date": str(self._day(-12, 5))}
        return bool(old) and await self._office("POST", f"/assignments/{old.id}/hand-over", body)

    async def serve_until(self) -> bool:
        until = self.random.choice((None, self._day(-12, 5)))
        path, body = f"/people/{county.HELPER_B1.id}/service", {"until_date": until and str(until)}
        changed = await self._office("PUT", path, body)
        self.left = until if changed else self.left
        return changed

    async def say_of_a_day(self) -> bool:
        path = f"/calendar/{self._day(-12, 5)}"
        if self.random.random() < 0.3:
            return await self._office("DELETE", path)
        body = {"working": self.random.random() < 0.5, "name": "县定", "source": "县办"}
        return await self._office("PUT", path, body)

    async def put_rule(self) -> bool:
        terms = RULE | self.random.choice(TERMS)
        start = self._day(0, 1)
        monday = start - timedelta(days=start.weekday())
        since = monday if terms["period"] == "week" else start.replace(day=1)
        return await self._office("POST", "/rules", terms | {"effective_from": str(since)})

    async def change_rule(self) -> bool:
        rule = await self._one("SELECT id FROM duty_rule WHERE effective_until IS NULL")
        body = RULE | self.random.choice(TERMS) | {"effective_from": str(self._day(1, 8))}
        return bool(rule) and await self._office("PUT", f"/rules/{rule.id}", body)

    async def end_rule(self) -> bool:
        rule = await self._one("SELECT id FROM duty_rule WHERE effective_until IS NULL")
        body = {"effective_until": str(self._day(1, 8))}
        return bool(rule) and await self._office("POST", f"/rules/{rule.id}/end", body)

    async def correct_fence(self) -> bool:
        body = {
            "village_id": A1,
            "geometry": self.random.choice(AREAS).__geo_interface__,
            "valid_from": (MONDAY + timedelta(days=self.random.randrange(-3, 12))).isoformat(),
            "source": "勘界",
        }
        return await self._office("POST", "/geofences", body)

    async def judge_again(self) -> None:
        now = self.api.clock()
        await rejudge_all(self.api.service, Selection(COUNTY), now=now, apply=True, watch=lambda *_: None)
        (again,) = await rejudge_all(
            self.api.service, Selection(COUNTY), now=now, apply=False, watch=lambda *_: None
        )
        assert again.changed == 0

    async def pass_time(self) -> None:
        self.api.clock.turn(hours=self.random.choice((1, 20, 60)))
        await self.work()

    async def work(self) -> None:
        """A worker's round of everything."""
        await worker.tick(self.api.service, self.api.clock, fences=self.fences)

    def _day(self, first: int, last: int) -> date:
        """One of the days from so many after today until so many."""
        return (self.api.clock() + timedelta(days=self.random.randint(first, last))).astimezone(SHANGHAI).date()

    async def _office(self, method: str, path: str, body: dict[str, Any] | None = None) -> bool:
        return await self._send(county.OFFICE, method, BASE + path, body)

    async def _send(self, who: Cast, method: str, path: str, body: Any) -> bool:
        """Whether it came through."""
        return await self._ask(who, method, path, body) is not None

    async def _ask(self, who: Cast, method: str, path: str, body: Any) -> Any:
        """What was answered; None where it was refused. Who has left signs in no more."""
        if who == county.HELPER_B1 and self.left and self.left <= self._day(0, 0):
            return None
        async with await self.api.as_(who) as client:
            reply = await client.request(method, path, json=body)
        assert reply.is_success or reply.status_code in REFUSED, (method, path, body, reply.text)
        return reply.json() if reply.is_success else None

    async def _one(self, statement: str) -> Any:
        async with self.api.database.transaction() as session:
            found = (await session.execute(text(f"{statement} ORDER BY id"))).all()
        return self.random.choice(found) if found else None
