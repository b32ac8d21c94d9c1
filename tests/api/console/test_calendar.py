"""The county's calendar: the nation's, Guangxi's, and what the office says; duties follow."""

from datetime import date, datetime
from typing import Any

import pytest
from sqlalchemy import text

from app.duties import calendar, presets
from app.duties import service as duties
from app.duties.service import DutyCounty, RulePeriod
from app.flows import change_calendar
from app.kernel.database import rows
from app.worker import schedule
from tests.support import county
from tests.support.county import COUNTY, RESIDENT_A2, Cast
from tests.support.periods import open_period
from tests.support.server import SHANGHAI, Api

BASE = f"/v1/counties/{COUNTY}"
URL = f"{BASE}/calendar"
HERE = DutyCounty(COUNTY, "Asia/Shanghai")
APRIL_2018 = date(2018, 4, 1)
FLOOD = {"working": False, "name": "抗洪停工", "source": "县政府通知"}


@pytest.fixture
async def synced(api: Api) -> Api:
    assert await change_calendar.sync(api.service, HERE, api.clock())
    assert not await change_calendar.sync(api.service, HERE, api.clock())
    return api


@pytest.fixture
async def april(synced: Api) -> Api:
    """June 2018: the resident has owed 20 working days in April, by the calendar of Guangxi."""
    synced.clock.now = datetime(2018, 6, 1, 9, tzinfo=SHANGHAI)
    async with synced.database.transaction() as session:
        for table in ("person", "post", "assignment"):
            await session.execute(text(f"UPDATE {table} SET from_date = '2010-01-01'"))
        rule = await duties.put_rule(
            session, county_id=COUNTY, terms=presets.RESIDENT_TWENTY_DAYS, effective_from=APRIL_2018
        )
        await open_period(session, HERE, RulePeriod(rule, APRIL_2018), synced.clock())

        async def guangxi(opened: Any) -> Any:
            return await calendar.put(opened, COUNTY, calendar.guangxi())

        assert await change_calendar.change(session, HERE, guangxi, synced.clock())
    return synced


async def owed_in_april(api: Api, language: str = "zh-CN") -> dict[str, Any]:
    async with await api.as_(county.OFFICE, **{"Accept-Language": language}) as office:
        query = {"period": "2018-04", "person": str(RESIDENT_A2.id)}
        (rule,) = [
            each
            for each in (await office.get(f"{BASE}/rules")).json()["items"]
            if each["measure"] == "village_days"
        ]
        (duty,) = (await office.get(f"{BASE}/duties", params=query | {"rule": rule["id"]})).json()["items"]
        found: dict[str, Any] = (await office.get(f"{BASE}/duties/{duty['id']}")).json()
    return found


async def send(api: Api, method: str, path: str = "", who: Cast = county.OFFICE, **given: Any) -> Any:
    async with await api.as_(who) as console:
        return await console.request(method, URL + path, **given)


async def test_days_off_have_names_and_unknown_years_are_said_to_be_unknown(synced: Api):
    days = (await send(synced, "GET", params={"from": "2026-10-01", "to": "2026-10-10"})).json()["items"]
    assert [day["working"] for day in days] == [False] * 7 + [True, True, True]
    assert (days[0]["name"], days[0]["known"], days[9]["name"]) == ("国庆节", True, "国庆节调休上班")
    (unknown,) = (await send(synced, "GET", params={"from": "2027-01-01", "to": "2027-01-01"})).json()["items"]
    assert (unknown["known"], unknown["working"]) == (False, True)
    settled = await send(synced, "PUT", "/years/2027", json={"source": "国办发明电〔2026〕7号"})
    assert settled.status_code == 200
    (known,) = (await send(synced, "GET", params={"from": "2027-01-01", "to": "2027-01-01"})).json()["items"]
    assert known["known"] is True


async def test_the_office_says_otherwise_and_takes_it_back(synced: Api):
    said = await send(synced, "PUT", "/2026-11-18", json=FLOOD)
    assert (said.status_code, said.json()["working"], said.json()["own"]) == (200, False, True)
    back = await send(synced, "DELETE", "/2026-11-18")
    assert (back.json()["working"], back.json()["own"]) == (True, False)
    assert (await send(synced, "DELETE", "/2026-11-18")).status_code == 404


async def test_what_the_office_said_over_the_region_is_taken_back_and_the_regions_day_holds_again(synced: Api):
    """壮族三月三 of 2026, called off and reinstated; said twice, it is taken back at once."""
    async with synced.database.transaction() as session:
        await calendar.put(session, COUNTY, calendar.guangxi(), regional=True)

    async def day(at: str) -> Any:
        return (await send(synced, "GET", params={"from": at, "to": at})).json()["items"][0]

    before = await day("2026-04-17")
    assert (before["working"], before["own"], before["by_office"]) == (False, True, False)
    assert (await send(synced, "DELETE", "/2026-04-17")).status_code == 404, "not the office's to take back"
    for name in ("照常上班", "停休"):
        over = {"working": True, "name": name, "source": "县办通知"}
        said = (await send(synced, "PUT", "/2026-04-17", json=over)).json()
        assert (said["working"], said["name"], said["by_office"]) == (True, name, True)
    back = await send(synced, "DELETE", "/2026-04-17")
    assert back.json().items() >= before.items()
    assert (await send(synced, "DELETE", "/2026-04-17")).status_code == 404
    # A day of the nation that the region does not speak of, and one on which it speaks over the nation.
    for at in ("2026-10-01", "2017-04-01"):
        before = await day(at)
        await send(
            synced, "PUT", f"/{at}", json={"working": not before["working"], "name": "另行安排", "source": "x"}
        )
        assert (await send(synced, "DELETE", f"/{at}")).json().items() >= before.items()


async def test_scenario_3_a_sunday_worked_in_guangxi_alone_and_twenty_days_that_cannot_be_owed(april: Api):
    duty = await owed_in_april(april)
    assert (duty["days"], duty["required"]) == (18, 18), "20 of the nation, less three, and one worked for them"
    sunday, wednesday = (duty["evidence"]["days"][day - 1] for day in (15, 18))
    assert sunday == {"date": "2018-04-15", "working": True, "name": "壮族三月三调休上班", "known": True}
    assert wednesday == {"date": "2018-04-18", "working": False, "name": "壮族三月三", "known": True}
    assert (await owed_in_april(april, "en"))["evidence"]["days"][17]["name"] == "Sanyuesan"
    listed = (await send(april, "GET", params={"from": "2018-04-15", "to": "2018-04-18"})).json()["items"]
    assert [(day["working"], day["own"]) for day in listed] == [(True, True), *[(True, False)] * 2, (False, True)]


async def test_what_a_day_changes_in_duties_is_said_before_it_is_saved(april: Api):
    for method, given, working in (("PUT", {"json": FLOOD}, False), ("DELETE", {}, True)):
        owed = (await owed_in_april(april))["required"]
        said = (await send(april, method, "/2018-04-26?preview=true", **given)).json()
        assert (said["working"], said["duties_changed"]) == (working, 1)
        assert (await owed_in_april(april))["required"] == owed
        assert (await send(april, method, "/2018-04-26", **given)).json() == said
        assert (await owed_in_april(april))["required"] == owed + (1 if working else -1)
    missing = await send(april, "DELETE", "/2018-04-26?preview=true")
    assert missing.status_code == 404
    settled = (await send(april, "PUT", "/years/2018?preview=true", json={"source": "国办发明电"})).json()
    assert settled["duties_counted"] == 1
    async with april.database.transaction() as session:
        trace = await rows(session, "SELECT action FROM audit_entry WHERE subject LIKE 'calendar:%' ORDER BY id")
    assert [row.action for row in trace] == ["calendar.day", "calendar.day_dropped"]


async def test_what_the_office_says_of_a_day_is_owed_by_and_on_record(april: Api):
    assert (await send(april, "PUT", "/2018-04-26", json=FLOOD)).status_code == 200
    assert (await owed_in_april(april))["required"] == 17
    assert (await send(april, "DELETE", "/2018-04-26")).status_code == 200
    assert (await owed_in_april(april))["required"] == 18
    async with april.database.transaction() as session:
        trace = await rows(
            session, "SELECT action, detail FROM audit_entry WHERE subject = 'calendar:2018-04-26' ORDER BY id"
        )
    assert [(row.action, row.detail["before"]["working"]) for row in trace] == [
        ("calendar.day", True),
        ("calendar.day_dropped", False),
    ]


async def test_the_worker_takes_over_the_nations_calendar_once(api: Api):
    async def written() -> list[Any]:
        async with api.database.transaction() as session:
            return await rows(session, "SELECT date, xmin FROM calendar_day WHERE NOT own ORDER BY date")

    assert await written() == []
    await schedule.tick(api.service, api.clock)
    first = await written()
    assert len(first) == len(calendar.national())
    await schedule.tick(api.service, api.clock)
    assert await written() == first


async def test_only_the_office_and_at_the_field(synced: Api):
    assert (await send(synced, "PUT", "/2026-11-18", county.LEADER_A, json=FLOOD)).status_code == 403
    assert (await send(synced, "PUT", "/2026-11-18", county.STRANGER, json=FLOOD)).status_code == 404
    bad = await send(synced, "PUT", "/2026-11-18", json=FLOOD | {"name": ""})
    assert bad.json()["errors"][0]["pointer"] == "/name"
    assert (await send(synced, "PUT", "/2026-13-45", json=FLOOD)).status_code == 422
    long = await send(synced, "GET", params={"from": "2020-01-01", "to": "2026-01-01"})
    assert long.json()["errors"][0]["pointer"] == "/to"
