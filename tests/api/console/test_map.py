"""Tiles: what each layer says, which boundary it draws, and how browsers keep it."""

from datetime import datetime
from typing import Any

import httpx
from sqlalchemy import text

from tests.api.console import mvt
from tests.api.console.conftest import post
from tests.support import county
from tests.support.county import A1, COUNTY, VISIT_RULE
from tests.support.server import SHANGHAI, Api, check_in

TILES = f"/v1/counties/{COUNTY}/tiles"
TILE = "9/407/220"  # holds the whole small county
OF_VILLAGE = "WHERE county_id = :county_id AND village_id = :village_id"
WEEK = {"period": "2026-W47", "rule": str(VISIT_RULE)}


async def tile(client: httpx.AsyncClient, layer: str, **query: Any) -> list[dict[str, Any]]:
    reply = await client.get(f"{TILES}/{layer}/{TILE}.mvt", params=query)
    assert (reply.status_code, reply.headers["content-type"]) == (200, "application/vnd.mapbox-vector-tile")
    layers = mvt.features(reply.content)
    assert list(layers) == [layer]
    return layers[layer]


async def test_what_each_layer_says(weeks: Api):
    async with await weeks.as_(county.OFFICE) as office:
        (village,) = (item for item in await tile(office, "villages", **WEEK) if item["village_id"] == A1)
        assert village == {
            "village_id": A1,
            "name": "甲一村",
            "township": "乐里镇",
            "synthetic": True,
            "people": 1,
            "met": 1,
            "met_late": 0,
            "open": 0,
            "at_risk": 0,
            "missed": 0,
            "excused": 0,
            "awaiting_review": 0,
            "pending_review": 0,
            "rate": 1.0,
        }
        assert {item["name"] for item in await tile(office, "townships")} == {"乐里镇", "利周瑶族乡"}
        visits = await tile(office, "check_ins", **WEEK)
        visit = next(item for item in visits if item["person_id"] == str(county.HELPER_A1.id))
        assert {name: visit[name] for name in ("standing", "place", "captured_at", "purpose")} == {
            "standing": "counted",
            "place": "inside",
            "captured_at": "2026-11-18T12:10:00Z",
            "purpose": "household_visit",
        }


async def test_check_ins_of_the_period_alone(weeks: Api):
    """The night rule's week runs from 05:00 to 05:00: what a night's tail holds belongs to the evening before."""
    tail = datetime(2026, 11, 16, 1, 30, tzinfo=SHANGHAI)
    async with weeks.database.transaction() as session:
        await session.execute(
            text("DELETE FROM check_in WHERE county_id = :county_id AND person_id = :person_id"),
            {"county_id": COUNTY, "person_id": county.HELPER_A1.id},
        )
    await post(weeks, county.HELPER_A1, check_in(at=tail))
    async with await weeks.as_(county.OFFICE) as office:

        async def people(period: str, rule: str) -> set[str]:
            reply = await office.get(f"{TILES}/check_ins/{TILE}.mvt", params={"period": period, "rule": rule})
            return {item["person_id"] for item in mvt.features(reply.content).get("check_ins", [])}

        night = str(county.NIGHT_RULE)
        assert await people("2026-W46", night) == {str(county.HELPER_A1.id)}
        assert str(county.HELPER_A1.id) not in await people("2026-W47", night)
        assert str(county.HELPER_A1.id) in await people("2026-W47", str(VISIT_RULE))


async def test_the_boundary_is_the_one_that_held_when_the_period_ended(weeks: Api):
    about = {"county_id": COUNTY, "village_id": A1, "at": datetime(2026, 11, 24, tzinfo=SHANGHAI)}
    async with weeks.database.transaction() as session:
        await session.execute(text(f"UPDATE geofence SET valid_until = :at {OF_VILLAGE}"), about)
        await session.execute(
            text(
                "INSERT INTO geofence (county_id, village_id, version, area, synthetic, source, valid_from)"
                f" SELECT county_id, village_id, 2, area, false, 'surveyed', :at FROM geofence {OF_VILLAGE}"
            ),
            about,
        )
    async with await weeks.as_(county.OFFICE) as office:
        for period, synthetic in (("2026-W47", True), ("2026-W48", False)):
            drawn = await tile(office, "villages", rule=VISIT_RULE, period=period)
            assert len(drawn) == 4
            assert {item["village_id"]: item["synthetic"] for item in drawn}[A1] is synthetic


async def test_a_browser_asks_again_and_is_told_when_nothing_changed(weeks: Api):
    async with await weeks.as_(county.OFFICE) as office:
        first = await office.get(f"{TILES}/villages/{TILE}.mvt", params=WEEK)
        assert first.headers["cache-control"] == "private, no-cache"
        assert first.headers["vary"] == "Authorization"
        again = await office.get(
            f"{TILES}/villages/{TILE}.mvt", params=WEEK, headers={"If-None-Match": first.headers["etag"]}
        )
        assert (again.status_code, again.content) == (304, b"")
        async with weeks.database.transaction() as session:
            await session.execute(text("UPDATE duty SET status = 'excused' WHERE status = 'met'"))
        changed = await office.get(
            f"{TILES}/villages/{TILE}.mvt", params=WEEK, headers={"If-None-Match": first.headers["etag"]}
        )
        assert (changed.status_code, changed.headers["etag"] == first.headers["etag"]) == (200, False)


async def test_an_empty_tile(weeks: Api):
    async with await weeks.as_(county.OFFICE) as office:
        for layer in ("villages", "townships", "check_ins"):
            reply = await office.get(f"{TILES}/{layer}/9/0/0.mvt", params=WEEK)
            assert (reply.status_code, reply.content) == (204, b"")
