"""The phones in people's hands: how good their fixes are, which coordinates they speak, and how some cheat."""

import random
from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar
from uuid import UUID

from app.demo.counties import SEED, DemoCounty
from app.demo.findings import night_form
from app.demo.habits import Outing
from app.demo.homes import Place, moved
from app.directory.rows import Person

Choice = TypeVar("Choice")

APP_VERSION = "1.0.0"
_MODELS = (
    ("android", "Redmi 4A"),
    ("android", "OPPO A57"),
    ("android", "vivo Y66"),
    ("android", "HUAWEI 畅享 6"),
    ("android", "HONOR 7X"),
    ("ios", "iPhone 6s"),
)
# Out of a thousand phones: the system that the map SDK reports and the one it is called, and what the owner does.
_SYSTEMS = {("wgs84", "wgs84"): 510, ("gcj02", "gcj02"): 420, ("bd09", "bd09"): 50, ("gcj02", "wgs84"): 20}
_TRICKS = {"none": 970, "mock": 6, "frozen": 6, "from_seat": 10, "overconfident": 4, "fast_clock": 4}
_SHARED_IN_VILLAGES = 0.03  # of villages have a phone that goes from hand to hand
_SHARED_BY = 3
_SLEEPY = 0.01  # of phones send only when their app is opened again, days later
# Shares of check-ins.
_NO_FIX = 0.006
_POOR = 0.012  # placed by the mobile network, not by satellites
_UNKNOWN_ACCURACY = 0.007
_STALE = 0.004
_AWAY = 0.006  # made somewhere else altogether
_FROM_SEAT = 0.7  # of those of a person with that habit
_NOTED = 0.15
_WITH_FORM = 0.75  # of night visits
_WITH_PHOTOS = {"night_visit": 0.06, "household_visit": 0.005, "inspection": 0.1}

_SIGMAS = 1.515  # accuracy is the radius of 68 %; of two normal errors that is so many standard deviations
_CLAIMED_M, _REALLY_M = 1.9, 190.0  # as found in field logs
_NOTES = {
    "household_visit": ("入户走访，了解近况", "核对帮扶手册", "户主外出务工，与老人交谈", "协助申请小额信贷"),
    "village_duty": ("在村工作", "参加村两委会议", "整理档案", "走访屯级道路建设"),
    "night_visit": ("夜访农户，宣讲政策", "夜访，了解收入情况", "夜访，收集意见建议"),
    "inspection": ("随机督查驻村情况", "核查帮扶手册填写"),
}


@dataclass(frozen=True, slots=True)
class Handset:
    """A phone. Its map SDK reports positions in `system` and calls them `label`; a sleepy one sends days late."""

    device_id: str
    platform: str
    model: str
    system: str
    label: str
    trick: str
    accuracy_m: float  # typical
    clock_ahead: timedelta
    sleepy: bool

    def described(self) -> dict[str, object]:
        return {"platform": self.platform, "model": self.model, "app_version": APP_VERSION}


@dataclass(frozen=True, slots=True)
class Measured:
    """A position as the phone measures it, in WGS-84 before its SDK shifts it."""

    where: Place
    said: dict[str, object]  # the members of the contract's `position`, without longitude and latitude


def handset_of(person: Person) -> Handset:
    rng = random.Random(f"{SEED} {person.id} phone")
    platform, model = rng.choice(_MODELS)
    system, label = _drawn(_SYSTEMS, rng)
    trick = _drawn(_TRICKS, rng) if person.category == "helper" else "none"
    return Handset(
        device_id=f"demo-{rng.getrandbits(64):016x}",
        platform=platform,
        model=model,
        system=system,
        label=label,
        trick=trick,
        accuracy_m=rng.lognormvariate(2.6, 0.45),
        clock_ahead=timedelta(minutes=rng.randint(7, 35) if trick == "fast_clock" else 0),
        sleepy=rng.random() < _SLEEPY,
    )


def lent_phones(county: DemoCounty) -> dict[UUID, Person]:
    """In a few villages one helper checks in for two others on the way: who for whom."""
    rng = random.Random(f"{SEED} {county.id} lent phones")
    by_squad: dict[UUID, list[Person]] = defaultdict(list)
    for person in county.roster.people:
        if person.category == "helper":
            by_squad[person.unit_id].append(person)
    return {
        person.id: helpers[-_SHARED_BY]
        for helpers in by_squad.values()
        if rng.random() < _SHARED_IN_VILLAGES and len(helpers) >= _SHARED_BY
        for person in helpers[1 - _SHARED_BY :]
    }


class Camera:
    """Makes one person's check-ins on one phone. `seat` is that of the township, where some only claim to go."""

    def __init__(self, person: Person, handset: Handset, seat: Place) -> None:
        self._handset = handset
        self._seat = seat
        self._frozen: Measured | None = None
        self._rng = random.Random(f"{SEED} {person.id} camera")
        self._extras = random.Random(f"{SEED} {person.id} extras")

    def take(self, outing: Outing) -> tuple[Measured | None, dict[str, object]]:
        """What is measured, None where there is no fix, and the rest of the check-in."""
        rng = self._rng
        body: dict[str, object] = {
            "id": str(UUID(int=rng.getrandbits(128), version=4)),
            "captured_at": (outing.at + self._handset.clock_ahead).isoformat(),
            "purpose": outing.purpose,
            "household_id": str(outing.household) if outing.household else None,
            "note": rng.choice(_NOTES[outing.purpose]) if rng.random() < _NOTED else "",
            "app_version": APP_VERSION,
            **self._added(outing),
        }
        if rng.random() < _NO_FIX:
            return None, body | {"position": None, "position_problem": rng.choice(("timeout", "unavailable"))}
        return self._measure(outing, rng), body

    def _added(self, outing: Outing) -> dict[str, object]:
        """The form of a night visit, and a photo or two."""
        rng = self._extras
        added: dict[str, object] = {}
        if outing.purpose == "night_visit" and rng.random() < _WITH_FORM:
            added["form"] = night_form(outing.village, rng)
        if rng.random() < _WITH_PHOTOS.get(outing.purpose, 0):
            ids = [UUID(int=rng.getrandbits(128), version=4) for _ in range(rng.choice((1, 1, 2)))]
            added["photo_ids"] = [str(photo_id) for photo_id in ids]
        return added

    def _measure(self, outing: Outing, rng: random.Random) -> Measured:
        if self._frozen:
            return self._frozen
        phone, where = self._handset, outing.where
        if phone.trick == "from_seat" and rng.random() < _FROM_SEAT:
            where = moved(self._seat, rng.gauss(0, 80), rng.gauss(0, 80))
        elif rng.random() < _AWAY:
            where = moved(where, *rng.choice(((4000, 7000), (-6000, 3000), (9000, -2000), (-3000, -8000))))
        accuracy = max(3.0, phone.accuracy_m * rng.lognormvariate(0, 0.3))
        if rng.random() < _POOR:
            accuracy = rng.uniform(250, 1500)
        sigma = (_REALLY_M if phone.trick == "overconfident" else accuracy) / _SIGMAS
        unknown = rng.random() < _UNKNOWN_ACCURACY
        claimed = _CLAIMED_M if phone.trick == "overconfident" else round(accuracy, 1)
        said: dict[str, object] = {
            "crs": phone.label,
            "accuracy_m": None if unknown else claimed,
            "altitude_m": round(rng.gauss(480, 120), 1),
            "speed_mps": round(abs(rng.gauss(0, 0.4)), 1),
            "mock": True if phone.trick == "mock" else None if phone.platform == "ios" else False,
        }
        if rng.random() < _STALE:
            said["fixed_at"] = (outing.at - timedelta(minutes=rng.uniform(8, 50))).isoformat()
        measured = Measured(moved(where, rng.gauss(0, sigma), rng.gauss(0, sigma)), said)
        if phone.trick == "frozen":
            said.pop("fixed_at", None)
            self._frozen = measured
        return measured


def _drawn(weights: dict[Choice, int], rng: random.Random) -> Choice:
    return rng.choices(list(weights), list(weights.values()))[0]
