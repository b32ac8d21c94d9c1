"""Traccar Client posts: contact, calls for help, and never a key in the log."""

import json
import logging

import pytest
from sqlalchemy import text

from tests.api.clients.conftest import OSMAND, App, app_of, check_ins, quarantined, rows
from tests.support.county import COUNTY, HELPER_A1, LEADER_A, LEADER_B, OFFICE
from tests.support.server import Api
from tests.unit.clients.wires import KEY, TRACCAR_8, TRACCAR_9, TRACCAR_10, TRACCAR_10_HEARTBEAT, TRACCAR_10_TOKEN


@pytest.fixture
async def phone(api: Api) -> App:
    return await app_of(api, "traccar")


def with_key(phone: App, wire):
    return json.loads(json.dumps(wire).replace(KEY, phone.key))


async def test_all_generations_are_taken_with_an_empty_answer_and_make_no_check_in(api: Api, phone: App):
    eight = TRACCAR_8.replace(KEY, phone.key)
    nine, ten = with_key(phone, TRACCAR_9), with_key(phone, TRACCAR_10)
    for reply in (
        await api.http.post(f"{OSMAND}?{eight}"),
        await api.http.get(f"{OSMAND}?{eight}"),
        await api.http.post(f"{OSMAND}/?{eight}"),
        await api.http.post(OSMAND, json=nine),
        await api.http.post(OSMAND, data=ten),
        await api.http.post(OSMAND, data=with_key(phone, TRACCAR_10_HEARTBEAT)),
        await api.http.post(OSMAND, data=with_key(phone, TRACCAR_10_TOKEN)),
        await api.http.post(OSMAND, json={"device_id": phone.key}),
        await api.http.post(f"{OSMAND}?id={phone.key}"),
    ):
        assert (reply.status_code, reply.content) == (200, b""), reply.text
    assert await check_ins(api) == await quarantined(api) == []


async def test_a_heartbeat_is_contact(api: Api, phone: App):
    now = api.clock.turn(hours=2)
    assert (await phone.ask(form=TRACCAR_10_HEARTBEAT | {"id": phone.key})).status_code == 200
    (row,) = await rows(api, "SELECT last_contact_at FROM person WHERE id = :id", id=HELPER_A1.id)
    assert row.last_contact_at == now


async def test_poison_is_answered_like_the_rest_and_kept_without_the_key(api: Api, phone: App):
    nine = with_key(phone, TRACCAR_9)
    nine["location"]["coords"]["latitude"] = 240
    for _ in range(3):
        assert (await api.http.post(OSMAND, json=nine)).status_code == 200
    assert (await phone.ask("lat=x&lon=y&timestamp=1795003800")).status_code == 200
    stored = await rows(api, "SELECT times_seen, body FROM quarantine ORDER BY id")
    assert [row.times_seen for row in stored] == [3, 1]
    assert phone.key not in str(stored)
    assert "240" in stored[0].body


async def notices(api: Api, who) -> list[dict]:
    return (await (await api.as_(who)).get("/v1/me/notices")).json()["items"]


async def test_an_sos_reaches_the_leader_who_answers_for_the_person_once(api: Api, phone: App):
    for seconds in (0, 5, 20):
        form = TRACCAR_10 | {"id": phone.key, "alarm": "sos", "timestamp": str(1795003800 + seconds)}
        assert (await phone.ask(form=form)).status_code == 200
    (notice,) = await notices(api, LEADER_A)
    assert notice["kind"] == "sos"
    assert notice["title"] == "紧急求助：甲一帮扶"
    assert HELPER_A1.phone in notice["body"]
    assert "2026-11-18 20:10" in notice["body"]
    assert notice["about"]["position"] == {"lon": 106.22, "lat": 24.32, "accuracy_m": 12.3}
    assert await notices(api, LEADER_B) == await notices(api, OFFICE) == await notices(api, HELPER_A1) == []
    later = TRACCAR_10 | {"id": phone.key, "alarm": "sos", "timestamp": str(1795003800 + 3600)}
    assert (await phone.ask(form=later)).status_code == 200
    assert len(await notices(api, LEADER_A)) == 2


async def test_an_sos_without_a_leader_reaches_the_office(api: Api):
    phone = await app_of(api, "traccar", who=LEADER_A)
    assert (await phone.ask("timestamp=1795003800&alarm=sos")).status_code == 200
    (notice,) = await notices(api, OFFICE)
    assert notice["about"]["position"] is None


async def test_an_sos_reaches_both_lines_of_the_tree(api: Api, phone: App):
    """The person's department has a leader of its own."""
    async with api.database.transaction() as session:
        await session.execute(
            text(
                "UPDATE person SET department_id = (SELECT unit_id FROM post WHERE person_id = :leader)"
                " WHERE id = :id"
            ),
            {"leader": LEADER_B.id, "id": HELPER_A1.id},
        )
    assert (await phone.ask("timestamp=1795003800&alarm=sos")).status_code == 200
    assert len(await notices(api, LEADER_A)) == len(await notices(api, LEADER_B)) == 1


class Heard:
    """Stands where a logger stands, and keeps every line of any level."""

    def __init__(self) -> None:
        self.lines: list[dict] = []

    def __getattr__(self, level: str):
        return lambda event, **values: self.lines.append({"event": event, "level": level} | values)


async def test_the_key_in_the_address_is_in_no_log_and_no_metric(api: Api, phone: App, caplog, monkeypatch):
    heard, wrong = Heard(), f"{COUNTY}.{'a' * 26}"
    for module in ("http.middleware", "http.errors", "flows.take_client_records", "flows.record_visits"):
        monkeypatch.setattr(f"app.{module}.log", heard)
    with caplog.at_level(logging.DEBUG):
        assert (await phone.ask("lat=24.32&lon=106.22", method="GET")).status_code == 200
        assert (await phone.ask("lat=poison&lon=106.22", method="GET")).status_code == 200
        refusal = await api.http.get(f"{OSMAND}?id={wrong}")
    assert refusal.status_code == 401
    assert [line["route"] for line in heard.lines if line["event"] == "request"] == [OSMAND] * 3
    logged = [record.getMessage() for record in caplog.records if not record.name.startswith("http")]
    metrics = (await api.http.get("/metrics")).text
    for secret in (phone.key, wrong):
        assert secret not in str(heard.lines) + "".join(logged)
        assert secret not in metrics
        assert secret not in refusal.text
