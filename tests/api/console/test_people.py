"""People and villages on the console, and how many statements each screen takes."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
from sqlalchemy import event, text

from tests.api.console import generated
from tests.api.console.generated import draw
from tests.support import county
from tests.support.county import A1, COUNTY, VISIT_RULE, unit_id
from tests.support.server import Api

BASE = f"/v1/counties/{COUNTY}"


async def names(client: httpx.AsyncClient, **query: Any) -> list[str]:
    return [item["name"] for item in (await client.get(f"{BASE}/people", params=query)).json()["items"]]


async def test_search_by_name_phone_unit_and_village(api: Api):
    async with await api.as_(county.OFFICE) as office:
        assert await names(office, q="帮扶") == ["乙一帮扶", "甲一帮扶"]
        assert await names(office, q=county.HELPER_A1.phone) == ["甲一帮扶"]
        assert await names(office, q=county.HELPER_A1.phone[1:]) == []  # the beginning of a number only
        assert await names(office, village=A1) == ["乐里领导", "甲一帮扶"]
        assert await names(office, unit=unit_id("squad_a1")) == ["甲一帮扶"]
        assert await names(office, unit=unit_id("theatre_b"), q="领导") == ["利周领导"]


async def test_pages_by_name(api: Api):
    async with await api.as_(county.OFFICE) as office:
        whole = await names(office)
        found: list[str] = []
        query: dict[str, Any] = {"limit": 4}
        while True:
            reply = (await office.get(f"{BASE}/people", params=query)).json()
            found += [item["name"] for item in reply["items"]]
            if reply["next_cursor"] is None:
                break
            query["cursor"] = reply["next_cursor"]
    assert found == whole
    assert len(whole) == 6


async def test_who_has_left_is_not_listed_but_is_not_forgotten(api: Api):
    async with api.database.transaction() as session:
        await session.execute(
            text("UPDATE person SET until_date = '2026-11-18' WHERE county_id = :county_id AND id = :id"),
            {"county_id": COUNTY, "id": county.RESIDENT_A2.id},
        )
    async with await api.as_(county.LEADER_A) as leader:
        assert "甲二队员" not in await names(leader)
        assert (await leader.get(f"{BASE}/villages/{county.A2}")).json()["people"] == []
        assert [unit["people"] for unit in (await leader.get(f"{BASE}/units")).json()["items"]] == [2, 1, 0]
        assert (await leader.get(f"{BASE}/people/{county.RESIDENT_A2.id}")).json()["name"] == "甲二队员"


async def test_one_person_with_posts_and_assignments(api: Api):
    async with await api.as_(county.OFFICE) as office:
        found = (await office.get(f"{BASE}/people/{county.HELPER_A1.id}")).json()
    assert (found["phone"], found["unit"]["name"]) == (county.HELPER_A1.phone, "甲一突击班")
    assert [(post["role"], post["unit"]["level"]) for post in found["posts"]] == [("cadre", "squad")]
    assert [each.pop("id") is not None for each in found["assignments"]] == [True]
    assert found["assignments"] == [
        {
            "village": {"id": A1, "name": "甲一村"},
            "household": {"id": str(county.HOUSE_A1), "head_name": "户主"},
            "from": "2026-01-01",
            "until": None,
        }
    ]


async def test_one_village_with_its_people(api: Api):
    async with await api.as_(county.OFFICE) as office:
        found = (await office.get(f"{BASE}/villages/{A1}")).json()
    assert found["township"] == {"id": "451029100", "name": "乐里镇"}
    assert (found["geofence_version"], found["synthetic"]) == (1, True)
    assert [person["name"] for person in found["people"]] == ["甲一帮扶", "乐里领导"]


@contextmanager
def counted(api: Api) -> Iterator[list[str]]:
    """The statements that are sent to the database meanwhile."""
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        sent.append(statement)

    event.listen(api.service.engine.sync_engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(api.service.engine.sync_engine, "before_cursor_execute", note)


SCREENS = {
    "/rules": 2,
    "/units": 2,
    "/villages": 2,
    "/people?limit=200": 2,
    "/compliance?group_by=unit&rule={rule}&period=2026-W47": 3,
    "/compliance?group_by=village&rule={rule}&period=2026-W47": 3,
    "/compliance-tree?rule={rule}&period=2026-W47": 3,
    "/duties?limit=200&rule={rule}&period=2026-W47": 3,
    "/flags?limit=200": 4,
    "/leave?limit=200": 3,
    "/calendar": 3,
    "/check-ins?limit=200": 3,
    "/quarantine?limit=200": 3,
    "/tiles/villages/5/25/13.mvt?rule={rule}&period=2026-W47": 3,
}


async def test_a_screen_takes_as_many_statements_however_much_it_shows(weeks: Api):
    drawn = draw(1)
    async with weeks.database.transaction() as session:
        await generated.load(session, drawn)
    large = drawn.callers["office"][0]
    async with await weeks.as_(county.OFFICE) as office, await weeks.as_(large) as other:
        for client, base, rule in (
            (office, BASE, VISIT_RULE),
            (other, f"/v1/counties/{generated.COUNTY}", generated.RULE),
        ):
            for path, statements in SCREENS.items():
                with counted(weeks) as sent:
                    reply = await client.get(base + path.format(rule=rule))
                assert reply.status_code == 200, reply.text
                noted = [each for each in sent if "'location.seen'" in each]  # where anybody was shown
                assert (len(sent) - len(noted), len(noted) <= 1) == (statements, True), path
