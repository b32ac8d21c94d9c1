"""Weeks of visits that were made up, and honest ones that look odd: whose time, order or place is not as usual.

Beside the kinds of `suspects.py`, which differ in the phone. Parameters are drawn for each phone.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from app.checkins.rules import Fix
from app.demo.counties import TIMEZONE
from app.demo.habits import Outing
from app.demo.homes import Place, Site, moved

_MINUTE = timedelta(minutes=1)

MADE_UP = {
    "typed_week": "same_minute",  # a week typed in on one evening, at one minute of each day
    "turned_clock": "not_handed_over",  # at home in the morning, the clock turned back to last night
    "backdated": "not_handed_over",  # on Friday it occurs to somebody that Tuesday is missing
    "replayed": "repeated_fix",  # an old fix: as it was, rounded, or with a little jitter
    "played_back": "constant_speed",  # a recorded way, at one speed
    "centre": "typed_centre",  # the middle of the village on the map
    "copied": "copied_fix",  # a colleague's fix, on a phone of one's own
    "told_sensors": "constant_sensors",  # an app that fakes positions, and always says the same of them
}
ODD = ("dead_zone", "reminded", "wifi", "still", "slow_clock", "closed_app", "hamlet")
"""Honest: a week without coverage; reminded each Tuesday at eight; placed by Wi-Fi at 20.0 m; a phone that lies on
the desk; a clock that is behind; an app that was closed before it could send; six houses within the hour."""


class Claim(NamedTuple):
    """What a phone will say: of which outing, sent when, from where by its own word, and whether it is false."""

    outing: Outing
    sent: datetime
    fix: Fix | None  # None: as the phone measures it
    false: bool


def weeks(kind: str, outings: Sequence[Outing], site: Site, rng: random.Random) -> Iterator[Claim]:
    """The claims of one week. `outings` are what the person otherwise does; the same draws for all of a phone."""
    if not outings:
        return
    monday = outings[0].at - timedelta(days=outings[0].at.weekday())
    yield from {
        "typed_week": _typed_week,
        "turned_clock": _next_morning,
        "backdated": _next_morning,
        "played_back": _played_back,
        "centre": _centre,
        "dead_zone": _dead_zone,
        "reminded": _reminded,
        "hamlet": _hamlet,
        "closed_app": _next_morning,
        "slow_clock": _slow_clock,
    }.get(kind, _as_usual)(kind, outings, site, rng, _at(monday.date(), 0))


def _at(day: date, minutes: float) -> datetime:
    return datetime.combine(day, time.min, TIMEZONE) + minutes * _MINUTE


def _soon(outing: Outing, rng: random.Random) -> datetime:
    return outing.at + timedelta(seconds=rng.uniform(2, 40))


def _typed_week(
    _kind: str, outings: Sequence[Outing], site: Site, rng: random.Random, monday: datetime
) -> Iterator[Claim]:
    minute, evening = rng.randrange(9 * 60, 22 * 60), monday + timedelta(days=6, hours=rng.uniform(19, 22))
    seconds = rng.choice((0.0, 59.0))  # to the second, or only to the minute
    for day in range(rng.choice((5, 6))):
        at = monday + timedelta(days=day, minutes=minute, seconds=int(rng.uniform(0, seconds)))
        where = moved(site.village_office, rng.gauss(0, 30), rng.gauss(0, 30))
        yield Claim(Outing(at, outings[0].purpose, site.code, None, where), evening, None, True)


def _next_morning(
    kind: str, outings: Sequence[Outing], _site: Site, rng: random.Random, _monday: datetime
) -> Iterator[Claim]:
    for outing in outings:
        days = rng.choice((2, 3)) if kind == "backdated" else 1
        sent = _at(outing.at.date() + timedelta(days=days), rng.uniform(8, 12) * 60)
        yield Claim(outing, sent, None, kind != "closed_app")


def _played_back(
    _kind: str, outings: Sequence[Outing], site: Site, rng: random.Random, _monday: datetime
) -> Iterator[Claim]:
    speed, step_s, angle = rng.uniform(1.0, 12.0), rng.uniform(60, 240), rng.uniform(-1, 1)
    for outing in outings[:1]:
        for number in range(7):
            metres = speed * step_s * number - speed * step_s * 3
            where = moved(site.village_office, metres * (1 - abs(angle)), metres * angle)
            at = outing.at + timedelta(seconds=int(step_s * number))
            step = Outing(at, outing.purpose, site.code, None, where)
            yield Claim(step, _soon(step, rng), _fix(step, where, rng, 7, speed_mps=round(speed, 2)), True)


def _centre(
    _kind: str, outings: Sequence[Outing], site: Site, rng: random.Random, _monday: datetime
) -> Iterator[Claim]:
    centre: Place = (site.cell.centroid.x, site.cell.centroid.y)
    for outing in outings:
        claimed = replace(outing, where=centre, household=None)
        yield Claim(claimed, _soon(outing, rng), _fix(outing, centre, rng, rng.choice((5, 6, 7, 9))), True)


def _dead_zone(
    _kind: str, outings: Sequence[Outing], site: Site, rng: random.Random, monday: datetime
) -> Iterator[Claim]:
    sunday = monday + timedelta(days=6, hours=rng.uniform(17, 22))
    for day in range(6):
        for hour in sorted(rng.uniform(8, 21.5) for _ in range(rng.choice((1, 1, 2, 6)))):
            at = monday + timedelta(days=day, hours=hour)
            where = moved(rng.choice(site.hamlets).centre, rng.gauss(0, 40), rng.gauss(0, 40))
            yield Claim(Outing(at, outings[0].purpose, site.code, None, where), sunday, None, False)


def _reminded(
    _kind: str, outings: Sequence[Outing], _site: Site, rng: random.Random, monday: datetime
) -> Iterator[Claim]:
    at = monday + timedelta(days=1, minutes=20 * 60 + rng.uniform(-2, 2))
    outing = replace(outings[0], at=at)
    yield Claim(outing, _soon(outing, rng), None, False)


def _hamlet(
    _kind: str, outings: Sequence[Outing], site: Site, rng: random.Random, _monday: datetime
) -> Iterator[Claim]:
    at, hamlet = outings[0].at, rng.choice(site.hamlets).centre
    for _ in range(6):
        where = moved(hamlet, rng.gauss(0, 80), rng.gauss(0, 80))
        outing = Outing(at, outings[0].purpose, site.code, None, where)
        yield Claim(outing, _soon(outing, rng), None, False)
        at += timedelta(minutes=rng.uniform(5, 12))


def _slow_clock(
    _kind: str, outings: Sequence[Outing], _site: Site, rng: random.Random, _monday: datetime
) -> Iterator[Claim]:
    behind = timedelta(minutes=rng.uniform(3, 45))
    for outing in outings:
        yield Claim(replace(outing, at=outing.at - behind), _soon(outing, rng), None, False)


def _as_usual(
    kind: str, outings: Sequence[Outing], _site: Site, rng: random.Random, _monday: datetime
) -> Iterator[Claim]:
    for outing in outings:
        yield Claim(outing, _soon(outing, rng), None, kind in MADE_UP)


def _fix(outing: Outing, where: Place, rng: random.Random, digits: int, **said: float) -> Fix:
    """As an app that fakes positions says it, in WGS-84."""
    lon, lat = (round(axis, digits) for axis in where)
    claim = round(rng.uniform(3, 15), 1)
    return Fix(lon, lat, "wgs84", claim, said.get("altitude_m"), said.get("speed_mps"), False, outing.at)


def replayed(fix: Fix, way: str, at: datetime, rng: random.Random) -> Fix:
    """An earlier fix, sent again as if measured now."""
    lon, lat = fix.lon, fix.lat
    if way.startswith("rounded"):
        lon, lat = round(lon, int(way[-1])), round(lat, int(way[-1]))
    if way == "jittered":
        lon, lat = (round(axis, 7) for axis in moved((lon, lat), rng.gauss(0, 0.7), rng.gauss(0, 0.7)))
    return replace(fix, lon=lon, lat=lat, fixed_at=at)


REPLAYS = ("as it was", "rounded to 6", "rounded to 5", "jittered")
