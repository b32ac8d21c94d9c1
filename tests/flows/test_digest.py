"""The weekly digest: to each leader once, on Monday morning in the county, about their own people only."""

import asyncio
from datetime import timedelta

import pytest

from app.directory.scope import Held, scope_of
from app.duties import service as duties
from app.kernel.database import rows
from app.notices.rules import NoticeSettings
from app.notices.templates import lock_screen, words
from app.reads import board, rule_period
from app.reads.digest import digests
from app.reads.visibility import VisibleScope
from app.worker.digests import tell_digests, week_to_tell
from tests.store.duties.builder import Assigned, Facts, Post, Visit, add, built
from tests.store.duties.cast import B1, COUNTY, PATHS, W46, W47, W48, Person, at, known_id, rule
from tests.support.periods import close_period, open_period

A_LEADER, B_LEADER, OFFICE, SENDER = (
    Person(name, "official", unit)
    for name, unit in zip(("la", "lb", "office", "ld"), ("a", "b", "root", "d"), strict=True)
)
LEADERS = {person.id: person.name for person in (A_LEADER, B_LEADER, OFFICE, SENDER)}
GOOD, BAD, OTHER = Person("good", unit="a1"), Person("bad", unit="a2", department="d"), Person("other", unit="b1")
RULE = rule(grace_h=24)
EIGHT = at("2026-11-23 08:00")


@pytest.fixture
async def database(database_url):
    async with built(
        database_url,
        Facts(
            people=[A_LEADER, B_LEADER, OFFICE, SENDER, GOOD, BAD, OTHER],
            posts=[
                Post(A_LEADER, "a"),
                Post(A_LEADER, "a1"),
                Post(B_LEADER, "b"),
                Post(OFFICE, "root", role="office"),
                Post(SENDER, "d"),
            ],
            assigned=[Assigned(GOOD), Assigned(BAD), Assigned(OTHER, B1)],
            visits=[
                Visit(GOOD, at("2026-11-18 10:00")),
                Visit(OTHER, at("2026-11-18 10:00"), village=B1, found=B1),
                Visit(OTHER, at("2026-11-11 10:00"), village=B1, found=B1),
            ],
            rules=[RULE],
        ),
    ) as database:
        async with database.transaction() as session:
            for week in (W46, W47, W48):
                await open_period(session, COUNTY, duties.RulePeriod(RULE.id, week.start), week_start(week))
            await close_period(session, COUNTY, duties.RulePeriod(RULE.id, W46.start), at("2026-11-17 00:00"))
        yield database


def week_start(week):
    return at(f"{week.start} 00:30")


async def told(database, now=EIGHT):
    await tell_digests(database, COUNTY, now)
    async with database.transaction() as session:
        found = await rows(
            session, "SELECT person_id, about FROM notice WHERE kind = 'weekly_digest' ORDER BY created_at"
        )
    return {LEADERS[row.person_id]: row.about for row in found}


@pytest.mark.parametrize("hour", range(8))
def test_matomo_24980_a_digest_set_before_eight_goes_out_on_monday_in_shanghai(hour):
    """Set for 00:00-07:59 local, it went out on Tuesday, since in UTC Monday had not begun."""
    settings = NoticeSettings(digest_at=hour * 60)
    moment = at(f"2026-11-23 {hour:02}:00")
    assert week_to_tell(settings, "Asia/Shanghai", moment - timedelta(minutes=1)) is None
    assert week_to_tell(settings, "Asia/Shanghai", moment) == W47


@pytest.mark.parametrize(
    ("now", "week"),
    [
        ("2026-11-23 07:59", None),
        ("2026-11-23 08:00", W47),
        ("2026-11-25 23:59", W47),
        ("2026-11-26 00:00", None),
        ("2026-11-30 08:00", W48),
    ],
)
def test_when_it_is_told(now, week):
    assert week_to_tell(NoticeSettings(), "Asia/Shanghai", at(now)) == week


async def test_each_leader_is_told_of_their_own_people_only(database):
    said = {name: about["summary"]["name"] for name, about in (await told(database)).items()}
    assert set(said) == {"la", "lb", "office", "ld"}
    assert "bad" in said["la"]
    assert "bad" in said["office"]
    assert "bad" in said["ld"]  # whose department sent them
    assert "bad" not in said["lb"]
    assert "other" not in said["la"]


async def test_what_it_says(database):
    about = (await told(database))["la"]
    assert about["summary"]["name"].splitlines() == [
        "“visits”：应完成 2 人，达标 1 人，未完成 1 人（上期 2 人）。",
        "其中 1 人尚未定论，11-24 00:00 前上传的仍按时计入。",
        "所在单位：a2 1 人。",
        "首先联系：bad（连续 2 期）。",
        "待您办理：2 条预警待签收。",
    ]
    assert about["summary"]["name_en"].splitlines() == [
        "visits: 2 owed, 1 met, 1 behind (the period before: 2).",
        "Not final for 1 of them: what is uploaded before 11-24 00:00 still counts in time.",
        "Where: a2 1.",
        "Turn to first: bad (2 periods in a row).",
        "Waiting for you: flags to acknowledge: 2.",
    ]
    assert words("weekly_digest", about, "zh-CN").title == "周报 2026-W47：1 人未完成"
    assert lock_screen("weekly_digest", about, "zh-CN").body == "（详见应用）"


async def test_an_empty_one_says_why(database):
    lines = {name: about["summary"]["name"] for name, about in (await told(database)).items()}
    assert lines["lb"].splitlines()[0] == "“visits”：应完成 1 人，全部达标。"
    async with database.transaction() as session:
        await rows(session, "DELETE FROM notice RETURNING id")
        await rows(session, "DELETE FROM flag_recipient RETURNING flag_id")
        await rows(session, "DELETE FROM flag RETURNING id")
        await rows(session, "DELETE FROM duty RETURNING id")
    lines = {name: about["summary"]["name"] for name, about in (await told(database)).items()}
    assert set(lines.values()) == {"上周您负责范围内没有人有应完成的任务。"}


async def test_it_is_told_once_whatever_the_workers_and_rounds(database):
    sent = await asyncio.gather(*(tell_digests(database, COUNTY, EIGHT) for _ in range(3)))
    assert max(sent) == 4
    async with database.transaction() as session:
        (row,) = await rows(session, "SELECT count(*) AS told FROM notice WHERE kind = 'weekly_digest'")
    assert row.told == 4
    assert await tell_digests(database, COUNTY, EIGHT + timedelta(hours=1)) == 0
    assert await tell_digests(database, COUNTY, EIGHT + timedelta(days=7)) == 4


async def test_its_numbers_are_the_board_s(database):
    async with database.transaction() as session:
        for digest in await digests(
            session, county_id=COUNTY.id, timezone=COUNTY.timezone, week=W47, now=EIGHT, limit=10
        ):
            unit = {"la": "a", "lb": "b", "office": "root", "ld": "d"}[LEADERS[digest.leader_id]]
            post = Held(known_id("post"), "leader", "", known_id(unit), unit, "theatre", PATHS[unit])
            visible = VisibleScope.of(scope_of(COUNTY.id, digest.leader_id, [post])).within(PATHS[unit])
            asked = await rule_period.ask(session, county_id=COUNTY.id, rule_id=RULE.id, period=W47.id, now=EIGHT)
            board_says = await board.compliance(session, visible, asked, group_by="unit", language="en")
            (own,) = digest.rules
            assert {name: getattr(own, name) for name in board.FIGURES} == dict(board_says.total)


async def test_whoever_waits_for_a_review_is_not_counted_as_behind(database):
    async with database.transaction() as session:
        await add(session, Facts(visits=[Visit(BAD, at("2026-11-18 10:00"), standing="held")]))
        of = duties.RulePeriod(RULE.id, W47.start)
        await duties.recount_period(session, COUNTY, of, EIGHT)
    about = (await told(database))["la"]
    assert about["missed"] == 0
    assert about["summary"]["name"].splitlines() == [
        "“visits”：应完成 2 人，达标 1 人，未完成 0 人（上期 2 人）。",
        "另有 1 人已有签到待核实，核实前不算未完成。",
        "待您办理：2 条预警待签收、1 次签到待核实。",
    ]
    assert "Not counted as behind: 1 whose check-ins await review." in about["summary"]["name_en"]
