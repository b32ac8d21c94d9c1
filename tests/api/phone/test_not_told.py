"""What phones are not told: how visits are checked, and whose phone or visit it was that one is like."""

import json
from typing import Any

from sqlalchemy import text

from app.flows.county_settings import declared
from app.kernel.county_settings import SettingUnit
from app.main import create_app
from app.notices.delivering import put_usual_channels
from app.settings import Settings
from tests.support.county import COUNTY, HELPER_A1, OFFICE, RESIDENT_A2
from tests.support.server import Api, check_in, running

SECRET = [each for _, each in declared() if not each.phones]
FINE = {"lon": 106.2212345, "lat": 24.3254321, "accuracy_m": 8}
READS = (
    "/v1/me",
    "/v1/me/villages",
    "/v1/me/households",
    "/v1/me/duties?period=current",
    "/v1/me/check-ins",
    "/v1/me/notices",
    "/v1/me/leave",
    "/v1/me/appeals",
    "/v1/me/seen-by",
    "/v1/me/sessions",
    "/v1/me/notice-settings",
)


def _odd(number: int, default: object) -> Any:
    """A value of the setting that is met nowhere else."""
    return type(default)(70000 + 13 * number)  # type: ignore[call-arg]


def _members(node: Any) -> Any:
    """Every key and value of an answer."""
    if isinstance(node, dict):
        for name, value in node.items():
            yield name
            yield from _members(value)
    elif isinstance(node, list):
        for value in node:
            yield from _members(value)
    else:
        yield node


async def test_no_answer_has_a_threshold_or_somebody_else_in_it(database_url: str):
    numbers = {
        each.name: _odd(place, each.default)
        for place, each in enumerate(SECRET)
        if each.is_number and each.unit is not SettingUnit.CLOCK and each.takes(_odd(place, each.default))
    }
    assert len(numbers) > 20
    kept = {name: numbers[name] for name in numbers if name not in ("several_devices", "repeated_fix_days")}
    async with running(database_url) as api:
        async with api.database.transaction() as session:
            await session.execute(
                text("UPDATE county SET settings = CAST(:settings AS jsonb) WHERE id = :id"),
                {"settings": json.dumps(kept | {"several_devices": 1}), "id": COUNTY},
            )
        lent = "the-same-phone"
        for who in (RESIDENT_A2, HELPER_A1):
            tokens = await api.sign_in(who, device_id=lent)
            signed = {"Authorization": f"Bearer {tokens['access_token']}"}
            for visit in (check_in(position=FINE), check_in(position={"accuracy_m": 900, "mock": True})):
                assert (await api.http.post("/v1/check-ins", json=visit, headers=signed)).status_code == 201
            api.clock.turn(minutes=2)
        told = []
        helper = await api.as_(HELPER_A1)
        for path in READS:
            reply = await helper.get(path)
            assert reply.status_code == 200, (path, reply.text)
            told += list(_members(reply.json()))
        codes = {code for code in told if code in ("shared_device", "several_devices")}
        assert codes == {"shared_device", "several_devices"}
        for name, value in kept.items():
            assert name not in told
            assert value not in told
            assert not any(str(value) in each for each in told if isinstance(each, str)), name
        assert str(RESIDENT_A2.id) not in told


def test_the_document_names_no_threshold():
    app = create_app(Settings(database_url="postgresql+asyncpg://nobody@nowhere/none", secret_key="k" * 32))
    document = app.openapi()
    phone = {path: of for path, of in document["paths"].items() if "/counties/" not in path}
    written = json.dumps(phone)
    assert [each.name for each in SECRET if f'"{each.name}"' in written] == []


async def test_pushes_go_abroad_only_after_the_office_has_switched_them_on(database_url: str):
    async with running(database_url) as api:
        async with api.database.transaction() as session:
            await put_usual_channels(session, COUNTY)
        office, helper = await api.as_(OFFICE), await api.as_(HELPER_A1)
        web = {"channel": "webpush", "subscription": {"endpoint": "https://push.example/1", "keys": {}}}

        async def why(api: Api) -> Any:
            return (await helper.put("/v1/devices/phone-1", json={"push": web})).json()["push_problem"]

        assert (await why(api))["code"] == "switched_off"
        on = {"position": 2, "enabled": True}
        assert (await office.put(f"/v1/counties/{COUNTY}/notice-channels/webpush", json=on)).status_code == 200
        assert await why(api) is None
        async with api.database.transaction() as session:
            acts = text("SELECT actor_id FROM audit_entry WHERE subject = 'notice_channel:webpush'")
            assert (await session.execute(acts)).scalars().all() == [OFFICE.id]
