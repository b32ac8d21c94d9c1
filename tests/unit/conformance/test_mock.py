"""The mock: every operation of the document is answered in its shape, and troubles come as they are ordered."""

import json

import httpx
import pytest
import yaml
from jsonschema import Draft202012Validator

from app.conformance.clauses import PAGES
from app.conformance.county import PASSWORD, PEOPLE
from app.conformance.document import Operation, published
from app.conformance.mock import Mock
from app.conformance.mutants import in_process
from app.conformance.serving import served
from app.conformance.troubles import Troubles, UnknownTrouble
from tests.support.camera import photo
from tests.support.server import check_in

ID = "0b0e8f6e-5c1f-4d5e-9a51-6f1d2f0c7aff"


def validator(schema: dict) -> Draft202012Validator:
    whole = {**schema, "components": published().says["components"]}
    return Draft202012Validator(whole)


def signed_in(http: httpx.Client, username: str = next(iter(PEOPLE))) -> dict[str, str]:
    form = {"grant_type": "password", "username": username, "password": PASSWORD, "device_id": "phone-1"}
    return {"Authorization": f"Bearer {http.post('/v1/auth/token', data=form).json()['access_token']}"}


def asked(operation: Operation, headers: dict[str, str]) -> dict:
    """What the operation is asked with: its own example."""
    path = operation.path.replace("{device_id}", "phone-1")
    for name in ("check_in_id", "photo_id", "notice_id", "session_id", "key_id", "leave_id"):
        path = path.replace(f"{{{name}}}", ID)
    request = {"method": operation.method, "url": path, "headers": headers}
    if operation.id == "token":
        return request | {"data": {"grant_type": "password", "username": "13800000002", "password": PASSWORD}}
    if operation.id == "put_photo":
        return request | {"content": photo()}
    body = operation.body()
    return request | ({"json": published().example(body)} if body else {})


@pytest.mark.parametrize("operation", published().operations, ids=lambda each: each.id)
def test_every_operation_is_answered_in_its_shape(operation: Operation):
    mock = Mock()
    with in_process(mock) as transport, httpx.Client(base_url="http://mock", transport=transport) as http:
        headers = signed_in(http)
        http.post("/v1/check-ins", headers=headers, json=check_in(id=ID, position=None, position_problem="denied"))
        http.put(f"/v1/photos/{ID}", headers=headers, content=photo())
        reply = http.request(**asked(operation, headers))
    assert reply.is_success, reply.text
    shape = operation.shape(reply.status_code)
    if shape is not None:
        validator(shape).validate(reply.json())
        assert operation.path.startswith("/v1/auth") or reply.json()


def test_examples_of_the_document_are_of_their_shape():
    """Those of bodies, and those that the mock makes up for every answer."""
    document, seen = published(), 0
    for operation in document.operations:
        for shape in filter(None, [operation.body(), *map(operation.shape, (200, 201, 422, 503))]):
            seen += 1
            for example in document.resolved(shape).get("examples", [document.example(shape)]):
                validator(shape).validate(example)
    assert seen > 60


def test_what_is_asked_of_nobody():
    with in_process(Mock()) as transport, httpx.Client(base_url="http://mock", transport=transport) as http:
        assert http.get("/v1/me").status_code == 401
        assert http.get("/v1/nowhere").status_code == 404
        assert http.delete("/v1/me").status_code == 405
        assert http.post("/v1/me/leave", headers=signed_in(http), json={"id": ID}).status_code == 422


def test_troubles_come_in_their_order_and_to_whom_they_are_meant_for():
    mock = Mock(troubles=Troubles("503=2, token:500, ok, lost"))
    with served(mock) as url, httpx.Client(base_url=url) as http:
        headers = {"Authorization": "Bearer none"}
        assert http.post("/v1/auth/token", data={}).status_code == 500
        headers = signed_in(http)
        visit = check_in()
        first = http.post("/v1/check-ins", headers=headers, json=visit)
        assert (first.status_code, first.headers["retry-after"]) == (503, "2")
        assert mock.check_ins == {}
        assert http.post("/v1/check-ins", headers=headers, json=visit).status_code == 201
        with pytest.raises(httpx.RemoteProtocolError):
            http.post("/v1/check-ins", headers=headers, json=check_in())
        assert len(mock.check_ins) == 2


def test_the_mock_is_told_while_it_runs_and_says_what_it_was_asked():
    with served(Mock()) as url, httpx.Client(base_url=url) as http:
        assert http.put("/mock/trouble", content="nonsense").status_code == 422
        assert http.put("/mock/trouble", content="any:429=1").status_code == 200
        assert http.post("/v1/auth/token", data={}).status_code == 429
        (exchange,) = http.get("/mock/journal").json()["exchanges"]
        assert (exchange["status"], exchange["trouble"]) == (429, "any:429=1")
        assert http.options("/v1/me").headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize("script", ["lots", "nowhere:lost", "503=soon", "399", "600", "token:"])
def test_a_word_that_is_none_is_said(script: str):
    with pytest.raises(UnknownTrouble, match="write"):
        Troubles(f"ok, {script}")


def test_the_mock_needs_no_other_document():
    assert published().says == yaml.safe_load((PAGES / "openapi.yaml").read_text())
    assert json.dumps(published().example({"$ref": "#/components/schemas/MeOut"}))
