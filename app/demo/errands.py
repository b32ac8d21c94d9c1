"""What people do besides visiting: they ask for leave, appeal, and decide what waits for them.

An errand talks to the real API from its person's phone, for the ids of flags and appeals are the server's to make.
When it is done follows from `SEED`, and so does all that is written.
"""

import random
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from app.demo.absences import Absence, absences
from app.demo.counties import SEED, TIMEZONE, DemoCounty
from app.demo.habits import WEEK, Habits
from app.demo.handsets import Handset, handset_of, lent_phones
from app.directory.rows import Person
from app.duties.rules import Period

Call = Callable[..., Awaitable[Any]]
"""`call(method, path, body)`: the answer's body; a GET's body is its query."""

_TOWNSHIP_DAYS = 3  # of leave; more are the county's to decide
_DECISIONS = {
    "approved": ("approve", "同意"),
    "overrun": ("approve", "同意"),
    "refused": ("refuse", "本周人手不足，请改期"),
}
_APPEALS_A_WEEK = 4
_EXCUSES = ("当晚在村，手机没有信号。", "那几天在县里培训，已向组长报告。", "手机坏了，有同行的人可以作证。")
_OPEN_WEEKS = 3  # appeals against the flags of the last weeks are still open
_REVIEWS_A_WEEK = 30
_REVIEWED = 0.7  # of the held check-ins that the office looks at; the others wait


@dataclass(frozen=True, slots=True)
class Errand:
    """Something that a person does on their phone; `at` is by the true clock."""

    at: datetime
    person: Person
    handset: Handset
    run: Callable[[Call], Awaitable[None]]


def errands(county: DemoCounty, mondays: Sequence[date], until: datetime, absent: frozenset[str]) -> list[Errand]:
    """Everything of the county before `until`, in order of time. `absent` are as in `uploads`."""
    staff = _Staff(county)
    away = absences(county, mondays, absent)
    made = [
        *(errand for absence in away.values() for errand in _of_leave(county.id, staff, absence)),
        *_appeals(county, mondays, absent, away),
        *_desk(county.id, staff, mondays),
    ]
    return sorted((each for each in made if each.at < until), key=lambda each: (each.at, each.person.phone))


class _Staff:
    """Who decides: the county's office, and the leader of each township."""

    def __init__(self, county: DemoCounty) -> None:
        people = {person.id: person for person in county.roster.people}
        units = {unit.id: unit for unit in county.roster.units}
        self._paths = {unit.id: unit.path for unit in county.roster.units}
        self.office = next(people[post.person_id] for post in county.roster.posts if post.role == "office")
        self._theatres = {
            units[post.unit_id].path: people[post.person_id]
            for post in reversed(county.roster.posts)
            if post.role == "leader" and units[post.unit_id].level == "theatre"
        }

    def for_leave(self, absence: Absence) -> Person:
        """The leader of the person's township for short leave, else the office."""
        above = self._theatres.get(".".join(self._paths[absence.person.unit_id].split(".")[:2]), self.office)
        short = (absence.until - absence.first).days < _TOWNSHIP_DAYS
        return above if short and above is not absence.person else self.office


def _errand(at: datetime, person: Person, run: Callable[[Call], Awaitable[None]]) -> Errand:
    return Errand(at, person, handset_of(person), run)


def _of_leave(county_id: str, staff: _Staff, absence: Absence) -> Iterator[Errand]:
    async def ask(call: Call) -> None:
        await call("POST", "/v1/me/leave", absence.body)

    async def decide(call: Call) -> None:
        verb, reason = _DECISIONS[absence.fate]
        await call("POST", f"/v1/counties/{county_id}/leave/{absence.id}/{verb}", {"reason": reason})

    async def come_back(call: Call) -> None:
        await call("POST", f"/v1/me/leave/{absence.id}/return", {})

    yield _errand(absence.asked_at, absence.person, ask)
    yield _errand(absence.decided_at, staff.for_leave(absence), decide)
    if absence.back_at and absence.back_at > absence.decided_at + timedelta(hours=1):
        yield _errand(absence.back_at, absence.person, come_back)


def _appeals(
    county: DemoCounty, mondays: Sequence[date], absent: frozenset[str], away: Mapping[UUID, Absence]
) -> Iterator[Errand]:
    """On the Thursday after a week, some who did nothing in it appeal against the flag that they then have."""
    rng = random.Random(f"{SEED} {county.id} appeals")
    habits, lent = Habits(county), lent_phones(county)
    helpers = [
        person
        for person in county.roster.people
        if person.category == "helper" and not (person.id in lent or person.id in away or person.phone in absent)
    ]
    for monday in mondays:
        idle = (person for person in rng.sample(helpers, len(helpers)) if not habits.week(person, monday))
        thursday = datetime.combine(monday + WEEK + timedelta(days=3), time(12), TIMEZONE)
        for person, _ in zip(idle, range(_APPEALS_A_WEEK), strict=False):
            at = thursday + timedelta(minutes=rng.randrange(300))
            body = {"id": str(UUID(int=rng.getrandbits(128), version=4)), "text": rng.choice(_EXCUSES)}
            yield _errand(at, person, _appeal_of(Period.of("week", monday).id, body))


def _appeal_of(week: str, body: Mapping[str, str]) -> Callable[[Call], Awaitable[None]]:
    async def appeal(call: Call) -> None:
        owed = (await call("GET", "/v1/me/duties", {"period": week}))["items"]
        flags = [duty["flag"] for duty in owed if duty["flag"] and duty["period"]["id"] == week]
        if flags and flags[0]["status"] in ("open", "acknowledged"):
            await call("POST", "/v1/me/appeals", {**body, "flag_id": flags[0]["id"]})

    return appeal


def _desk(county_id: str, staff: _Staff, mondays: Sequence[date]) -> Iterator[Errand]:
    """Week by week the office reviews what is held, and decides the appeals of all but the last weeks."""
    base = f"/v1/counties/{county_id}"

    async def review(call: Call) -> None:
        rng = random.Random(f"{SEED} {county_id} reviews")
        held = {"standing": "held", "order": "oldest", "limit": _REVIEWS_A_WEEK}
        for found in (await call("GET", f"{base}/check-ins", held))["items"]:
            if rng.random() < _REVIEWED and found["person"]["id"] != str(staff.office.id):
                await call("POST", f"{base}/check-ins/{found['id']}/reviews", _judged(found))

    async def decide(call: Call) -> None:
        for number, found in enumerate((await call("GET", f"{base}/appeals", {"status": "open"}))["items"]):
            if (await call("GET", f"{base}/appeals/{found['id']}"))["may_decide"]:
                said = ("uphold", "overturn")[number % 3 == 0]
                reason = "经核实，当时确在县里培训。" if said == "overturn" else "经核实，没有可以证明的材料。"
                await call("POST", f"{base}/appeals/{found['id']}/decide", {"decision": said, "reason": reason})

    for monday in mondays:
        yield _errand(datetime.combine(monday + timedelta(days=1), time(10), TIMEZONE), staff.office, review)
    for monday in mondays[:-_OPEN_WEEKS]:
        friday = monday + WEEK + timedelta(days=4)
        yield _errand(datetime.combine(friday, time(18), TIMEZONE), staff.office, decide)


def _judged(check_in: Mapping[str, Any]) -> dict[str, str]:
    """A faked position is refused; of the rest somebody made sure."""
    faked = {"mock_location", "repeated_fix"} & {reason["code"] for reason in check_in["reasons"]}
    said = ("refuse", "使用模拟定位") if faked else ("count", "已电话核实，本人在场")
    return {"decision": said[0], "reason": said[1], "seen": "held"}
