"""What tracking apps are known to do in the field: the visit stands, and is never of another day."""

import base64
import json

import pytest

from tests.api.clients.conftest import OWNTRACKS, App, app_of, check_ins, quarantined
from tests.support.county import HELPER_A1
from tests.support.server import Api
from tests.unit.clients.wires import ANDROID_PRESS

DAY = 86400


@pytest.fixture
async def phone(api: Api) -> App:
    return await app_of(api, "owntracks")


def codes(item: dict) -> list[str]:
    return [reason["code"] for reason in item["reasons"]]


async def test_a_press_with_the_fix_of_yesterday_is_of_today_and_held(api: Api, phone: App):
    await phone.send(ANDROID_PRESS | {"tst": 1795003800 - 26 * 3600})
    (item,) = await check_ins(api)
    assert (item["captured_at"], item["standing"], codes(item)) == ("2026-11-18T12:10:05Z", "held", ["stale_fix"])
    duties = (await (await api.as_(HELPER_A1)).get("/v1/me/duties")).json()["items"]
    assert [(duty["done"], duty["pending_review"]) for duty in duties] == [(0, 1)]


async def test_a_press_with_a_rolled_over_gps_is_of_its_day_and_counts(api: Api, phone: App):
    await phone.send(ANDROID_PRESS | {"tst": 1795003800 - 1024 * 7 * DAY})
    (item,) = await check_ins(api)
    assert (item["captured_at"], item["standing"], codes(item)) == ("2026-11-18T12:10:05Z", "counted", [])


async def test_an_odd_network_name_costs_no_visit(api: Api, phone: App):
    for number, odd in enumerate((b'"caf\xe9"', b'"\\ud83d"', b'"\x00"')):
        message = json.dumps(ANDROID_PRESS | {"_id": f"{number}", "SSID": "XX", "poi": "XX"}).encode()
        await phone.send(message.replace(b'"XX"', odd))
    assert len(await check_ins(api)) == 3
    assert await quarantined(api) == []


@pytest.mark.parametrize(
    ("user", "around"),
    [
        ("+8613900000003", "{}"),
        ("139-0000-0003", " {} "),
        ("１３９００００0003", "\ufeff{}\u200b"),
        ("\u202d13900000003", "{}\n"),
    ],
)
async def test_the_owner_is_the_owner_however_number_and_key_were_pasted(
    api: Api, phone: App, user: str, around: str
):
    pair = base64.b64encode(f"{user}:{around.format(phone.key.upper())}".encode()).decode().rstrip("=")
    reply = await api.http.post(OWNTRACKS, json=ANDROID_PRESS, headers={"Authorization": f"Basic {pair}"})
    assert reply.status_code == 200
    assert len(await check_ins(api)) == 1
    other = base64.b64encode(f"13900000004:{phone.key}".encode()).decode()
    reply = await api.http.post(OWNTRACKS, json=ANDROID_PRESS, headers={"Authorization": f"Basic {other}"})
    assert reply.status_code == 401
