"""The demo's counties: real names, a complete responsibility tree, people in proportion, the same every time."""

import re
from collections import Counter, defaultdict
from dataclasses import asdict

import pytest
from shapely import Point

from app.demo.counties import PLANS, build
from app.demo.places import counties as real_counties
from tests.unit.demo.conftest import SINCE

pytestmark = pytest.mark.xdist_group("demo")  # the counties are built once


def units(county, level):
    return [unit for unit in county.roster.units if unit.level == level]


def below(county, unit, level):
    return [other for other in units(county, level) if other.path.startswith(f"{unit.path}.")]


def titles(county):
    """Titles held in each unit."""
    held = defaultdict(list)
    for post in county.roster.posts:
        held[post.unit_id].append(post.title)
    return held


def test_names_and_codes_are_those_of_2018():
    numbers = {
        county.code: (len(county.townships), sum(len(township.villages) for township in county.townships))
        for county in real_counties().values()
    }
    assert numbers == {"451029": (14, 165), "450224": (12, 137), "450326": (9, 93)}
    tianlin = real_counties()["451029"]
    assert (tianlin.name, tianlin.townships[0].name) == ("田林县", "乐里镇")
    same = [v.code for t in tianlin.townships for v in t.villages if v.name == "八洞村"]
    assert same == ["451029200206", "451029208204"]
    for county in real_counties().values():
        for township in county.townships:
            assert all(village.code.startswith(township.code) for village in township.villages)


def test_about_six_thousand_people(counties):
    assert {code: len(county.roster.people) for code, county in counties.items()} == {
        "451029": 2300,
        "450224": 2300,
        "450326": 1400,
    }


def test_helpers_are_most_and_residents_as_many_as_the_rule_asks(county):
    categories = Counter(person.category for person in county.roster.people)
    assert categories.most_common(1)[0][0] == "helper"
    assert categories["helper"] > len(county.roster.people) / 2
    villages = {village.unit_id: Counter() for village in county.roster.villages}
    for person in county.roster.people:
        if person.category in ("resident", "first_secretary"):
            villages[person.unit_id][person.category] += 1
    assert {counted["first_secretary"] for counted in villages.values()} == {1}
    sizes = Counter(counted.total() for counted in villages.values())
    poor = next(plan.poor_villages for plan in PLANS if plan.code == county.id)
    assert sizes == {3: poor, 2: len(villages) - poor}


def test_yongfu_has_the_234_team_members_of_the_briefing(yongfu):
    assert sum(person.category in ("resident", "first_secretary") for person in yongfu.roster.people) == 234


def test_every_township_is_a_theatre_with_a_commander_and_three_sectors(county):
    held = titles(county)
    assert len(units(county, "theatre")) == len(county.roster.townships)
    for theatre in units(county, "theatre"):
        assert held[theatre.id].count("战区指挥长") == 1
        assert held[theatre.id].count("战区副指挥长") in (1, 2)
        sectors = below(county, theatre, "sector")
        assert len(sectors) == 3
        assert all(held[sector.id] == ["片区长"] for sector in sectors)
        assert all(below(county, sector, "squad") for sector in sectors)
    commanders = [post.person_id for post in county.roster.posts if post.title == "片区长"]
    assert len(set(commanders)) == len(commanders)


def test_every_village_has_one_squad_in_one_area_of_one_sector(county):
    squads = {unit.id: unit for unit in units(county, "squad")}
    assert sorted(village.unit_id for village in county.roster.villages) == sorted(squads)
    for village in county.roster.villages:
        path = squads[village.unit_id].path.split(".")
        assert path[0] == county.id
        assert [sum(path[:depth] == u.path.split(".") for u in county.roster.units) for depth in range(1, 6)] == [
            1
        ] * 5
    areas = [len(below(county, area, "squad")) for area in units(county, "area")]
    assert 1 <= min(areas) <= max(areas) <= 4


def test_a_squad_is_led_by_its_first_secretary_with_the_village_heads_as_deputies(county):
    people = {person.id: person for person in county.roster.people}
    leading, deputies = defaultdict(list), Counter()
    for post in county.roster.posts:
        if post.title.startswith("班长"):
            assert (post.role, people[post.person_id].category) == ("leader", "first_secretary")
            leading[post.unit_id].append(post.person_id)
        if post.title.startswith("副班长"):
            deputies[post.unit_id] += 1
    for squad in units(county, "squad"):
        assert len(leading[squad.id]) == 1
        assert deputies[squad.id] in (1, 2)
        assert 4 <= len(below(county, squad, "team")) <= 8
    assert units(county, "group")


def test_departments_have_a_head_a_deputy_and_one_to_three_members(county):
    held = titles(county)
    assert len({unit.name for unit in units(county, "department")}) == len(units(county, "department")) >= 30
    for department in units(county, "department"):
        counted = Counter(held[department.id])
        assert counted["组长（主要负责人）"] == counted["副组长（分管负责人）"] == 1
        assert 1 <= counted["组员"] <= 3


def test_codes_make_paths_and_are_never_used_twice(county):
    codes = [unit.code for unit in county.roster.units]
    assert len(set(codes)) == len(codes)
    by_id = {unit.id: unit for unit in county.roster.units}
    for unit in county.roster.units:
        assert re.fullmatch(r"[A-Za-z0-9_]+", unit.code)
        parent = by_id[unit.parent_id].path + "." if unit.parent_id else ""
        assert unit.path == parent + unit.code


def test_a_helper_has_two_to_four_households_close_together_in_one_village(county):
    households = {household.id: household for household in county.roster.households}
    caseload = defaultdict(list)
    for assignment in county.roster.assignments:
        if assignment.household_id:
            household = households[assignment.household_id]
            assert household.village_id == assignment.village_id
            caseload[assignment.person_id].append(household)
    helpers = {person.id for person in county.roster.people if person.category == "helper"}
    assert set(caseload) == helpers
    assert {len(homes) for homes in caseload.values()} == {2, 3, 4}
    assert sum(len(homes) for homes in caseload.values()) == len(households)
    order = {(s.code, hamlet.name): n for s in county.sites.values() for n, hamlet in enumerate(s.hamlets)}
    apart = [
        max(order[h.village_id, h.hamlet] for h in homes) - min(order[h.village_id, h.hamlet] for h in homes)
        for homes in caseload.values()
    ]
    assert sum(distance <= 1 for distance in apart) > 0.85 * len(apart)


def test_households_stand_in_their_village(county):
    cells = {fence.village_id: fence.area for fence in county.roster.geofences}
    assert all(cells[home.village_id].contains(home.position) for home in county.roster.households)


def test_leaders_link_to_villages(county):
    linked = defaultdict(set)
    for assignment in county.roster.assignments:
        linked[assignment.person_id].add(assignment.village_id)
    held = defaultdict(set)
    for post in county.roster.posts:
        held[post.person_id].add(post.title)
    area_leaders = [person for person, own in held.items() if "包村领导" in own]
    assert area_leaders
    assert all(1 <= len(linked[person]) <= 4 for person in area_leaders)
    for person, own in held.items():
        if own & {"战区指挥长", "战区副指挥长", "班长（第一书记）", "驻村工作队员"}:
            assert linked[person]


def test_everyone_has_a_post_and_a_sign_in_with_an_invented_number(county):
    roster = county.roster
    assert {post.person_id for post in roster.posts} == {person.id for person in roster.people}
    assert {account.person_id for account in county.accounts} == {person.id for person in roster.people}
    fixed = re.compile(r"138000000[01][1-3]|139000\d{5}")
    assert all(fixed.fullmatch(person.phone) for person in roster.people)


def test_no_phone_number_or_id_belongs_to_two(counties):
    phones = [person.phone for county in counties.values() for person in county.roster.people]
    assert len(set(phones)) == len(phones) == 6000
    ids = [
        row.id
        for c in counties.values()
        for rows in (c.roster.people, c.roster.units, c.roster.households, c.roster.posts, c.roster.assignments)
        for row in rows
    ]
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize(("county_id", "numbers"), [("451029", "138000000{}"), ("450224", "1380000001{}")])
def test_the_promised_sign_ins(counties, county_id, numbers):
    county = counties[county_id]
    width = 2 if county_id == "451029" else 1
    office, leader, helper = (
        next(p for p in county.roster.people if p.phone == numbers.format(str(n).zfill(width))) for n in (1, 2, 3)
    )
    roles = defaultdict(set)
    for post in county.roster.posts:
        roles[post.person_id].add((post.role, next(u for u in county.roster.units if u.id == post.unit_id).level))
    assert ("office", "county") in roles[office.id]
    assert leader.category == "leader"
    assert {("leader", "theatre"), ("leader", "sector"), ("leader", "area")} <= roles[leader.id]
    assert (helper.category, roles[helper.id] & {("cadre", "squad")}) == ("helper", {("cadre", "squad")})
    linked = {a.village_id for a in county.roster.assignments if a.person_id == leader.id}
    assert {a.village_id for a in county.roster.assignments if a.person_id == helper.id} <= linked


def test_invented_fences_say_so(county):
    assert all(fence.synthetic and "Invented" in fence.source for fence in county.roster.geofences)


def test_the_same_county_every_time(yongfu):
    plan = next(plan for plan in PLANS if plan.code == "450326")
    again = build(plan, SINCE, "hash")
    assert asdict(again.roster) == asdict(yongfu.roster)
    assert again.seats == yongfu.seats


def test_seats_of_townships_lie_in_them(county):
    cells = {fence.village_id: fence.area for fence in county.roster.geofences}
    for township, seat in county.seats.items():
        assert any(cells[v.id].contains(Point(seat)) for v in county.roster.villages if v.township_id == township)
