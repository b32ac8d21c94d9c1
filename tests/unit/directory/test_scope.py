"""Who stands above whom: one definition for leave, reviews, flags and appeals."""

from uuid import UUID, uuid4

import pytest

from app.directory.rights import Ability
from app.directory.scope import Held, Scope, Standing, scope_of, stands_above
from app.directory.words import OFFICE_ROLES

COUNTY, TOWN, SQUAD, DEPARTMENT = "451029", "451029.town", "451029.town.squad", "451029.bureau"


def holder(*posts: tuple[str, str], home: str = COUNTY) -> Scope:
    held = [
        Held(uuid4(), role, "", uuid4(), "", "county" if path == COUNTY else "theatre", path)
        for role, path in posts
    ]
    return scope_of("451029", uuid4(), held, (home,))


def person(*lines: str, leads: tuple[str, ...] = (), id: UUID | None = None) -> Standing:
    return Standing(id or uuid4(), lines, leads)


@pytest.mark.parametrize(
    ("decider", "of", "above"),
    [
        (holder(("leader", TOWN), home=TOWN), person(SQUAD), True),
        (holder(("leader", TOWN), home=TOWN), person(TOWN), True),  # a cadre of the township itself
        (holder(("leader", TOWN), home=TOWN), person(TOWN, leads=(TOWN,)), False),  # the other head of it
        (holder(("leader", TOWN), home=COUNTY), person(TOWN, leads=(TOWN,)), True),  # a county leader in command
        (holder(("office", TOWN), home=TOWN), person(TOWN, leads=(TOWN,)), False),  # the head's own clerk
        (holder(("leader", SQUAD), home=SQUAD), person(TOWN), False),
        (holder(("leader", DEPARTMENT), home=DEPARTMENT), person(SQUAD, DEPARTMENT), True),
        (holder(("leader", "451029.to")), person(TOWN), False),
        (holder(("office", COUNTY)), person(COUNTY, leads=(COUNTY,)), True),  # there is nobody further up
        (holder(("cadre", COUNTY)), person(SQUAD), False),
        (holder(), person(SQUAD), False),
    ],
)
def test_who_stands_above(decider: Scope, of: Standing, above: bool):
    assert stands_above(decider, of) is above


def test_nobody_stands_above_themselves():
    own = holder(("office", COUNTY))
    assert not stands_above(own, person(COUNTY, id=own.person_id))


def test_a_post_counts_where_it_is_held_and_for_what_it_is():
    """Office in one township, inspector of the county: sees everybody, and is the office in that township only."""
    both = holder(("office", TOWN), ("inspector", COUNTY))
    assert stands_above(both, person(DEPARTMENT))
    assert not stands_above(both, person(DEPARTMENT), OFFICE_ROLES)
    assert stands_above(both, person(SQUAD), OFFICE_ROLES)
    assert both.paths == (COUNTY,)
    assert both.within(Ability.CHANGE_ROSTER).paths == (TOWN,)
    assert not both.may(Ability.CHANGE_RULES)
    assert holder(("office", COUNTY)).may(Ability.CHANGE_RULES)
