"""A duty explained: the days that it goes by, and the leave that touched them."""

from datetime import date, datetime
from typing import Any
from uuid import uuid4

from app.duties import calendar, leave
from app.duties.calendar import SpecialDay
from app.duties.leave import NewLeave
from app.duties.rules import Span
from app.duties.service import DutyCounty, recount_calendar
from tests.support import county
from tests.support.county import COUNTY, HELPER_B1, VISIT_RULE
from tests.support.server import SHANGHAI, Api

HERE = DutyCounty(COUNTY, str(SHANGHAI))
THURSDAY = SpecialDay(date(2026, 11, 19), working=False, name="县庆", name_en="County day", source="县办")
FROM_WEDNESDAY_NOON = Span(datetime(2026, 11, 18, 12), datetime(2026, 11, 23))  # noqa: DTZ001 - the county's clock


async def explained(api: Api, **headers: str) -> dict[str, Any]:
    async with await api.as_(county.OFFICE, **headers) as office:
        query = {"rule": VISIT_RULE, "period": "2026-W47", "person": HELPER_B1.id}
        (duty,) = (await office.get(f"/v1/counties/{COUNTY}/duties", params=query)).json()["items"]
        found: dict[str, Any] = (await office.get(f"/v1/counties/{COUNTY}/duties/{duty['id']}")).json()
    return found


async def test_the_county_says_which_days_are_worked(weeks: Api):
    before = await explained(weeks)
    assert (before["days"], before["days_there"], before["excuse"]) == (7, 7, None)
    async with weeks.database.transaction() as session:
        await calendar.put(session, COUNTY, [THURSDAY])
        await recount_calendar(session, HERE, THURSDAY.date, THURSDAY.date, weeks.clock())
    days = (await explained(weeks))["evidence"]["days"]
    assert [day["working"] for day in days] == [True] * 3 + [False, True, False, False]
    assert days[3] == {"date": "2026-11-19", "working": False, "name": "县庆", "known": False}
    assert (await explained(weeks, **{"Accept-Language": "en"}))["evidence"]["days"][3]["name"] == "County day"


async def test_approved_leave_is_named_and_comes_off_the_days_there(weeks: Api):
    wish = NewLeave(uuid4(), HELPER_B1.id, "sick", FROM_WEDNESDAY_NOON, "住院")
    async with weeks.database.transaction() as session:
        await leave.file(session, HERE, wish, township_days=3, now=weeks.clock())
    assert (await explained(weeks))["evidence"]["leave"] == []
    async with weeks.database.transaction() as session:
        await leave.decide(
            session,
            HERE,
            leave_id=wish.id,
            person_id=HELPER_B1.id,
            status="approved",
            actor_id=county.OFFICE.id,
            reason="同意",
            now=weeks.clock(),
        )
    duty = await explained(weeks)
    assert duty["evidence"]["leave"] == [
        {
            "id": str(wish.id),
            "kind": "sick",
            "from_date": "2026-11-18",
            "from_half": "pm",
            "until_date": "2026-11-22",
            "until_half": "pm",
            "retroactive": True,
            "decision": {
                "reason": "同意",
                "by": {"id": str(county.OFFICE.id), "name": "办公室"},
                "at": "2026-11-25T01:00:00Z",
            },
        }
    ]
    assert (duty["days"], duty["days_there"]) == (7, 2.5)
