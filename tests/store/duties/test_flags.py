"""Flags: raised for what was missed, withdrawn when it turns out otherwise, put before the right leaders."""

from datetime import date, timedelta

from app.duties import service as duties
from app.duties.rules import Period
from app.notices import service as notices
from tests.store.duties.builder import Assigned, Post, Visit, night, seen
from tests.store.duties.cast import COUNTY, HELPER, LEADER, NIGHTS, W47, Person, at, rule


async def test_a_late_upload_turns_missed_into_met_late_and_withdraws_the_flag(county):
    nights = rule("nights", **NIGHTS)
    boss = Person("boss", "official", unit="root")
    await county.put(people=[LEADER, boss], posts=[Post(boss, "root")], rules=[nights])
    closed_at = at("2026-11-24 05:00")
    assert await county.close(nights, W47, closed_at) == 1
    assert seen(await county.of(LEADER, "2026-W47", closed_at)) == [("2026-W47", 0, 0, "missed")]

    later = closed_at + timedelta(days=2)
    late = night("2026-11-22 20:00", received_at=later)
    assert seen(await county.visit(late, now=later)) == [("2026-W47", 1, 0, "met_late")]
    (flag,) = await county.all("SELECT status, reason, changed_at, misses FROM flag")
    assert (flag.status, flag.reason, flag.changed_at, flag.misses) == ("withdrawn", "met_late", later, 1)
    trace = await county.all("SELECT action, detail ->> 'reason' AS reason FROM audit_entry ORDER BY id")
    assert [(each.action, each.reason) for each in trace] == [
        ("flag.raised", None),
        ("flag.withdrawn", "met_late"),
    ]
    told = await county.all("SELECT person_id, kind FROM notice")
    assert {(each.person_id, each.kind) for each in told} == {
        (LEADER.id, "duty_missed"),
        (LEADER.id, "flag_withdrawn"),
    }  # who leads has a daily summary
    async with county.database.transaction() as session:
        inbox = await notices.inbox(
            session,
            county_id=COUNTY.id,
            person_id=LEADER.id,
            unread=False,
            cursor=None,
            limit=10,
            language="zh-CN",
        )
    assert [item["title"] for item in inbox["items"]] == ["预警已撤销：leader", "任务未完成"]


async def test_uploaded_after_the_time_but_before_the_worker_came_is_late_and_never_flagged(county):
    nights = rule("nights", **NIGHTS)
    await county.put(people=[LEADER], rules=[nights])
    late = at("2026-11-24 05:00")
    assert seen(await county.visit(night("2026-11-22 20:00", received_at=late), now=late)) == [
        ("2026-W47", 1, 0, "met_late")
    ]
    assert await county.close(nights, W47, late) == 0


async def test_a_second_upload_of_the_same_night_does_not_make_a_met_duty_late(county):
    nights = rule("nights", **NIGHTS)
    await county.put(people=[LEADER], rules=[nights])
    await county.visit(night("2026-11-18 21:00"))
    late = at("2026-11-26 12:00")
    assert seen(await county.visit(night("2026-11-18 20:00", received_at=late), now=late)) == [
        ("2026-W47", 1, 0, "met")
    ]


async def test_a_duty_that_falls_back_to_missed_has_its_flag_again(county):
    nights = rule("nights", **NIGHTS)
    await county.put(people=[LEADER], rules=[nights])
    await county.close(nights, W47, at("2026-11-24 05:00"))
    later = at("2026-11-26 12:00")
    await county.visit(night("2026-11-22 20:00", received_at=later), now=later)
    await county.all("UPDATE check_in SET standing = 'refused' RETURNING id")
    touched = await county.visit(night("2026-11-22 12:00"), now=at("2026-11-27 12:00"))
    assert seen(touched) == [("2026-W47", 0, 0, "missed")]
    assert [flag.status for flag in await county.all("SELECT status FROM flag")] == ["open"]


async def test_misses_in_a_row_pass_over_excused_weeks_and_stop_at_a_met_one(county):
    ruled = rule()
    await county.put(people=[HELPER], assigned=[Assigned(HELPER)], rules=[ruled])
    await county.visit(Visit(HELPER, at("2026-10-28 10:00")))
    for number in range(44, 48):
        await county.close(ruled, Period.parse(f"2026-W{number}"), at("2026-11-24 00:00"))
    flags = await county.all("SELECT misses FROM flag ORDER BY misses")
    assert [flag.misses for flag in flags] == [1, 2, 3]
    await county.all("UPDATE duty SET status = 'excused' WHERE period_start = '2026-11-09' RETURNING id")
    await county.all(
        "WITH r AS (DELETE FROM flag_recipient), f AS (DELETE FROM flag) UPDATE duty SET status = 'open',"
        " closed_at = NULL WHERE period_start = '2026-11-16' RETURNING id"
    )
    await county.close(ruled, W47, at("2026-11-24 00:00"))
    assert [flag.misses for flag in await county.all("SELECT misses FROM flag")] == [2]


async def test_a_flag_goes_to_the_nearest_leaders_of_both_lines_and_never_to_oneself(county):
    """The person leads squad a1; its other leader's post has ended, so theatre a answers; and the department."""
    person = Person("helper", unit="a1", department="d")
    near, gone, far, sender = (Person(name, "official", unit="a") for name in ("near", "gone", "far", "sender"))
    ruled = rule()
    await county.put(
        people=[person, near, gone, far, sender],
        posts=[
            Post(person, "a1"),
            Post(gone, "a1", until_date=date(2026, 11, 20)),
            Post(near, "a"),
            Post(far, "root"),
            Post(sender, "d"),
            Post(far, "d", role="cadre"),
        ],
        assigned=[Assigned(person)],
        rules=[ruled],
    )
    assert await county.close(ruled, W47, at("2026-11-24 00:00")) == 1
    told = await county.all("SELECT person_id FROM flag_recipient")
    assert {row.person_id for row in told} == {near.id, sender.id}


async def test_a_leader_acknowledges_then_clears_and_no_other_way_round(county):
    ruled = rule()
    await county.put(people=[HELPER], assigned=[Assigned(HELPER)], rules=[ruled])
    await county.close(ruled, W47, at("2026-11-24 00:00"))
    (flag,) = await county.all("SELECT id FROM flag")
    decision = {
        "county_id": COUNTY.id,
        "flag_ids": [flag.id],
        "actor_id": LEADER.id,
        "now": at("2026-11-24 10:00"),
    }
    for to, reason in (("acknowledged", "已谈话"), ("cleared", "已补访")):
        async with county.database.transaction() as session:
            assert await duties.decide_flags(session, **decision, to=to, reason=reason) == {flag.id}
    (flag,) = await county.all("SELECT status, reason, changed_by FROM flag")
    assert (flag.status, flag.reason, flag.changed_by) == ("cleared", "已补访", LEADER.id)
    async with county.database.transaction() as session:
        assert await duties.decide_flags(session, **decision, to="acknowledged", reason="") == set()
    assert len(await county.all("SELECT id FROM audit_entry WHERE action LIKE 'flag.%ed'")) == 3
