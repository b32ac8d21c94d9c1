"""What reaches the server when: phones out of coverage keep their check-ins and send them together later."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import numpy as np

from app.demo.absences import absences
from app.demo.counties import SEED, DemoCounty
from app.demo.habits import Habits, Outing
from app.demo.handsets import Camera, Handset, Measured, handset_of, lent_phones
from app.directory.rows import Person
from app.geo.coordinates import from_wgs84

_NO_COVERAGE = 0.35  # of villages
_HELD_UP = 0.06  # of check-ins where there is coverage
_NEXT_DAYS = 0.12  # of check-ins without coverage wait for longer than the way home
_WAYS_OUT = (2, 5)  # weekdays on which people in villages without coverage get out
_RESENT = 0.025  # of uploads lose their answer on the way, and are sent again


@dataclass(frozen=True, slots=True)
class Upload:
    """One post of one phone: a single check-in or a whole queue. `at` is by the true clock."""

    at: datetime
    county_id: str
    person: Person
    handset: Handset
    check_ins: tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True)
class _Kept:
    """A check-in in a phone, and when it could be sent at the earliest."""

    at: datetime
    sendable: datetime
    measured: Measured | None
    body: dict[str, Any]


def uploads(county: DemoCounty, mondays: Sequence[date], until: datetime, absent: frozenset[str]) -> list[Upload]:
    """Everything that the county's phones send before `until`, in order of time.

    `absent` are phone numbers of people who do nothing in the last of the weeks.
    """
    habits, lent, away = Habits(county), lent_phones(county), absences(county, mondays, absent)
    dead = _dead_spots(county)
    squads = {village.unit_id: village.township_id for village in county.roster.villages}
    anywhere = next(iter(county.seats.values()))
    plans: list[tuple[Person, Handset, list[_Kept]]] = []
    for person in county.roster.people:
        lender = lent.get(person.id, person)
        weeks = mondays[:-1] if person.phone in absent else mondays
        outings = [outing for monday in weeks for outing in habits.week(lender, monday)]
        if absence := away.get(person.id):
            outings = [outing for outing in outings if not absence.covers(outing.at)]
        if lender is not person:
            outings = [_for_another(outing, habits.households[person.id][0].id) for outing in outings]
        handset = handset_of(lender)
        seat = county.seats[squads[person.unit_id]] if person.unit_id in squads else anywhere
        camera = Camera(person, handset, seat)
        rng = random.Random(f"{SEED} {person.id} queue")
        kept = [_keep(camera, outing, handset, dead, rng) for outing in outings if outing.at < until]
        if kept:
            plans.append((person, handset, kept))
    _write_positions([(handset, kept) for _, handset, own in plans for kept in own])
    sent = [
        upload for person, handset, kept in plans for upload in _flushes(county.id, person, handset, kept, until)
    ]
    return sorted(sent, key=lambda upload: (upload.at, upload.person.phone))


def _for_another(outing: Outing, household_id: UUID) -> Outing:
    """The lender's visit, posted for someone else two minutes later and for a household of theirs."""
    return replace(outing, at=outing.at + timedelta(minutes=2), household=household_id)


def _dead_spots(county: DemoCounty) -> frozenset[str]:
    """Villages without a mobile signal."""
    rng = random.Random(f"{SEED} {county.id} coverage")
    return frozenset(village.id for village in county.roster.villages if rng.random() < _NO_COVERAGE)


def _keep(camera: Camera, outing: Outing, handset: Handset, dead: frozenset[str], rng: random.Random) -> _Kept:
    if handset.sleepy:
        wait = timedelta(days=rng.uniform(3, 9))
    elif outing.village in dead and outing.purpose == "village_duty":
        wait = _next_way_out(outing.at, rng) - outing.at
    elif outing.village in dead:
        wait = timedelta(hours=rng.uniform(20, 70) if rng.random() < _NEXT_DAYS else rng.uniform(1, 7))
    elif rng.random() < _HELD_UP:
        wait = timedelta(hours=rng.uniform(0.2, 10))
    else:
        wait = timedelta(seconds=rng.uniform(2, 40))
    return _Kept(outing.at, outing.at + wait, *camera.take(outing))


def _next_way_out(at: datetime, rng: random.Random) -> datetime:
    """Who lives in a village without coverage comes to where there is some on Wednesdays and Saturdays."""
    days = next(days for days in range(1, 5) if (at + timedelta(days=days)).weekday() in _WAYS_OUT)
    evening = (at + timedelta(days=days)).replace(hour=17, minute=0, second=0)
    return evening + timedelta(minutes=rng.uniform(0, 180))


def _write_positions(kept: Sequence[tuple[Handset, _Kept]]) -> None:
    """Longitude and latitude as each phone's SDK reports them, all at once."""
    fixed = [(handset, one.measured, one.body) for handset, one in kept if one.measured]
    lon, lat = from_wgs84(
        np.array([measured.where[0] for _, measured, _ in fixed]),
        np.array([measured.where[1] for _, measured, _ in fixed]),
        np.array([handset.system for handset, _, _ in fixed]),
    )
    for (_, measured, body), x, y in zip(fixed, lon.round(7).tolist(), lat.round(7).tolist(), strict=True):
        body["position"] = {"lon": x, "lat": y, **measured.said}


def _flushes(
    county_id: str, person: Person, handset: Handset, kept: Sequence[_Kept], until: datetime
) -> Iterator[Upload]:
    """Whenever one check-in can be sent, all that wait go with it."""
    rng = random.Random(f"{SEED} {person.id} uploads")
    waiting = sorted(kept, key=lambda one: one.at)
    for moment in sorted(one.sendable for one in kept):
        together = tuple(one.body for one in waiting if one.at < moment)
        if not together or moment >= until:
            continue
        waiting = waiting[len(together) :]
        yield Upload(moment, county_id, person, handset, together)
        again = moment + timedelta(seconds=rng.uniform(20, 90))
        if rng.random() < _RESENT and again < until:
            yield Upload(again, county_id, person, handset, together)
