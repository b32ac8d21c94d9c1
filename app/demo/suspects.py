"""Phones that are known to be honest, to cheat or to err, so that the signals can be held against the truth.

Cheats are many more here than anywhere (`SHARES`), so that each kind is seen often enough. The oddities of honest
phones are guesses, on the high side. Everything follows from a seed.
"""

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from math import dist
from uuid import UUID

from app.access.devices import DeviceContact
from app.checkins.rules import Fix, Visit
from app.demo import ruses
from app.demo.counties import TIMEZONE, DemoCounty
from app.demo.habits import Habits, Outing
from app.demo.homes import Place, moved
from app.directory.rows import Person
from app.geo.coordinates import from_wgs84

# What a phone or its owner does, and of a hundred phones how many.
SHARES = {
    "honest": 78,
    "mock": 2,  # 模拟定位: an app that fakes positions, and Android says so
    "frozen": 2,  # the same without Android's word; always the very same position
    "spoofed": 2,  # the same, scattered a little, and always as accurate
    "teleport": 3,  # sits in the township's seat and is seen there, minutes before a fake visit
    "from_seat": 2,  # checks in from the seat, and the phone says where it is
    "guest": 3,  # 代签: a colleague checks in for them, on the colleague's phone
    "passed_on": 2,  # the account goes from phone to phone
    "mislabelled": 2,  # the app calls GCJ-02 coordinates WGS-84
    "fast_clock": 2,
    "overconfident": 2,  # claims 1.9 m and is 190 m off
} | dict.fromkeys((*ruses.MADE_UP, *ruses.ODD), 1.5)
CHEATS = frozenset({"mock", "frozen", "spoofed", "teleport", "from_seat", "guest", "passed_on", *ruses.MADE_UP})
"""Whose visits are false; the other kinds are honest and err."""
_OUGHT = {
    "mock": {"mock_location"},
    "frozen": {"repeated_fix"},
    "spoofed": {"constant_accuracy"},
    "teleport": {"impossible_speed"},
    "from_seat": {"far_from_household"},
    "guest": {"shared_device"},
    "passed_on": {"several_devices"},
    "mislabelled": {"crs_mismatch", "far_from_household"},
    "fast_clock": {"clock_skew"},
    "overconfident": {"perfect_accuracy"},
} | {kind: {code} for kind, code in ruses.MADE_UP.items()}

# Oddities of honest phones, as shares of phones ...
_GCJ02 = 0.4
_STEPPED, _STEPS = 0.3, (5.0, 10.0, 10.0, 10.0, 65.0)  # accuracy in steps, as on iPhones
_COARSE = 0.03  # coordinates cut to five decimals
_WIFI = 0.05  # placed by Wi-Fi indoors: in one house always at one position
_TWO_PHONES, _NEW_PHONE = 0.05, 0.05
# ... and of check-ins.
_GLITCH = 0.001  # thrown by kilometres, with a good accuracy
_BORROWED = 0.002  # the battery was empty, and a colleague stood by
_NO_FIX, _STALE, _POOR = 0.006, 0.004, 0.012
_LATE = 0.25  # waits for coverage
_AT_SEAT = 0.7  # of the visits of who has that habit

_SAYS_WAITING = 0.6  # of the phones whose app says what it holds
_IN_TOUCH_H = (7.5, 12.5, 22.0)  # when phones are in touch by themselves, more or less
_SENDS = timedelta(hours=1.5)

_SIGMAS = 1.515
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Sent:
    """A check-in on its way, from which device, and the truth: its phone's kind, and what ought to be noticed."""

    at: datetime
    visit: Visit
    device: str
    kind: str
    false: bool
    ought: frozenset[str]


@dataclass(slots=True)
class _Phone:
    person: Person
    kind: str
    device: str
    rng: random.Random
    crs: str
    accuracy_m: float
    stepped: bool
    coarse: bool
    wifi: bool
    frozen: Place | None = None
    houses: dict[UUID | None, Place] = field(default_factory=dict)  # where Wi-Fi says they are
    replays: str = ""
    altitude_m: float | None = None
    says_waiting: bool = True
    fixes: dict[UUID | None, Fix] = field(default_factory=dict)  # that are replayed
    lender: "_Phone | None" = None
    lends: bool = False

    @classmethod
    def of(cls, person: Person, kind: str, seed: int) -> "_Phone":
        rng = random.Random(f"{seed} {person.id}")
        return cls(
            person=person,
            kind=kind,
            device=f"{rng.getrandbits(64):016x}",
            rng=rng,
            crs="gcj02" if rng.random() < _GCJ02 else "wgs84",
            accuracy_m=rng.lognormvariate(2.6, 0.45),
            stepped=rng.random() < _STEPPED,
            coarse=rng.random() < _COARSE,
            wifi=(rng.random() < _WIFI and kind == "honest") or kind == "wifi",
            replays=rng.choice(ruses.REPLAYS),
            altitude_m=round(rng.uniform(1, 60), 1) if kind == "told_sensors" else None,
            says_waiting=rng.random() < _SAYS_WAITING,
        )

    def used_at(self, at: datetime, others: Sequence["_Phone"]) -> str:
        """The device of a check-in."""
        if self.lender:
            return self.lender.device
        if self.lends:
            return self.device
        if self.kind == "passed_on":
            return f"{self.device}-{self.rng.randrange(4)}"
        phones = int(self.device, 16) % 100 / 100
        if phones < _TWO_PHONES:
            return f"{self.device}-{self.rng.randrange(2)}"
        if phones < _TWO_PHONES + _NEW_PHONE:
            return f"{self.device}-{at.toordinal() // 28 % 2}"
        return self.rng.choice(others).device if self.rng.random() < _BORROWED else self.device

    def fix(self, outing: Outing, *, fake: bool) -> Fix | None:
        """What the phone says of where it is: at `outing.where`, whoever put it there."""
        rng, where, accuracy = self.rng, outing.where, max(3.0, self.accuracy_m * self.rng.lognormvariate(0, 0.3))
        at = outing.at
        if not fake:
            if rng.random() < _NO_FIX:
                return None
            if rng.random() < _POOR:
                accuracy = rng.uniform(250, 1500)
            if rng.random() < _STALE:
                at -= rng.uniform(8, 50) * _MINUTE
            if self.stepped:
                accuracy = rng.choice(_STEPS)
        off = (190.0 if self.kind == "overconfident" else accuracy) / _SIGMAS
        where = moved(where, rng.gauss(0, off), rng.gauss(0, off))
        if rng.random() < _GLITCH:
            where = moved(where, rng.uniform(2000, 9000), rng.uniform(-9000, 9000))
        if self.wifi and not fake:
            accuracy = 20.0 if self.kind == "wifi" else rng.choice((24.0, 30.0, 35.5))
            where = self.houses.setdefault(outing.household, where)
        if fake and self.kind == "frozen":
            where = self.frozen = self.frozen or where
        if fake and self.kind in ("frozen", "spoofed", "teleport", "told_sensors"):
            accuracy = 5.0
        system = "gcj02" if self.kind == "mislabelled" else self.crs
        lon, lat = (float(axis) for axis in from_wgs84(*where, system))
        digits = 5 if self.coarse and not fake else 7
        return Fix(
            lon=round(lon, digits),
            lat=round(lat, digits),
            crs="wgs84" if self.kind == "mislabelled" else self.crs,
            accuracy_m=1.9 if self.kind == "overconfident" else round(accuracy, 1),
            altitude_m=self.altitude_m,
            speed_mps=None,
            mock=fake and self.kind == "mock",
            fixed_at=at,
        )


def _met(phone: _Phone, sent: Sequence[Sent], mondays: Sequence[date]) -> Iterator[DeviceContact]:
    rng = random.Random(f"{phone.device} met")
    # Where an honest visit waits for coverage, the phone has none; one that was closed is in touch once.
    silent = [
        (min(each.visit.captured_at, each.at) - _SENDS, each.at + _SENDS)
        for each in sent
        if not each.false and each.kind != "closed_app"
    ]
    waits = [(each.visit.captured_at, each.at) for each in sent if not each.false]
    busy = [(each.at - _SENDS, each.at + _SENDS) for each in sent]
    for monday in mondays:
        for day in range(7):
            for hour in _IN_TOUCH_H:
                at = datetime.combine(monday + timedelta(days=day), time.min, TIMEZONE) + timedelta(
                    hours=hour + rng.uniform(-0.4, 0.4)
                )
                if any(start <= at <= end for start, end in (*silent, *busy)):
                    continue
                held = sum(start <= at < end for start, end in waits)
                if phone.kind == "closed_app" and (held == 0 or hour != _IN_TOUCH_H[-1]):
                    continue
                yield DeviceContact(phone.person.id, phone.device, at, held if phone.says_waiting else None)


class Suspects:
    """So many phones of a county, drawn by lot."""

    def __init__(self, county: DemoCounty, phones: int, seed: int) -> None:
        rng = random.Random(f"{seed} suspects")
        self._habits = Habits(county)
        self._seats = county.seats
        self._sites = county.sites
        able = [person for person in county.roster.people if person.category in ("helper", "resident", "leader")]
        people = rng.sample(able, min(phones, len(able)))
        kinds = rng.choices(list(SHARES), list(SHARES.values()), k=len(people))
        self.phones = [_Phone.of(person, kind, seed) for person, kind in zip(people, kinds, strict=True)]
        for phone in self.phones:
            if phone.kind == "guest":
                self._lend(phone, rng)

    def _lend(self, guest: _Phone, rng: random.Random) -> None:
        """By an honest colleague of the same unit; who has none stays honest."""
        unit = guest.person.unit_id
        colleagues = [phone for phone in self.phones if phone.kind == "honest" and phone.person.unit_id == unit]
        if colleagues:
            guest.lender = rng.choice(colleagues)
            guest.lender.lends = True
        else:
            guest.kind = "honest"

    def send(self, mondays: Sequence[date]) -> list[Sent]:
        """All check-ins of these weeks, in the order in which they are sent."""
        sent = [each for phone in self.phones for each in self._of(phone, mondays)]
        return sorted([*sent, *self._copied(sent)], key=lambda each: each.at)

    def owners(self) -> list[tuple[UUID, str]]:
        """(person, device): whose phones they are, for those with one phone."""
        return [(phone.person.id, phone.device) for phone in self.phones if not phone.lender]

    def met(self, sent: Sequence[Sent], mondays: Sequence[date]) -> list[DeviceContact]:
        """When phones are in touch by themselves: not where an honest one has no coverage, nor while it sends."""
        of: dict[UUID, list[Sent]] = defaultdict(list)
        for each in sent:
            of[each.visit.person_id].append(each)
        return sorted(
            (each for phone in self.phones for each in _met(phone, of[phone.person.id], mondays)),
            key=lambda each: each.at,
        )

    def _made_up(self, phone: _Phone, mondays: Sequence[date]) -> Iterator[Sent]:
        """The kinds of `ruses.py`."""
        for monday in mondays:
            outings = self._habits.week(phone.person, monday)
            if not outings:
                continue
            site = self._sites[outings[0].village]
            drawn = random.Random(f"{phone.device} {monday}")
            for claim in ruses.weeks(phone.kind, outings, site, drawn):
                sent = self._sent(phone, claim.outing, fake=claim.false)
                fix = claim.fix or sent.visit.fix
                if phone.kind == "replayed" and fix:
                    old = phone.fixes.setdefault(claim.outing.household, fix)
                    if old is fix:  # to be replayed there must be one
                        sent = replace(sent, false=False, ought=frozenset())
                    else:
                        fix = ruses.replayed(old, phone.replays, fix.fixed_at, phone.rng)
                visit = replace(sent.visit, fix=fix, position_problem=None if fix else "timeout")
                yield replace(sent, at=claim.sent, visit=visit, ought=sent.ought if fix else frozenset())

    def _copied(self, sent: Sequence[Sent]) -> Iterator[Sent]:
        """Those who copy say that they were where a colleague was, some time later, with the colleague's fix."""
        honest = [each for each in sent if each.kind == "honest" and each.visit.fix]
        for phone in self.phones:
            if phone.kind != "copied":
                continue
            for each in phone.rng.sample(honest, min(6, len(honest))):
                at = each.visit.captured_at + phone.rng.uniform(1, 400) * _MINUTE
                fix = each.visit.fix and replace(each.visit.fix, fixed_at=at)
                visit = replace(
                    each.visit,
                    id=UUID(int=phone.rng.getrandbits(128), version=4),
                    person_id=phone.person.id,
                    captured_at=at,
                    fix=fix,
                    household_id=None,
                )
                arrives = max(at, each.at) + _MINUTE
                yield Sent(arrives, visit, phone.device, phone.kind, True, frozenset(_OUGHT["copied"]))

    def _of(self, phone: _Phone, mondays: Sequence[date]) -> Iterator[Sent]:
        if phone.kind == "copied":
            return
        if phone.kind in ruses.MADE_UP or phone.kind in ruses.ODD:
            yield from self._made_up(phone, mondays)
            return
        # A guest's visits are claimed where and when the lender goes, two minutes later.
        goes = phone.lender.person if phone.lender else phone.person
        held_up: datetime | None = None
        for outing in (each for monday in mondays for each in self._habits.week(goes, monday)):
            seat = self._seat_of(outing)
            fake = phone.kind in CHEATS
            claimed = outing
            if phone.kind in ("teleport", "from_seat"):
                fake = phone.rng.random() < _AT_SEAT
            if phone.kind == "from_seat" and fake:
                claimed = replace(outing, where=moved(seat, phone.rng.gauss(0, 80), phone.rng.gauss(0, 80)))
            if phone.kind == "teleport" and fake:
                before = outing.at - phone.rng.uniform(3, 9) * _MINUTE
                yield self._sent(phone, Outing(before, "activity", outing.village, None, seat), fake=False)
            if phone.lender:
                claimed = replace(outing, at=outing.at + 2 * _MINUTE, household=None)
            sent = self._sent(phone, claimed, fake=fake)
            held_up = self._held_up(phone, sent, held_up)
            yield replace(sent, at=held_up or sent.at)

    def _held_up(self, phone: _Phone, sent: Sent, before: datetime | None) -> datetime | None:
        """Without coverage a check-in waits, and what is made meanwhile goes with it. Lent phones have some."""
        if phone.lends or phone.lender:
            return None
        if before and sent.at < before:
            return before
        return sent.at + timedelta(hours=phone.rng.uniform(1, 40)) if phone.rng.random() < _LATE else None

    def _seat_of(self, outing: Outing) -> Place:
        office = self._sites[outing.village].village_office
        return min(self._seats.values(), key=lambda seat: dist(seat, office))

    def _sent(self, phone: _Phone, outing: Outing, *, fake: bool) -> Sent:
        rng = phone.rng
        ahead = timedelta(minutes=rng.uniform(7, 35)) if phone.kind == "fast_clock" else timedelta(0)
        fix = phone.fix(replace(outing, at=outing.at + ahead), fake=fake)
        visit = Visit(
            id=UUID(int=rng.getrandbits(128), version=4),
            person_id=phone.person.id,
            session_id=None,
            captured_at=outing.at + ahead,
            fix=fix,
            position_problem=None if fix else "timeout",
            purpose=outing.purpose,
            household_id=outing.household,
            note="",
            photo_ids=(),
            form=None,
            app_version=None,
            content_hash=b"",
        )
        at = outing.at + timedelta(seconds=rng.uniform(2, 40))
        errs = phone.kind not in CHEATS
        ought = frozenset(_OUGHT.get(phone.kind, ()) if (fake or errs) and fix else ())
        return Sent(at, visit, phone.used_at(outing.at, self.phones), phone.kind, fake, ought)
