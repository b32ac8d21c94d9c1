"""Leave: asked, decided, taken back, returned from; what it does to duties and flags."""

from dataclasses import replace
from datetime import datetime
from uuid import uuid4

import pytest

from app.duties import leave
from app.duties.leave import NewLeave
from app.duties.rules import Span
from app.kernel.problems import Problem
from tests.store.duties.builder import Assigned, Visit, seen
from tests.store.duties.cast import COUNTY, HELPER, LEADER, W47, at, rule

WHOLE_WEEK = Span(datetime(2026, 11, 16), datetime(2026, 11, 23))  # noqa: DTZ001
MORNING = Span(datetime(2026, 11, 18), datetime(2026, 11, 18, 12))  # noqa: DTZ001
WEEKLY = rule()
DAILY = rule("days", measure="village_days", required=5, share="cap", days="working")


@pytest.fixture
async def absent(county):
    """A helper who owes a visit and five days a week, on Wednesday of week 47."""
    county.now = at("2026-11-18 15:00")
    await county.put(people=[HELPER, LEADER], assigned=[Assigned(HELPER)], rules=[WEEKLY, DAILY])
    return county


def wish(span: Span = WHOLE_WEEK) -> NewLeave:
    return NewLeave(uuid4(), HELPER.id, "sick", span, "住院")


async def file(county, new: NewLeave) -> bool:
    async with county.database.transaction() as session:
        return await leave.file(session, COUNTY, new, township_days=3, now=county.now)


async def decide(county, new: NewLeave, status: str = "approved") -> None:
    async with county.database.transaction() as session:
        await leave.decide(
            session,
            COUNTY,
            leave_id=new.id,
            person_id=HELPER.id,
            status=status,
            actor_id=LEADER.id,
            reason="同意",
            now=county.now,
        )


async def owed(county) -> dict[str, tuple[int, str]]:
    found = await county.all(
        "SELECT rule.name, duty.required, duty.status FROM duty JOIN duty_rule AS rule ON rule.id = duty.rule_id"
    )
    return {row.name: (row.required, row.status) for row in found}


async def only(county, new: NewLeave):
    async with county.database.transaction() as session:
        (found,) = await leave.of_person(session, COUNTY, HELPER.id, county.now, leave_id=new.id)
    return found


async def test_only_approved_leave_excuses(absent):
    await absent.of(HELPER)
    new = wish()
    assert await file(absent, new)
    assert not await file(absent, new), "sent again"
    assert (await owed(absent))["visits"] == (1, "open")
    await decide(absent, new)
    assert await owed(absent) == {"visits": (0, "excused"), "days": (0, "excused")}
    (week, _) = await absent.of(HELPER)
    assert "请假" in week.explanation("zh-CN", absent.now)


async def test_refused_leave_excuses_nothing(absent):
    await absent.of(HELPER)
    new = wish()
    await file(absent, new)
    await decide(absent, new, "refused")
    assert (await owed(absent))["visits"] == (1, "open")
    with pytest.raises(Problem, match="conflict"):
        await decide(absent, new)


async def test_half_a_day_takes_one_from_five_days_and_nothing_from_the_visit(absent):
    await absent.of(HELPER)
    new = wish(MORNING)
    await file(absent, new)
    await decide(absent, new)
    assert await owed(absent) == {"visits": (1, "open"), "days": (4, "open")}


async def test_leave_approved_afterwards_withdraws_the_flag(absent):
    await absent.of(HELPER)
    absent.now = at("2026-11-26 09:00")
    for each in (WEEKLY, DAILY):
        await absent.close(each, W47, absent.now)
    assert len(await absent.all("SELECT id FROM flag WHERE status = 'open'")) == 2
    new = wish()
    await file(absent, new)
    assert (await only(absent, new)).retroactive
    await decide(absent, new)
    assert await owed(absent) == {"visits": (0, "excused"), "days": (0, "excused")}
    flags = await absent.all("SELECT status, reason FROM flag")
    assert {tuple(flag) for flag in flags} == {("withdrawn", "excused")}
    trace = await absent.all("SELECT action FROM audit_entry WHERE action = 'flag.withdrawn'")
    assert len(trace) == 2


async def test_who_is_back_early_owes_from_then_on(absent):
    await absent.of(HELPER)
    new = wish()
    await file(absent, new)
    await decide(absent, new)
    async with absent.database.transaction() as session:
        await leave.come_back(session, COUNTY, leave_id=new.id, person_id=HELPER.id, now=absent.now)
    # Back on Wednesday afternoon: two days and a half of five are left.
    assert await owed(absent) == {"visits": (1, "open"), "days": (2, "open")}
    with pytest.raises(Problem, match="conflict"):
        async with absent.database.transaction() as session:
            await leave.come_back(session, COUNTY, leave_id=new.id, person_id=HELPER.id, now=absent.now)


async def test_not_back_in_time_is_an_overrun(absent):
    new = wish(MORNING)
    absent.now = at("2026-11-18 08:00")
    await file(absent, new)
    await decide(absent, new)
    absent.now = at("2026-11-18 23:59")
    assert not (await only(absent, new)).overrun, "the half-day after is there to say so"
    absent.now = at("2026-11-19 00:00")
    assert (await only(absent, new)).overrun
    async with absent.database.transaction() as session:
        await leave.come_back(session, COUNTY, leave_id=new.id, person_id=HELPER.id, now=absent.now)
    absent.now = at("2026-11-25 09:00")
    assert (await only(absent, new)).overrun, "back, but late"


async def test_leave_filed_when_it_was_over_needs_no_return(absent):
    new = wish(MORNING)
    await file(absent, new)
    await decide(absent, new)
    absent.now = at("2026-11-25 09:00")
    assert ((await only(absent, new)).retroactive, (await only(absent, new)).overrun) == (True, False)


async def test_what_is_withdrawn_is_owed_again_unless_it_has_begun(absent):
    await absent.of(HELPER)
    coming = wish(Span(datetime(2026, 11, 19), datetime(2026, 11, 21)))  # noqa: DTZ001
    await file(absent, coming)
    await decide(absent, coming)
    assert (await owed(absent))["days"] == (3, "open")
    async with absent.database.transaction() as session:
        await leave.withdraw(session, COUNTY, leave_id=coming.id, person_id=HELPER.id, now=absent.now)
    assert (await owed(absent))["days"] == (5, "open")
    begun = wish(MORNING)
    await file(absent, begun)
    await decide(absent, begun)
    with pytest.raises(Problem, match="conflict"):
        async with absent.database.transaction() as session:
            await leave.withdraw(session, COUNTY, leave_id=begun.id, person_id=HELPER.id, now=absent.now)


async def test_overlapping_leave_is_refused_and_the_township_decides_up_to_three_days(absent):
    short, long = wish(Span(datetime(2026, 11, 16), datetime(2026, 11, 19))), wish()  # noqa: DTZ001
    await file(absent, short)
    assert (await only(absent, short)).level == "township"
    with pytest.raises(Problem, match="conflict"):
        await file(absent, long)
    await decide(absent, short, "refused")
    await file(absent, long)
    assert (await only(absent, long)).level == "county"
    nobody = replace(wish(), person_id=uuid4())
    with pytest.raises(Problem, match="not-found"):
        await file(absent, nobody)


async def test_a_visit_made_on_leave_counts(absent):
    new = wish(Span(datetime(2026, 11, 16), datetime(2026, 11, 18)))  # noqa: DTZ001
    await file(absent, new)
    await decide(absent, new)
    found = await absent.visit(Visit(HELPER, at("2026-11-17 10:00")))
    assert sorted(seen(found)) == [("2026-W47", 1, 0, "met"), ("2026-W47", 1, 0, "open")]
