"""The phone's contract as published: up to date, valid, and every example in it works."""

from pathlib import Path

import pytest
import yaml
from openapi_spec_validator import validate

from app.access import activations
from app.main import create_app
from app.phone import document
from app.phone.schemas.checkins import BatchOut, RecordedOut
from app.phone.schemas.people import VillageCollection
from app.settings import Settings
from tests.api.phone.test_second_factor import code_now, turned_on
from tests.support.county import COUNTY, HELPER_A1, OFFICE
from tests.support.server import Api, check_in

SPEC = Path(__file__).parents[2] / "mobile_api_spec" / "openapi.yaml"
PUBLISHED = yaml.safe_load(SPEC.read_text())

# Paths of contract.md's door 1 that this version serves.
PROMISED = {
    "/v1/me/notice-settings",
    "/v1/me/privacy",
    "/v1/me/data.zip",
    "/v1/auth/token",
    "/v1/auth/activate",
    "/v1/auth/password",
    "/v1/auth/logout",
    "/v1/auth/forget",
    "/v1/me/second-factor",
    "/v1/me/second-factor/confirm",
    "/v1/me/second-factor/remove",
    "/v1/me/sessions",
    "/v1/me/sessions/{session_id}",
    "/v1/me/sign-ins",
    "/v1/devices/{device_id}",
    "/v1/me",
    "/v1/me/villages",
    "/v1/me/households",
    "/v1/me/duties",
    "/v1/check-ins",
    "/v1/check-ins/batch",
    "/v1/check-ins/{check_in_id}/position",
    "/v1/me/check-ins",
    "/v1/me/check-ins/{check_in_id}",
    "/v1/me/notices",
    "/v1/me/notices/{notice_id}/read",
    "/v1/photos/{photo_id}",
    "/v1/me/photos/{photo_id}",
    "/v1/me/photos/{photo_id}/thumbnail",
    "/v1/me/client-keys",
    "/v1/me/client-keys/{key_id}",
    "/v1/me/quarantine",
    "/v1/me/track",
    "/v1/me/leave",
    "/v1/me/leave/{leave_id}/return",
    "/v1/me/leave/{leave_id}/withdraw",
    "/v1/me/appeals",
    "/v1/me/seen-by",
}


def test_the_file_is_what_the_code_serves():
    assert SPEC.read_text() == document.phone_document(
        create_app(Settings(database_url="postgresql+asyncpg://nowhere/x"))
    )


def test_it_is_valid_openapi_and_complete():
    validate(PUBLISHED)
    assert set(PUBLISHED["paths"]) == PROMISED


def examples() -> list[tuple[str, str, dict]]:
    """(method, path, body) of every example of a request body."""
    found = []
    for path, operations in PUBLISHED["paths"].items():
        for method, operation in operations.items():
            content = operation.get("requestBody", {}).get("content", {}).get("application/json")
            if not content:
                continue
            schema = PUBLISHED["components"]["schemas"][content["schema"]["$ref"].rpartition("/")[2]]
            found += [(method, path, example) for example in schema.get("examples", [])]
    return found


def test_every_json_body_has_an_example():
    assert {path for _, path, _ in examples()} == {
        "/v1/check-ins",
        "/v1/check-ins/batch",
        "/v1/devices/{device_id}",
        "/v1/me/client-keys",
        "/v1/me/appeals",
        "/v1/me/leave",
        "/v1/me/notice-settings",
        "/v1/me/privacy",
        "/v1/auth/activate",
        "/v1/auth/password",
        "/v1/me/second-factor",
        "/v1/me/second-factor/confirm",
        "/v1/me/second-factor/remove",
    }


@pytest.mark.parametrize(("method", "path", "body"), examples())
async def test_every_example_is_accepted(api: Api, method: str, path: str, body: dict):
    helper = await api.as_(HELPER_A1)
    if "check_in_id" in body:  # something to speak of
        held = check_in(id=body["check_in_id"], position={"mock": True})
        assert (await helper.post("/v1/check-ins", json=held)).json()["standing"] == "held"
    if path.endswith("/privacy"):
        office = await api.as_(OFFICE)
        assert (
            await office.post(f"/v1/counties/{COUNTY}/privacy-notice", json={"text": "规则"})
        ).status_code == 201
    if "second-factor/" in path:  # codes are of their half minute
        secret = await turned_on(api, confirmed=path.endswith("remove"))
        body = {"code": code_now(api, secret)}
    elif "code" in body:  # each is good for one person once
        async with api.database.transaction() as session:
            (issued,) = await activations.issue(session, COUNTY, [HELPER_A1.id], made_by=None, now=api.clock())
        body = body | {"code": issued.code}
    reply = await helper.request(method, path.replace("{device_id}", "phone-1"), json=body)
    assert reply.status_code in {200, 201, 204}, reply.text
    for result in reply.json().get("results", []) if reply.content else ():
        assert result["status"] == "recorded"


async def test_answers_have_the_published_shape(api: Api):
    """Routes that write their own JSON are held to the models that the document is made of."""
    helper = await api.as_(HELPER_A1)
    (_, _, single), (_, _, batch) = [example for example in examples() if "check-ins" in example[1]]
    RecordedOut.model_validate((await helper.post("/v1/check-ins", json=single)).json(), extra="forbid")
    BatchOut.model_validate((await helper.post("/v1/check-ins/batch", json=batch)).json(), extra="forbid")
    VillageCollection.model_validate((await helper.get("/v1/me/villages")).json(), extra="forbid")
