"""Broken items in a batch: each is refused at its field, and its neighbours are recorded."""

from typing import Any

import httpx
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fuzz.conftest import Drive, Wait
from tests.fuzz.strategies import FIELDS, ODD, Field, changed, pointers, raw, values
from tests.support import county
from tests.support.server import Api, check_in

JSON = {"Content-Type": "application/json"}
Strange = list[tuple[Field, Any]]


async def post_among_neighbours(phone: httpx.AsyncClient, strange: Strange) -> dict[str, str]:
    """One batch: before, between and after the strange items there are good ones. Recorded notes by id."""
    good = [check_in(note=f"{number}") for number in range(len(strange) + 1)]
    items = [good[0]]
    for (field, value), neighbour in zip(strange, good[1:], strict=True):
        items += [changed(field, value), neighbour]
    reply = await phone.post("/v1/check-ins/batch", content=raw({"check_ins": items}), headers=JSON)
    assert reply.status_code == 200, (strange, reply.text)
    results = reply.json()["results"]
    assert [result["status"] for result in results[::2]] == ["recorded"] * len(good)
    for (field, value), result in zip(strange, results[1::2], strict=True):
        assert is_told(field, result), (field, value, result["problem"])
    return {
        result["id"]: item.get("note") or ""
        for item, result in zip(items, results, strict=True)
        if result["status"] == "recorded"
    }


async def stored(phone: httpx.AsyncClient) -> dict[str, str]:
    """The notes of all one's check-ins by their ids."""
    found: dict[str, str] = {}
    query: dict[str, Any] = {"limit": 200}
    while True:
        page = (await phone.get("/v1/me/check-ins", params=query)).json()
        found |= {item["id"]: item["note"] for item in page["items"]}
        if page["next_cursor"] is None:
            return found
        query["cursor"] = page["next_cursor"]


def is_told(field: Field, result: dict[str, Any]) -> bool:
    """Recorded, or refused for this field (or what is inside it)."""
    if result["status"] != "invalid":
        return result["problem"] is None or result["status"] == "conflict"
    found = [error["pointer"] for error in result["problem"]["errors"]]
    return result["problem"]["status"] == 422 and bool(found) and all(is_under(one, field) for one in found)


def is_under(found: str, field: Field) -> bool:
    return any(found == known or found.startswith(known + "/") for known in pointers(field))


async def test_every_field_with_every_odd_value(api: Api):
    helper = await api.as_(county.HELPER_A1)
    recorded: dict[str, str] = {}
    for field in FIELDS:
        recorded |= await post_among_neighbours(helper, [(field, value) for value in ODD])
    assert await stored(helper) == recorded


async def test_every_field_with_any_value(api: Api, drive: Drive):
    helper = await api.as_(county.HELPER_A1)
    recorded: dict[str, str] = {}

    def fuzz(wait: Wait) -> None:
        @settings(max_examples=40, deadline=None, derandomize=True, database=None)
        @given(st.lists(st.tuples(st.sampled_from(FIELDS), values), min_size=1, max_size=8))
        def run(strange: Strange) -> None:
            recorded.update(wait(post_among_neighbours(helper, strange)))

        run()

    await drive(fuzz)
    assert await stored(helper) == recorded
