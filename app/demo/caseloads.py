"""The people who help households (帮扶干部): so many for every village, each with households of their own."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from uuid import UUID

from app.demo.draft import Draft
from app.demo.homes import Site, houses
from app.demo.tree import Backing
from app.directory.rows import Person, Unit, Village

_POOR_WEIGHT = 1.6  # helpers of a poor village to those of another
_CASELOAD = (2, 3, 4)  # households: 1.2 to 3.8 on average in counties that published theirs
_FROM_TOWNSHIP = 0.15  # of helpers are sent by the township, not by a department
_GROUP = (1, 3)  # members of a department's own group, between these


def add_helpers(
    draft: Draft,
    number: int,
    sites: Mapping[str, Site],
    villages: Sequence[Village],
    backing: Mapping[str, Backing],
    promised: Mapping[str, str],
) -> None:
    """Spread `number` helpers over the villages; `promised` holds the phone number of a village's first one."""
    weights = [_POOR_WEIGHT if backing[village.id].residents > 2 else 1.0 for village in villages]  # noqa: PLR2004
    squads = {unit.id: unit for unit in draft.units}
    sent: dict[UUID, list[Person]] = defaultdict(list)
    for village, count in zip(villages, _apportioned(number, weights), strict=True):
        department, squad = backing[village.id].department, squads[village.unit_id]
        caseloads = [draft.rng.choice(_CASELOAD) for _ in range(count)]
        homes = iter(houses(sites[village.id], sum(caseloads), draft.rng))
        for place, caseload in enumerate(caseloads):
            from_township = place > 0 and draft.rng.random() < _FROM_TOWNSHIP
            helper = draft.person(
                "helper",
                squad,
                department=None if from_township else department,
                phone=None if place else promised.get(village.id),
            )
            draft.post(helper, squad, "cadre", "帮扶干部")
            if not from_township:
                sent[department.id].append(helper)
            for _ in range(caseload):
                hamlet, position = next(homes)
                draft.assign(helper, village.id, draft.household(village.id, hamlet.name, position))
    _groups(draft, squads, sent)


def _groups(draft: Draft, units: Mapping[UUID, Unit], sent: Mapping[UUID, Sequence[Person]]) -> None:
    """One to three of a department's helpers make up its group, under its head and deputy."""
    for department_id, helpers in sent.items():
        for member in helpers[: draft.rng.randint(*_GROUP)]:
            draft.post(member, units[department_id], "cadre", "组员")


def _apportioned(total: int, weights: Sequence[float]) -> list[int]:
    """`total` in whole parts by weight: largest remainders first."""
    exact = [total * weight / sum(weights) for weight in weights]
    parts = [int(part) for part in exact]
    order = sorted(range(len(parts)), key=lambda number: parts[number] - exact[number])
    for number in order[: total - sum(parts)]:
        parts[number] += 1
    return parts
