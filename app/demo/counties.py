"""Three counties on real names, codes and outlines, with invented boundaries, homes and people.

The same `since` gives the same counties, down to every id.
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from itertools import count
from zoneinfo import ZoneInfo

from shapely import Point

from app.access.accounts import Account
from app.demo import names
from app.demo.caseloads import add_helpers
from app.demo.cells import tile
from app.demo.draft import Draft, shares
from app.demo.homes import Place, Site, settle
from app.demo.places import CountyPlaces, counties
from app.demo.tree import Backing, TownshipTree
from app.directory.roster import Geofence, Roster, Township, Unit, Village

TIMEZONE = ZoneInfo("Asia/Shanghai")
SEED = 20180927
_SOURCE = "Invented for the demo (Voronoi facets in the county's outline); no open village boundaries exist"
_INSPECTORS = 6


@dataclass(frozen=True, slots=True)
class Plan:
    """What is decided for a county by hand. Phone numbers are 139 000 and five digits from `phones_from`."""

    code: str
    seat: Point  # of the county
    seat_township: str
    people: int
    poor_villages: int
    departments: int
    phones_from: int
    office: str | None = None
    leader: str | None = None  # the first leader of the seat's township
    helper: str | None = None  # the first helper in that leader's area

    def leader_of(self, township: str) -> str | None:
        return self.leader if township == self.seat_township else None


# Poor villages: 103 in Tianlin as published; 48 in Yongfu, the most that its 234 team members allow with three in
# a poor village and two in another; Rong'an's number was not found.
PLANS = (
    Plan(
        "451029",
        Point(106.22484, 24.2973),
        "451029100",
        people=2300,
        poor_villages=103,
        departments=45,
        phones_from=0,
        office="13800000001",
        leader="13800000002",
        helper="13800000003",
    ),
    Plan(
        "450224",
        Point(109.40274, 25.22052),
        "450224100",
        people=2300,
        poor_villages=70,
        departments=45,
        phones_from=20_000,
        office="13800000011",
        leader="13800000012",
        helper="13800000013",
    ),
    Plan(
        "450326",
        Point(109.99167, 24.99204),
        "450326100",
        people=1400,
        poor_villages=48,
        departments=30,
        phones_from=40_000,
    ),
)


@dataclass(frozen=True, slots=True)
class DemoCounty:
    """What is loaded (`roster`), and what only the simulation knows: where things are on the ground."""

    roster: Roster
    accounts: Sequence[Account]
    sites: Mapping[str, Site]  # by village code
    seats: Mapping[str, Place]  # of townships, by code

    @property
    def id(self) -> str:
        return self.roster.id


def build(plan: Plan, since: date, password_hash: str) -> DemoCounty:
    """The county with everything in force from `since`.

    All share one password hash: the accounts are synthetic, and six thousand hashes would take minutes.
    """
    places = counties()[plan.code]
    rng = random.Random(f"{SEED} {plan.code}")
    sites = _sites(plan, places, rng)
    draft = Draft(plan.code, since, _phone_numbers(plan), rng)
    root = draft.unit(plan.code, places.name, "county", None)
    _headquarters(draft, root, plan)
    backing = _backing(plan, places, draft, root)
    villages = [
        village
        for township in places.townships
        for village in TownshipTree(draft, township, sites, backing, plan.leader_of(township.code)).build(root)
    ]
    leaders = {person.id for person in draft.people if person.phone == plan.leader}
    area = [assignment.village_id for assignment in draft.assignments if assignment.person_id in leaders]
    promised = {village: plan.helper for village in area[:1] if plan.helper}
    add_helpers(draft, plan.people - len(draft.people), sites, villages, backing, promised)
    accounts = [Account(person.phone, plan.code, person.id, password_hash) for person in draft.people]
    return DemoCounty(_roster(places, draft, villages, sites), accounts, sites, _seats(places, sites))


def _phone_numbers(plan: Plan) -> Iterator[str]:
    return (f"139{number:08}" for number in count(plan.phones_from))


def _sites(plan: Plan, places: CountyPlaces, rng: random.Random) -> dict[str, Site]:
    """Every village on the ground; the township of the county's seat lies where the seat really is."""
    townships = sorted(places.townships, key=lambda township: township.code != plan.seat_township)
    cells = tile(places.outline, [len(township.villages) for township in townships], plan.seat, SEED)
    return {
        village.code: settle(village.code, cell, rng)
        for township, of_township in zip(townships, cells, strict=True)
        for village, cell in zip(township.villages, of_township, strict=True)
    }


def _headquarters(draft: Draft, root: Unit, plan: Plan) -> None:
    """The county's two heads, its office, and the inspectors."""
    for title in ("县委书记", "县长"):
        draft.post(draft.person("leader", root), root, "leader", title)
    for number in range(2):
        clerk = draft.person("info_officer", root, phone=None if number else plan.office)
        draft.post(clerk, root, "office", "县扶贫开发领导小组办公室")
    for _ in range(_INSPECTORS):
        draft.post(draft.person("inspector", root), root, "inspector", "专职督查组")


def _backing(plan: Plan, places: CountyPlaces, draft: Draft, root: Unit) -> dict[str, Backing]:
    """Departments, each with its head and deputy, behind the villages that it helps."""
    villages = [village.code for township in places.townships for village in township.villages]
    poor = set(draft.rng.sample(villages, plan.poor_villages))
    backing = {}
    kinds = names.DEPARTMENTS[: plan.departments]
    for number, (kind, helped) in enumerate(zip(kinds, shares(villages, len(kinds)), strict=True), 1):
        name = names.department(places.name, kind)
        department = draft.unit(f"d{number:02}", name, "department", root)
        head = draft.person("leader", root)  # so that a flag on the head goes to the county's heads
        deputy = draft.person("leader", department)
        for leader, title in ((head, "组长（主要负责人）"), (deputy, "副组长（分管负责人）")):
            draft.post(leader, department, "leader", title)
            for village in helped:
                draft.assign(leader, village)
        for village in helped:
            backing[village] = Backing(3 if village in poor else 2, department)
    return backing


def _roster(
    places: CountyPlaces,
    draft: Draft,
    villages: Sequence[Village],
    sites: Mapping[str, Site],
) -> Roster:
    fenced_since = datetime.combine(draft.since, time.min, TIMEZONE).astimezone(UTC)
    return Roster(
        id=places.code,
        name=places.name,
        name_en=places.name_en,
        outline=places.outline,
        townships=[Township(township.code, township.name) for township in places.townships],
        units=draft.units,
        villages=villages,
        geofences=[
            Geofence(village.id, sites[village.id].cell, synthetic=True, source=_SOURCE, valid_from=fenced_since)
            for village in villages
        ],
        households=draft.households,
        people=draft.people,
        posts=draft.posts,
        assignments=draft.assignments,
    )


def _seats(places: CountyPlaces, sites: Mapping[str, Site]) -> dict[str, Place]:
    """A township's seat is the office of its first village."""
    return {township.code: sites[township.villages[0].code].village_office for township in places.townships}
