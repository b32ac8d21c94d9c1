"""Logs and metrics name nobody: a whole flow with all its failures, and then a search for what it was about."""

import asyncio
import json
import logging
from typing import Any, cast
from uuid import uuid4

import asyncpg
import pytest
import structlog
from pydantic import BaseModel, ValidationError
from sqlalchemy import text

from app import worker
from app.flows import delete_expired
from app.flows.deliver_notices import Dispatcher
from app.kernel import log
from app.kernel.masking import masked, traced
from app.notices.channels.base import Message
from tests.api.clients.conftest import OSMAND, app_of
from tests.support.county import COUNTY, HELPER_A1, LEADER_A, OFFICE
from tests.support.server import Api, check_in, running

NOTE, REASON = "在王小明家谈了低保 and his debts", "陪护住院的母亲 in hospital"
PLACE = {"lon": 106.2213579, "lat": 24.3224681, "accuracy_m": 12.0}
NEVER = [
    *(HELPER_A1.name, HELPER_A1.phone, LEADER_A.name, LEADER_A.phone, OFFICE.name, OFFICE.phone),
    *("王小明", "低保", "debts", "母亲", "hospital"),
    *("106.2213", "24.3224", "yefang-demo", "a wrong one"),
]
_BROKEN = """
CREATE FUNCTION say_all() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN RAISE EXCEPTION 'cannot take %', NEW; END $$;
CREATE TRIGGER said BEFORE INSERT ON leave FOR EACH ROW EXECUTE FUNCTION say_all();
CREATE TRIGGER said BEFORE INSERT ON check_in FOR EACH ROW WHEN (NEW.purpose = 'inspection')
  EXECUTE FUNCTION say_all();
CREATE FUNCTION take_for_number() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN PERFORM CAST(NEW.note AS int); RETURN NEW; END $$;
CREATE TRIGGER taken BEFORE INSERT ON check_in FOR EACH ROW WHEN (NEW.purpose = 'activity')
  EXECUTE FUNCTION take_for_number();
"""


class Refusing:
    """A gateway that repeats in its failure whom and what it was for."""

    batch = 50

    async def send(self, messages: list[Message]) -> list[Any]:
        raise ConnectionError(f"refused {messages} for {HELPER_A1.phone}: {NOTE}")

    async def close(self) -> None: ...


async def _flow(api: Api, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Everything that somebody may do to have something logged; secrets that it met."""
    tokens = await api.sign_in(HELPER_A1)
    helper, office = await api.as_(HELPER_A1), await api.as_(OFFICE)
    wrong = {"grant_type": "password", "username": HELPER_A1.phone, "password": "a wrong one"}
    await api.http.post("/v1/auth/token", data=wrong)
    for purpose, status in (("night_visit", 201), ("inspection", 503), ("activity", 422)):
        visit = check_in(position=PLACE, note=NOTE, purpose=purpose)
        assert (await helper.post("/v1/check-ins", json=visit)).status_code in (status, 500), purpose
    assert (await helper.post("/v1/check-ins", content=NOTE.encode())).status_code == 400
    asked = {
        "id": str(uuid4()),
        "kind": "sick",
        "from_date": "2026-11-19",
        "until_date": "2026-11-19",
        "reason": REASON,
    }
    assert (await helper.post("/v1/me/leave", json=asked)).status_code == 500
    await helper.put(f"/v1/photos/{uuid4()}", content=b"\xff\xd8\xff" + NOTE.encode())
    tracked = await app_of(api, "traccar", HELPER_A1)
    for query in (
        f"id={tracked.key}&lat=24.3224681&lon=106.2213579&timestamp=1795003800",
        f"id={NOTE}&lat=24.3224",
    ):
        await api.http.get(f"{OSMAND}?{query}")
    await office.post(f"/v1/counties/{COUNTY}/imports/people", files={"file": ("人员.xlsx", NOTE.encode())})
    found = await office.get(f"/v1/counties/{COUNTY}/people", params={"q": HELPER_A1.phone, "unit": NOTE})
    assert found.status_code == 422

    def breaks(*_: Any, **__: Any) -> Any:
        raise RuntimeError(f"{NOTE} at {PLACE} of {HELPER_A1}, {tokens['refresh_token']}")

    with monkeypatch.context() as broken:
        broken.setattr("app.phone.routes.me.for_phones", breaks)
        assert (await (await api.as_(HELPER_A1)).get("/v1/me")).status_code == 500
        broken.setattr(delete_expired, "due", breaks)
        await worker.tick(api.service, api.clock)
    dispatcher = Dispatcher(api.service, api.clock, {"apprise": cast("Any", Refusing())})
    await dispatcher.deliver_due()
    logging.getLogger("somebody").error("no route to %s for %s", HELPER_A1.phone, NOTE)
    asyncio.get_running_loop().call_exception_handler({"message": f"lost {PLACE}", "exception": ValueError(NOTE)})
    return [tokens["access_token"], tokens["refresh_token"], tracked.key]


@pytest.fixture
def written(capsys: pytest.CaptureFixture[str]):
    before = structlog.get_config(), logging.getLogger().handlers[:], logging.getLogger().level
    yield capsys
    structlog.configure(**before[0])
    logging.getLogger().handlers[:] = before[1]
    logging.getLogger().setLevel(before[2])


async def test_a_whole_flow_with_its_failures_names_nobody(database_url: str, monkeypatch, written, tmp_path):
    async with running(database_url, photo_store=str(tmp_path)) as api:
        log.configure("debug")
        async with api.database.transaction() as session:
            for statement in _BROKEN.split(";\nCREATE"):
                await session.execute(text(statement if statement.startswith("\n") else f"CREATE{statement}"))
            await session.execute(
                text(
                    "INSERT INTO notice_channel (county_id, name, kind, position, url)"
                    " VALUES (:id, 'sms', 'apprise', 1, 'jsons://example.com/{phone}')"
                ),
                {"id": COUNTY},
            )
        secrets = await _flow(api, monkeypatch)
        metrics = (await api.http.get("/metrics")).text
    logged = written.readouterr().err
    events = {json.loads(line)["event"] for line in logged.splitlines()}
    assert events >= {"request", "visits_failed", "database_error", "unhandled", "job_failed"}, events
    for where in (logged, metrics):
        assert [secret for secret in (*NEVER, *secrets) if secret in where] == []


class Answer(BaseModel):
    note: int


def _invalid() -> Exception:
    with pytest.raises(ValidationError) as raised:
        Answer(note=NOTE)
    return raised.value


@pytest.mark.parametrize(
    ("error", "left"),
    [
        (KeyError("check_in"), "KeyError: 'check_in'"),
        (ValueError(f"not a date: {NOTE}"), "ValueError\n"),
        (asyncpg.DataError(f"invalid input for query argument $1: {NOTE}"), "DataError"),
        (ConnectionRefusedError(111, "Connection refused"), "Connection refused"),
        (_invalid(), "note: int_parsing"),
        (ExceptionGroup("several", [ValueError(HELPER_A1.phone)]), "ExceptionGroup"),
    ],
)
def test_an_error_says_what_kind_it_is_and_no_value(error: Exception, left: str):
    with pytest.raises(RuntimeError) as raised:
        raise RuntimeError from error
    said = traced(raised.value)
    assert left in said
    assert "test_nobody_in_the_log.py" in said
    assert [secret for secret in NEVER if secret in said] == []


@pytest.mark.parametrize(
    ("text_", "said"),
    [
        ("GET /v1/clients/osmand?id=abc&lat=24.31 HTTP/1.1", "GET /v1/clients/osmand?… HTTP/1.1"),
        ("to 138 0000 0001 or +86-138-0000-0001", "to … or …"),
        ("mail to wang.xm@example.com failed", "mail to … failed"),
        (
            "duty 0192f0aa-7b1a-7c35-9a58-0d8f0a4e2b60 of 2026-W47",
            "duty 0192f0aa-7b1a-7c35-9a58-0d8f0a4e2b60 of 2026-W47",
        ),
        ('column "closed_at" does not exist', 'column "closed_at" does not exist'),
    ],
)
def test_ids_and_words_of_code_stay(text_: str, said: str):
    assert masked(text_) == said
