"""Who really goes where, and when: diligent, average and slack people, well and badly led townships.

Times are local to the counties. Everything follows from `SEED`, the person and the week.
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from app.demo.counties import SEED, TIMEZONE, DemoCounty
from app.demo.homes import Place, Site, moved
from app.directory.rows import Household, Person

WEEK = timedelta(days=7)

# How likely a person of an average village is to do in a week what is owed.
_LED = (0.99, 0.97, 0.95, 0.93, 0.90, 0.84, 0.74)  # a township leads its people well or badly
_LEFT_BEHIND, _LEFT_BEHIND_BY = 0.06, 0.4  # villages that nobody looks after
_VILLAGES_DIFFER, _PEOPLE_DIFFER = 0.03, 0.08
_EFFORT = {"helper": 0.0, "resident": -0.03, "first_secretary": 0.02, "leader": -0.02}

_OUTING_DAYS = (10, 10, 12, 10, 13, 16, 9)  # Monday to Sunday
_NIGHTS = (14, 18, 18, 16, 8, 6, 20)
_TWICE_A_WEEK = 0.12
_SECOND_HOUSE = 0.2
_EVENING_OUTING = 0.1
_PAST_MIDNIGHT = 0.06
_SECOND_EVENING_CHECK_IN = 0.05
_INSPECTIONS = 2  # an inspector's villages a week


@dataclass(frozen=True, slots=True)
class Outing:
    """One visit as it really took place; `where` is exact, WGS-84."""

    at: datetime
    purpose: str
    village: str
    household: UUID | None
    where: Place


class Habits:
    """The comings and goings of one county's people, week by week."""

    def __init__(self, county: DemoCounty) -> None:
        self.county = county
        roster = county.roster
        self._home = {household.id: household for household in roster.households}
        self._place = {home.id: (home.position.x, home.position.y) for home in roster.households if home.position}
        self._homes: dict[str, list[Household]] = {}
        for household in roster.households:
            self._homes.setdefault(household.village_id, []).append(household)
        self._villages: dict[UUID, list[str]] = {}
        self.households: dict[UUID, list[Household]] = {}
        for assignment in roster.assignments:
            if assignment.household_id:
                own = self.households.setdefault(assignment.person_id, [])
                own.append(self._home[assignment.household_id])
            else:
                self._villages.setdefault(assignment.person_id, []).append(assignment.village_id)
        self._care = _care(county)
        rng = random.Random(f"{SEED} {county.id} zeal")
        self._zeal = {
            person.id: rng.gauss(_EFFORT.get(person.category, 0), _PEOPLE_DIFFER) for person in roster.people
        }

    def week(self, person: Person, monday: date) -> list[Outing]:
        """What the person does in the week that begins on `monday`, in order of time."""
        rng = random.Random(f"{SEED} {person.id} {monday}")
        outings = {
            "helper": self._helps,
            "resident": self._stays,
            "first_secretary": self._stays,
            "leader": self._visits_by_night,
            "inspector": self._inspects,
        }.get(person.category)
        return sorted(outings(person, monday, rng), key=lambda outing: outing.at) if outings else []

    def _does(self, person: Person, village: str, rng: random.Random) -> bool:
        """Whether the person does this week what is owed."""
        return rng.random() < self._care[village] + self._zeal[person.id]

    def _helps(self, person: Person, monday: date, rng: random.Random) -> Iterator[Outing]:
        homes = self.households.get(person.id, [])
        if not homes or not self._does(person, homes[0].village_id, rng):
            return
        if _is_helping_week(monday):
            # 扶贫周: most of them on the same two days, round all their households.
            at = _moment(monday, rng.choice((1, 1, 1, 2, 2, 3)), rng.uniform(9, 10.5))
            yield from self._round(homes, at, rng)
            return
        for day in _days(_OUTING_DAYS, 2 if rng.random() < _TWICE_A_WEEK else 1, rng):
            first = rng.randrange(len(homes))
            number = 2 if rng.random() < _SECOND_HOUSE else 1
            at = _moment(monday, day, _daytime(rng))
            yield from self._round((homes * 2)[first : first + min(number, len(homes))], at, rng)

    def _round(
        self, homes: Sequence[Household], at: datetime, rng: random.Random, purpose: str = "household_visit"
    ) -> Iterator[Outing]:
        """From house to house, half an hour or so in each."""
        for home in homes:
            where = moved(self._place[home.id], rng.gauss(0, 15), rng.gauss(0, 15))
            yield Outing(at, purpose, home.village_id, home.id, where)
            at += timedelta(minutes=rng.uniform(20, 45))

    def _stays(self, person: Person, monday: date, rng: random.Random) -> Iterator[Outing]:
        (village,) = self._villages[person.id]
        days = rng.choice((5, 5, 5, 6)) if self._does(person, village, rng) else rng.choice((0, 2, 3, 4, 4))
        site = self.county.sites[village]
        for day in _days((10, 10, 10, 10, 10, 5, 3), days, rng):
            yield self._on_duty(site, _moment(monday, day, rng.uniform(7.6, 10)), rng)
            if rng.random() < _SECOND_EVENING_CHECK_IN:
                yield self._on_duty(site, _moment(monday, day, rng.uniform(19, 22)), rng)

    def _on_duty(self, site: Site, at: datetime, rng: random.Random) -> Outing:
        around = site.village_office if rng.random() < 0.6 else rng.choice(site.hamlets).centre  # noqa: PLR2004
        return Outing(at, "village_duty", site.code, None, moved(around, rng.gauss(0, 60), rng.gauss(0, 60)))

    def _visits_by_night(self, person: Person, monday: date, rng: random.Random) -> Iterator[Outing]:
        village = rng.choice(self._villages.get(person.id) or [*self.county.sites])
        homes = self._homes.get(village, [])
        if not homes or not self._does(person, village, rng):
            return
        hour = rng.uniform(24.1, 24.9) if rng.random() < _PAST_MIDNIGHT else rng.triangular(18.8, 21.8, 19.8)
        first = rng.randrange(len(homes))
        tonight = homes[first : first + rng.choice((1, 1, 2))]
        at = _moment(monday, _days(_NIGHTS, 1, rng)[0], hour)
        yield from self._round(tonight, at, rng, "night_visit")

    def _inspects(self, _person: Person, monday: date, rng: random.Random) -> Iterator[Outing]:
        for day in _days((1, 1, 1, 1, 1, 0, 0), _INSPECTIONS, rng):
            site = self.county.sites[rng.choice([*self.county.sites])]
            at = _moment(monday, day, _daytime(rng))
            yield Outing(
                at, "inspection", site.code, None, moved(site.village_office, rng.gauss(0, 40), rng.gauss(0, 40))
            )


def _care(county: DemoCounty) -> Mapping[str, float]:
    """How likely an average person of each village is to do what is owed in a week."""
    rng = random.Random(f"{SEED} {county.id} care")
    led = [_LED[number % len(_LED)] for number in range(len(county.roster.townships))]
    rng.shuffle(led)
    township = {township.id: care for township, care in zip(county.roster.townships, led, strict=True)}
    return {
        village.id: township[village.township_id]
        + rng.gauss(0, _VILLAGES_DIFFER)
        - (_LEFT_BEHIND_BY if rng.random() < _LEFT_BEHIND else 0)
        for village in county.roster.villages
    }


def _is_helping_week(monday: date) -> bool:
    """The first whole week of a month."""
    return monday.day <= WEEK.days


def _days(weights: Sequence[int], number: int, rng: random.Random) -> list[int]:
    """Different days of the week, 0 for Monday."""
    drawn = sorted(
        range(len(weights)), key=lambda day: rng.random() ** (1 / max(weights[day], 1e-9)), reverse=True
    )
    return sorted(drawn[:number])


def _daytime(rng: random.Random) -> float:
    if rng.random() < _EVENING_OUTING:
        return rng.uniform(18.5, 20.5)
    return rng.uniform(9, 11.5) if rng.random() < 0.6 else rng.uniform(14.5, 17.5)  # noqa: PLR2004


def _moment(monday: date, day: int, hour: float) -> datetime:
    """`hour` may pass 24: the small hours after that evening."""
    midnight = datetime.combine(monday + timedelta(days=day), time.min, TIMEZONE)
    return midnight + timedelta(seconds=int(hour * 3600))
