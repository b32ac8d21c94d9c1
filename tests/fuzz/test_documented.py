"""Every operation of the OpenAPI document, asked rightly and wrongly: no 5xx, and every error is a problem."""

from collections import Counter
from collections.abc import Callable, Iterable

import httpx
import pytest
from schemathesis.checks import CHECKS, load_all_checks

from tests.api.console.conftest import LAST_MONDAY, open_and_close
from tests.fuzz.documented import Asked, derived, odd
from tests.support import county
from tests.support.county import COUNTY, known_id, unit_id
from tests.support.server import Api, check_in

pytestmark = pytest.mark.timeout(300)  # thousands of requests
Make = Callable[..., Iterable[Asked]]
PHONE = "^/v1/(check-ins|devices|me|photos)"
CONSOLE = "^/v1/counties/"
DEEP = {200, 201, 404, 409, 422}
"""Some requests got through, and some were refused late: the fuzzing did not end at the door."""
OF_THE_BODY = {"missing", "not_an_object", "unset_position"}
"""What is said of a whole body; a position that follows is one."""


async def ask(client: httpx.AsyncClient, requests: Iterable[Asked]) -> Counter[int]:
    """How often each status came."""
    load_all_checks()
    seen: Counter[int] = Counter()
    for asked in requests:
        headers = asked.headers | {"Authorization": client.headers["Authorization"]}
        reply = await client.request(asked.method, asked.url, content=asked.content, headers=headers)
        seen[reply.status_code] += 1
        check(asked, reply)
    return seen


def check(asked: Asked, reply: httpx.Response) -> None:
    assert reply.status_code < 500, (asked, reply.text)
    if reply.status_code >= 400:
        problem = reply.json()
        assert reply.headers["content-type"] == "application/problem+json"
        assert (problem["status"], problem["type"][:10]) == (reply.status_code, "/problems/"), asked
        assert problem["errors"] or reply.status_code != 422, asked
        about = {(error["pointer"] or "the body", error["code"]) for error in problem["errors"]}
        assert {code for pointer, code in about if pointer == "the body"} <= OF_THE_BODY, asked
        return
    shapes = ("response_schema_conformance", "content_type_conformance")
    asked.case.validate_response(reply, checks=[CHECKS.get_one(name) for name in shapes])


@pytest.mark.parametrize("made", [derived, odd])
async def test_the_console(api: Api, made: Make):
    visit = check_in(county.B2)
    async with await api.as_(county.HELPER_A1) as helper:
        assert (await helper.post("/v1/check-ins", json=visit)).status_code == 201
    await open_and_close(api, LAST_MONDAY)
    office = await api.as_(county.OFFICE)
    flag = (await office.get(f"/v1/counties/{COUNTY}/flags")).json()["items"][0]
    real = {
        "check_in_id": visit["id"],
        "flag_id": flag["id"],
        "duty_id": flag["duty"]["id"],
        "person_id": str(county.RESIDENT_A2.id),
        "assignment_id": str(known_id(f"assignment {county.RESIDENT_A2.phone} {county.A2}")),
        "person": str(county.HELPER_A1.id),
        "village": county.A1,
        "village_id": county.B2,
        "unit": str(unit_id("theatre_a")),
        "rule": str(county.VISIT_RULE),
        "rule_id": str(county.NIGHT_RULE),
    }
    assert (await ask(office, made(api.app, CONSOLE, real))).keys() >= DEEP


@pytest.mark.parametrize("made", [derived, odd])
async def test_the_phone(api: Api, made: Make):
    visit = check_in()
    helper = await api.as_(county.HELPER_A1)
    assert (await helper.post("/v1/check-ins", json=visit)).status_code == 201
    real = {"check_in_id": visit["id"], "village_id": county.A1}
    assert (await ask(helper, made(api.app, PHONE, real))).keys() >= DEEP
