"""Totals, list, map and every grouping say the same of who is behind, for everyone who may look."""

import math
from collections import Counter
from collections.abc import Iterable
from typing import Any
from uuid import UUID

import httpx
import pytest

from tests.api.console import generated, mvt
from tests.api.console.generated import COUNTY, RULE, Drawn, Owing, draw, inside, unit_id
from tests.support.server import Api

BASE = f"/v1/counties/{COUNTY}"
FIGURES = (
    *("people", "met", "met_late", "open", "missed", "excused"),
    *("awaiting_review", "at_risk", "pending_review"),
)
WEEK = {"period": "2026-W47", "rule": str(RULE)}
ROLES = ("office", "leader", "two posts", "department head", "cadre")


def tally(people: Iterable[Owing]) -> dict[str, int]:
    people = list(people)
    counted = Counter(person.status for person in people)
    return {
        "people": len(people),
        **{status: counted[status] for status in generated.STATUSES},
        "awaiting_review": sum(person.awaits for person in people),
        "at_risk": sum(person.at_risk for person in people),
        "pending_review": sum(person.pending > 0 for person in people),
    }


def figures(row: dict[str, Any]) -> dict[str, int]:
    return {name: row[name] for name in FIGURES}


def total_of(rows: Iterable[dict[str, Any]]) -> dict[str, int]:
    rows = list(rows)
    return {name: sum(row[name] for row in rows) for name in FIGURES}


async def get(client: httpx.AsyncClient, path: str, **query: Any) -> dict[str, Any]:
    reply = await client.get(f"{BASE}{path}", params=WEEK | query)
    assert reply.status_code == 200, reply.text
    body: dict[str, Any] = reply.json()
    return body


async def whole_list(client: httpx.AsyncClient, **query: Any) -> list[dict[str, Any]]:
    items, cursor = [], {}
    while True:
        page = await get(client, "/duties", limit=7, **query, **cursor)
        items += page["items"]
        if page["next_cursor"] is None:
            return items
        cursor = {"cursor": page["next_cursor"]}


async def whole_map(client: httpx.AsyncClient, zoom: int = 11) -> dict[str, dict[str, Any]]:
    """Villages by code, from all the tiles of the county."""
    size = 2**zoom

    def column(lon: float) -> int:
        return int((lon + 180) / 360 * size)

    def row(lat: float) -> int:
        return int((1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * size)

    east, north = generated.WEST + 6 * generated.SIDE, generated.SOUTH + 3 * generated.SIDE
    drawn: dict[str, dict[str, Any]] = {}
    for x in range(column(generated.WEST), column(east) + 1):
        for y in range(row(north), row(generated.SOUTH) + 1):
            reply = await client.get(f"{BASE}/tiles/villages/{zoom}/{x}/{y}.mvt", params=WEEK)
            assert reply.status_code in (200, 204), reply.text
            for feature in mvt.features(reply.content).get("villages", []):
                assert drawn.setdefault(feature["village_id"], feature) == feature
    return drawn


def expected_units(people: list[Owing], tops: list[str], self_id: UUID) -> dict[str, list[Owing]]:
    """Whom each item by unit holds, said another way than in SQL: unit id -> people."""
    depth = 1 if len(tops) == 1 else 0
    items: dict[str, list[Owing]] = {}
    for person in people:
        place = person.unit
        for line in (person.department, person.unit):  # the unit's line has the last word
            for top in tops:
                if line and inside(line, top):
                    place = ".".join(line.split(".")[: top.count(".") + 1 + depth])
        assert person.id == self_id or any(inside(place, top) for top in tops)
        items.setdefault(str(unit_id(place)), []).append(person)
    return items


@pytest.fixture(params=[1, 2, 3])
async def drawn(request: pytest.FixtureRequest, api: Api) -> Drawn:
    county = draw(request.param)
    async with api.database.transaction() as session:
        await generated.load(session, county)
    return county


async def test_every_screen_counts_the_same(api: Api, drawn: Drawn):
    for role in ROLES:
        cast, tops = drawn.callers[role]
        people = drawn.seen_by(tops, cast.id)
        villages = {code for code, path in drawn.villages.items() if any(inside(path, top) for top in tops)}
        async with await api.as_(cast) as client:
            by_unit = await get(client, "/compliance", group_by="unit")
            by_village = await get(client, "/compliance", group_by="village")
            by_category = await get(client, "/compliance", group_by="category")
            listed = await whole_list(client)
            on_map = await whole_map(client)

        expected = tally(people)
        for body in (by_unit, by_village, by_category):
            assert figures(body["total"]) == expected
        owing = expected["people"] - expected["excused"]
        rate = (expected["met"] + expected["met_late"]) / owing if owing else None
        assert by_unit["total"]["rate"] == pytest.approx(rate)

        assert total_of(by_unit["items"]) == total_of(by_category["items"]) == expected
        assert {row["unit"]["id"]: figures(row) for row in by_unit["items"]} == {
            place: tally(stand) for place, stand in expected_units(people, tops, cast.id).items()
        }
        assert {row["category"]: figures(row) for row in by_category["items"]} == {
            category: tally(person for person in people if person.category == category)
            for category in {person.category for person in people}
        }
        in_village = {code: tally(person for person in people if code in person.villages) for code in villages}
        assert {row["village"]["id"]: figures(row) for row in by_village["items"]} == {
            code: counted for code, counted in in_village.items() if counted["people"]
        }

        assert {code: figures(feature) for code, feature in on_map.items()} == in_village
        assert total_of(on_map.values()) == total_of(by_village["items"])
        rates = {row["village"]["id"]: row["rate"] for row in by_village["items"]}
        assert {code: feature.get("rate") for code, feature in on_map.items()} == {
            code: rates.get(code) for code in villages
        }

        assert [item["person"]["id"] for item in listed] != []
        assert Counter(item["person"]["id"] for item in listed) == Counter(str(person.id) for person in people)
        assert {item["person"]["id"]: item["status"] for item in listed} == {
            str(person.id): person.status for person in people
        }


async def test_every_filter_of_the_list_counts_as_its_total(api: Api, drawn: Drawn):
    async with await api.as_(drawn.callers["office"][0]) as client:
        for row in (await get(client, "/compliance", group_by="village"))["items"]:
            listed = await whole_list(client, village=row["village"]["id"])
            assert len(listed) == row["people"]
            assert Counter(item["status"] for item in listed) == Counter(
                {status: row[status] for status in generated.STATUSES if row[status]}
            )
        for row in (await get(client, "/compliance", group_by="category"))["items"]:
            behind = await whole_list(client, category=row["category"], status="missed,open")
            assert len(behind) == row["missed"] + row["open"]
            waiting = await whole_list(client, category=row["category"], awaiting_review=True)
            assert len(waiting) == row["awaiting_review"]
            assert all(item["status"] == "open" and item["review_due_at"] for item in waiting)
            at_fault = await whole_list(
                client, category=row["category"], status="missed,open", awaiting_review=False
            )
            assert {item["id"] for item in behind} == {item["id"] for item in (*at_fault, *waiting)}
            assert len(at_fault) == len(behind) - len(waiting)


async def test_a_unit_below_holds_what_its_item_says(api: Api, drawn: Drawn):
    """On the line of the units that answer for people. A department holds those it sent besides."""
    async with await api.as_(drawn.callers["office"][0]) as client:
        for path, level in drawn.levels.items():
            body = await get(client, "/compliance", unit=str(unit_id(path)))
            people = drawn.seen_by([path], None)
            assert figures(body["total"]) == tally(people) == total_of(body["items"])
            assert len(await whole_list(client, unit=str(unit_id(path)))) == len(people)
            for row in body["items"]:
                below = await get(client, "/compliance", unit=row["unit"]["id"])
                if row["own"]:
                    assert row["unit"]["id"] == str(unit_id(path))
                elif level != "department" and row["unit"]["level"] != "department":
                    assert figures(below["total"]) == figures(row)
