"""What counts and who owes: the cases that people argue about, by name."""

from datetime import date

import pytest

from app.duties import service as duties
from app.duties.rules import NightWindow
from tests.store.duties.builder import Assigned, Post, Visit, night, seen
from tests.store.duties.cast import (
    A1,
    A2,
    B1,
    COUNTY,
    HELPER,
    HOUSE_1,
    HOUSE_2,
    HOUSE_3,
    LEADER,
    MONDAY,
    NIGHTS,
    W46,
    W47,
    W48,
    Person,
    at,
    rule,
)


async def test_monday_twenty_past_midnight_belongs_to_sundays_night(county):
    await county.put(people=[LEADER], rules=[rule("nights", **NIGHTS)])
    assert seen(await county.visit(night("2026-11-23 00:20"))) == [("2026-W47", 1, 0, "met")]
    assert seen(await county.of(LEADER, "2026-W48")) == [("2026-W48", 0, 0, "open")]


async def test_the_tail_ends_at_five_and_the_night_begins_at_half_past_six(county):
    await county.put(people=[LEADER], rules=[rule("nights", **NIGHTS)])
    (week,) = await county.visit(night("2026-11-17 18:29"), night("2026-11-18 05:00"))
    assert (week.done, await county.outcomes(week)) == (0, ["not_at_night", "not_at_night"])
    (week,) = await county.visit(night("2026-11-17 18:30"), night("2026-11-19 04:59"))
    assert week.done == 2


@pytest.mark.parametrize("hour", ["00:00", "04:00", "07:59"])
async def test_monday_before_eight_in_shanghai_is_this_week_though_utc_says_sunday(county, hour):
    await county.put(people=[HELPER], assigned=[Assigned(HELPER)], rules=[rule()])
    assert seen(await county.visit(Visit(HELPER, at(f"2026-11-23 {hour}")))) == [("2026-W48", 1, 0, "met")]
    assert seen(await county.of(HELPER, "previous")) == [("2026-W47", 0, 0, "open")]


async def test_sunday_just_before_midnight_is_last_week(county):
    await county.put(people=[HELPER], assigned=[Assigned(HELPER)], rules=[rule()])
    late = Visit(HELPER, at("2026-11-22 23:59"))
    assert seen(await county.visit(late)) == [("2026-W47", 1, 0, "met")]


async def test_one_evening_two_households_is_one_night_and_two_visits(county):
    both = rule("visits", categories=("leader",), counts_in="county")
    await county.put(people=[LEADER], rules=[rule("nights", **NIGHTS), both])
    found = await county.visit(night("2026-11-18 19:30"), night("2026-11-18 20:30", household=HOUSE_2))
    assert {duty.measure: duty.done for duty in found} == {"nights": 1, "visits": 2}
    outcomes = {duty.measure: await county.outcomes(duty) for duty in found}
    assert outcomes == {"nights": ["counted", "same_night"], "visits": ["counted", "counted"]}


async def test_a_night_without_a_household_does_not_count(county):
    await county.put(people=[LEADER], rules=[rule("nights", **NIGHTS)])
    (week,) = await county.visit(night("2026-11-18 20:10", household=None))
    assert (week.status, await county.outcomes(week)) == ("open", ["no_household"])


async def test_a_neighbours_household_counts_where_the_rule_counts_anywhere_and_not_where_it_wants_ones_own(
    county,
):
    anywhere = rule("anywhere", counts_in="county", household_required=True)
    below = rule("below", counts_in="unit", household_required=True)
    theirs = rule("theirs", household_required=True)
    own = Assigned(HELPER, household=HOUSE_1)
    await county.put(people=[HELPER], assigned=[own], rules=[anywhere, below, theirs])
    found = await county.visit(
        Visit(HELPER, at("2026-11-18 10:00"), household=HOUSE_1),
        Visit(HELPER, at("2026-11-18 11:00"), household=HOUSE_2),
        Visit(HELPER, at("2026-11-18 12:00"), household=HOUSE_3),
    )
    outcomes = {duty.rule_name.zh: await county.outcomes(duty) for duty in found}
    assert outcomes == {
        "anywhere": ["counted", "counted", "counted"],
        "below": ["counted", "counted", "not_your_household"],
        "theirs": ["counted", "not_your_household", "not_your_household"],
    }


async def test_a_whole_village_assigned_is_all_of_its_households_while_it_lasts(county):
    theirs = rule("theirs", household_required=True, share="days")
    until = {"until_date": date(2026, 11, 19)}
    assigned = [Assigned(HELPER, A2), Assigned(HELPER, A1, **until)]
    await county.put(people=[HELPER], assigned=assigned, rules=[theirs])
    (week,) = await county.visit(
        Visit(HELPER, at("2026-11-18 10:00"), household=HOUSE_2),
        Visit(HELPER, at("2026-11-19 10:00"), village=A2, found=A2, household=HOUSE_2),
    )
    assert await county.outcomes(week) == ["counted", "not_your_household"]


async def test_a_leader_may_visit_by_night_anywhere_in_the_county_but_not_beyond(county):
    await county.put(people=[LEADER], assigned=[Assigned(LEADER)], rules=[rule("nights", **NIGHTS)])
    elsewhere = {"standing": "outside", "place": "outside"}
    (week,) = await county.visit(
        night("2026-11-18 20:10", found=B1, **elsewhere), night("2026-11-19 20:10", found=None, **elsewhere)
    )
    assert (week.status, await county.outcomes(week)) == ("met", ["counted", "outside"])


async def test_a_helper_must_be_in_the_assigned_village(county):
    await county.put(people=[HELPER], assigned=[Assigned(HELPER)], rules=[rule()])
    (week,) = await county.visit(
        Visit(HELPER, at("2026-11-18 10:00"), found=A2, standing="outside", place="outside")
    )
    assert (week.status, await county.outcomes(week)) == ("open", ["not_assigned_village"])


async def test_who_accepts_a_visit_from_outside_vouches_for_the_place(county):
    await county.put(people=[HELPER], assigned=[Assigned(HELPER)], rules=[rule(required=3)])
    nowhere = {"village": None, "found": None, "place": "outside"}
    (week,) = await county.visit(
        Visit(HELPER, at("2026-11-17 10:00"), standing="counted", **nowhere),
        Visit(HELPER, at("2026-11-18 10:00"), standing="held", **nowhere),
        Visit(HELPER, at("2026-11-19 10:00"), standing="outside", **nowhere),
        Visit(HELPER, at("2026-11-20 10:00"), standing="refused", **nowhere),
        Visit(HELPER, at("2026-11-21 10:00"), standing="counted", found=A2, village=None, place="outside"),
    )
    outcomes = ["counted", "held", "outside", "refused", "counted"]
    assert (week.done, week.pending_review, await county.outcomes(week)) == (2, 1, outcomes)


async def test_own_unit_reaches_down_the_tree_and_follows_posts(county):
    ruled = rule(categories=("leader",), counts_in="unit", required=2)
    ended = Post(LEADER, "b", until_date=date(2026, 11, 19))
    await county.put(people=[LEADER], posts=[ended], rules=[ruled])
    (week,) = await county.visit(
        Visit(LEADER, at("2026-11-17 10:00"), village=None, found=A2),
        Visit(LEADER, at("2026-11-18 10:00"), village=None, found=B1),
        Visit(LEADER, at("2026-11-19 10:00"), village=None, found=B1),
    )
    assert (week.done, await county.outcomes(week)) == (2, ["counted", "counted", "not_in_unit"])


async def test_the_same_place_twice_a_day_is_one_visit(county):
    await county.put(people=[HELPER], assigned=[Assigned(HELPER)], rules=[rule(required=2)])
    (week,) = await county.visit(Visit(HELPER, at("2026-11-18 09:00")), Visit(HELPER, at("2026-11-18 16:00")))
    assert (week.done, await county.outcomes(week)) == (1, ["counted", "same_visit"])
    assert week.last_visit_at == at("2026-11-18 16:00")


async def test_households_and_village_days_are_counted_apart(county):
    ruled = [rule("households", measure="distinct_households"), rule("days", measure="village_days")]
    await county.put(people=[HELPER], assigned=[Assigned(HELPER)], rules=ruled)
    found = await county.visit(
        Visit(HELPER, at("2026-11-17 09:00"), household=HOUSE_1),
        Visit(HELPER, at("2026-11-18 09:00"), household=HOUSE_1),
        Visit(HELPER, at("2026-11-18 10:00"), household=HOUSE_2),
        Visit(HELPER, at("2026-11-19 10:00")),
    )
    assert {duty.measure: duty.done for duty in found} == {"distinct_households": 2, "village_days": 3}
    outcomes = {duty.measure: await county.outcomes(duty) for duty in found}
    assert outcomes["distinct_households"] == ["counted", "same_household", "counted", "no_household"]
    assert outcomes["village_days"] == ["counted", "counted", "same_day", "counted"]


async def test_a_held_check_in_is_pending_and_only_where_nothing_else_stands(county):
    await county.put(people=[LEADER], rules=[rule("nights", required=2, **NIGHTS)])
    (week,) = await county.visit(
        night("2026-11-17 20:00", standing="held"),
        night("2026-11-18 20:00", standing="held", place="unsure", village=None, found=None),
        night("2026-11-18 21:00", standing="held"),
        night("2026-11-19 12:00", standing="held"),
    )
    assert (week.done, week.pending_review, week.status) == (0, 2, "open")
    assert await county.outcomes(week) == ["held", "held", "same_night", "not_at_night"]
    (week,) = await county.visit(night("2026-11-17 22:00"))
    assert (week.done, week.pending_review) == (1, 1)
    assert (await county.outcomes(week))[:2] == ["same_night", "counted"]
    await county.all("UPDATE check_in SET standing = 'counted' WHERE standing = 'held' RETURNING id")
    assert seen(await county.visit(night("2026-11-20 20:00"))) == [("2026-W47", 3, 0, "met")]


async def test_replaced_halfway_through_the_week_neither_helper_owes_it(county):
    after = Person("successor")
    await county.put(
        people=[HELPER, after],
        assigned=[Assigned(HELPER, until_date=date(2026, 11, 18)), Assigned(after, from_date=date(2026, 11, 18))],
        rules=[rule()],
    )
    assert await county.visit(Visit(HELPER, at("2026-11-17 10:00"))) == []
    assert [duty.period.id for duty in await county.of(HELPER, "2026-W46")] == ["2026-W46"]
    assert await county.of(after, "2026-W47") == []
    assert [duty.period.id for duty in await county.of(after, "2026-W48")] == ["2026-W48"]


async def test_who_is_replaced_after_the_duty_was_opened_is_excused_and_keeps_the_visits(county):
    await county.put(people=[HELPER], assigned=[Assigned(HELPER)], rules=[rule(required=2)])
    assert seen(await county.visit(Visit(HELPER, at("2026-11-17 10:00")))) == [("2026-W47", 1, 0, "open")]
    await county.all("UPDATE assignment SET until_date = '2026-11-18' RETURNING id")
    touched = await county.visit(Visit(HELPER, at("2026-11-17 11:00")))
    assert seen(touched) == [("2026-W47", 1, 0, "excused")]


async def test_moved_to_another_village_in_midweek_each_day_has_its_village(county):
    await county.put(
        people=[HELPER],
        assigned=[
            Assigned(HELPER, A1, until_date=date(2026, 11, 18)),
            Assigned(HELPER, A2, from_date=date(2026, 11, 18)),
        ],
        rules=[rule(required=2)],
    )
    (week,) = await county.visit(
        Visit(HELPER, at("2026-11-17 10:00"), village=A1, found=A1),
        Visit(HELPER, at("2026-11-18 10:00"), village=A1, found=A1),
        Visit(HELPER, at("2026-11-18 12:00"), village=A2, found=A2),
    )
    assert (week.status, await county.outcomes(week)) == ("met", ["counted", "not_assigned_village", "counted"])


async def test_who_leaves_within_the_week_owes_nothing_and_who_leaves_after_it_does(county):
    leaving = Person("leaving", until_date=date(2026, 11, 22))
    staying = Person("staying", until_date=date(2026, 11, 23))
    await county.put(people=[leaving, staying], assigned=[Assigned(leaving), Assigned(staying)], rules=[rule()])
    assert await county.of(leaving, "2026-W47") == []
    assert len(await county.of(staying, "2026-W47")) == 1


async def test_a_rule_begun_in_midweek_governs_from_the_next_full_week(county):
    await county.put(people=[HELPER], assigned=[Assigned(HELPER)], rules=[rule(since=date(2026, 11, 18))])
    assert await county.of(HELPER, "2026-W47") == []
    assert len(await county.of(HELPER, "2026-W48")) == 1


async def test_a_new_version_leaves_the_running_week_alone(county):
    await county.put(people=[HELPER], assigned=[Assigned(HELPER)])
    async with county.database.transaction() as session:
        rule_id = await duties.put_rule(session, county_id=COUNTY.id, terms=rule().terms, effective_from=W46.start)
    async with county.database.transaction() as session:
        await duties.put_rule(
            session,
            county_id=COUNTY.id,
            rule_id=rule_id,
            terms=rule(required=2).terms,
            effective_from=date(2026, 11, 18),
        )
    for period, version, required in ((W46, 1, 1), (W47, 1, 1), (W48, 2, 2)):
        (duty,) = await county.of(HELPER, period.id)
        assert (duty.rule_version, duty.required) == (version, required)


async def test_another_kind_of_period_is_another_rule(county):
    async with county.database.transaction() as session:
        rule_id = await duties.put_rule(session, county_id=COUNTY.id, terms=rule().terms, effective_from=W46.start)
    with pytest.raises(ValueError, match="month"):
        async with county.database.transaction() as session:
            await duties.put_rule(
                session,
                county_id=COUNTY.id,
                rule_id=rule_id,
                terms=rule(period_kind="month").terms,
                effective_from=W48.start,
            )


async def test_periods_that_have_not_begun_have_no_duties(county):
    """A phone with a wrong clock must not open a week of next year."""
    await county.put(people=[HELPER], assigned=[Assigned(HELPER)], rules=[rule()])
    assert await county.visit(Visit(HELPER, at("2027-03-03 10:00"), standing="held")) == []
    assert await county.of(HELPER, "2027-W09") == []


async def test_the_window_may_lie_within_one_day(county):
    evening = NIGHTS | {"night": NightWindow(1140, 1260)}
    await county.put(people=[LEADER], rules=[rule("evenings", **evening)])
    (week,) = await county.visit(night("2026-11-18 21:00"), night("2026-11-19 20:59"))
    assert await county.outcomes(week) == ["not_at_night", "counted"]


async def test_an_unreadable_period_is_refused(county):
    with pytest.raises(ValueError, match="54"):
        await county.of(HELPER, "2026-W54")


async def test_ids_made_in_sql_are_uuid7_of_the_moment(county):
    await county.put(people=[HELPER], assigned=[Assigned(HELPER)], rules=[rule()])
    (duty,) = await county.of(HELPER)
    assert duty.id.version == 7
    assert duty.id.int >> 80 == int(MONDAY.timestamp() * 1000)
