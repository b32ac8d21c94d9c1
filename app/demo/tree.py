"""The responsibility tree of one township, with the people in it.

Its shape is that of Tianlin's seven levels of responsibility: leaders of the county command a theatre (战区, one
township), the township's three heads a sector (片区) each, every township leader answers for an area (专区) of one
to four villages, a village's first secretary leads its squad (突击班), its officials the teams (小队) of its
hamlets, and some hamlets have groups of households (互助组).
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.demo.draft import Draft, shares
from app.demo.homes import Site
from app.demo.places import TownshipName, VillageName
from app.directory.rows import Person, Unit
from app.directory.rows import Village as VillageRow

HEADS = ("党委书记", "{head}", "人大主席")
LEADERS = (
    *HEADS,
    "党委副书记",
    "纪委书记",
    "副{head}",
    "副{head}",
    "组织委员",
    "武装部长",
    "宣传委员",
    "政法委员",
)
_SECTORS = 3
_ONE_FOR_BOTH = 0.6  # of villages have one person as party secretary and head of the committee (一肩挑)
_GROUPED = 0.25  # of hamlets have mutual-help groups


@dataclass(frozen=True, slots=True)
class Backing:
    """How many people are sent to a village to live there, and which department stands behind it."""

    residents: int  # first secretary included
    department: Unit


class TownshipTree:
    """Builds one township into a draft."""

    def __init__(
        self,
        draft: Draft,
        township: TownshipName,
        sites: Mapping[str, Site],
        backing: Mapping[str, Backing],
        leader_phone: str | None,
    ) -> None:
        self.draft = draft
        self.township = township
        self.sites = sites
        self.backing = backing
        self.leader_phone = leader_phone
        self.key = f"t{township.code[-3:]}"
        self.villages: list[VillageRow] = []

    def build(self, root: Unit) -> list[VillageRow]:
        """Adds everyone but the helpers; returns the villages, each with its squad."""
        draft, name = self.draft, self.township.name
        theatre = draft.unit(self.key, f"{name}战区", "theatre", root)
        self._command(theatre, root)
        draft.post(draft.person("info_officer", theatre), theatre, "cadre", "信息员")
        leaders = self._leaders(theatre)
        for number, (villages, led_by) in enumerate(
            zip(shares(self._around(), _SECTORS), _dealt(leaders, _SECTORS), strict=True), 1
        ):
            sector = draft.unit(f"{self.key}_s{number}", f"{name}第{'一二三'[number - 1]}片区", "sector", theatre)
            draft.post(led_by[0], sector, "leader", "片区长")
            self._areas(sector, villages, led_by)
        return self.villages

    def _command(self, theatre: Unit, root: Unit) -> None:
        """Leaders of the county: they belong to its root, so that a flag on one goes to the county's heads."""
        titles = ["战区指挥长", *["战区副指挥长"] * self.draft.rng.randint(1, 2)]
        for title in titles:
            leader = self.draft.person("leader", root)
            self.draft.post(leader, theatre, "leader", title)
            for village in self.draft.rng.sample(self.township.villages, 2):
                self.draft.assign(leader, village.code)

    def _leaders(self, theatre: Unit) -> list[Person]:
        """Nine to eleven leaders of the township, its three heads first."""
        head = "镇长" if self.township.name.endswith("镇") else "乡长"
        leaders = []
        for number, title in enumerate(LEADERS[: self.draft.rng.randint(9, 11)]):
            phone = None if number else self.leader_phone
            leader = self.draft.person("leader", theatre, phone=phone)
            role = "leader" if title in HEADS[:2] else "cadre"  # who leads the whole township
            self.draft.post(leader, theatre, role, title.format(head=head))
            leaders.append(leader)
        return leaders

    def _around(self) -> list[VillageName]:
        """The villages in the order in which a hand sweeps round the township's middle."""
        middle = {village.code: self.sites[village.code].cell.centroid for village in self.township.villages}
        x = sum(point.x for point in middle.values()) / len(middle)
        y = sum(point.y for point in middle.values()) / len(middle)
        return sorted(
            self.township.villages,
            key=lambda village: math.atan2(middle[village.code].y - y, middle[village.code].x - x),
        )

    def _areas(self, sector: Unit, villages: Sequence[VillageName], leaders: Sequence[Person]) -> None:
        parts = min(len(leaders), len(villages))
        for number, linked in enumerate(shares(villages, parts)):
            first = "" if len(linked) == 1 else f"等{len(linked)}村"
            area = self.draft.unit(f"{sector.code}_a{number + 1}", f"{linked[0].name}{first}专区", "area", sector)
            for deputy, leader in enumerate(leaders[number::parts]):
                title = "包村工作组副组长" if deputy else "包村领导"
                self.draft.post(leader, area, "cadre" if deputy else "leader", title)
                for village in linked:
                    self.draft.assign(leader, village.code)
            for village in linked:
                self._squad(area, village)

    def _squad(self, area: Unit, village: VillageName) -> None:
        draft, backing = self.draft, self.backing[village.code]
        squad = draft.unit(f"v{village.code[-6:]}", f"{village.name}突击班", "squad", area)
        self.villages.append(
            VillageRow(village.code, village.name, village.official_name, self.township.code, squad.id)
        )
        first_secretary = draft.person("first_secretary", squad, department=backing.department)
        draft.post(first_secretary, squad, "leader", "班长（第一书记）")
        draft.assign(first_secretary, village.code)
        for _ in range(backing.residents - 1):
            resident = draft.person("resident", squad, department=backing.department)
            draft.post(resident, squad, "cadre", "驻村工作队员")
            draft.assign(resident, village.code)
        both = draft.rng.random() < _ONE_FOR_BOTH
        officials = []
        for title in ("副班长（村支书、村委主任）",) if both else ("副班长（村支书）", "副班长（村委主任）"):
            officials.append(draft.person("official", squad))
            draft.post(officials[-1], squad, "cadre", title)
        self._teams(squad, village, officials)

    def _teams(self, squad: Unit, village: VillageName, officials: Sequence[Person]) -> None:
        for number, hamlet in enumerate(self.sites[village.code].hamlets, 1):
            team = self.draft.unit(f"{squad.code}_t{number}", f"{hamlet.name}小队", "team", squad)
            self.draft.post(officials[number % len(officials)], team, "leader", "队长")
            if self.draft.rng.random() < _GROUPED:
                self.draft.unit(f"{team.code}_g1", f"{hamlet.name}互助组", "group", team)


def _dealt(people: Sequence[Person], hands: int) -> list[Sequence[Person]]:
    """Dealt like cards: the first `hands` people open a hand each."""
    return [people[number::hands] for number in range(hands)]
