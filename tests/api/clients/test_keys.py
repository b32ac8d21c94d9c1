"""Client keys: shown once, good until revoked or replaced, and no way into anything else."""

import base64
import json
from urllib.parse import parse_qs, unquote, urlsplit

import httpx
import pytest
from sqlalchemy import text

from tests.api.clients.conftest import OSMAND, OVERLAND, OWNTRACKS, App, app_of, check_ins, rows
from tests.support import county
from tests.support.county import COUNTY, HELPER_A1, HELPER_B1, LEADER_A, OFFICE, known_id
from tests.support.server import Api
from tests.unit.clients.wires import ANDROID_PRESS

KEYS = "/v1/me/client-keys"


def of_person(who: county.Cast) -> str:
    return f"/v1/counties/{COUNTY}/people/{who.id}/client-keys"


async def listed(api: Api, who: county.Cast = HELPER_A1) -> list[dict]:
    return (await (await api.as_(who)).get(KEYS)).json()["items"]


async def test_a_key_is_shown_once_and_kept_as_a_hash(api: Api):
    phone = await app_of(api, "owntracks")
    assert len(phone.key) == 33
    assert phone.issued["username"] == HELPER_A1.phone
    assert phone.issued["url"] == "http://test/v1/clients/owntracks"
    (key,) = await listed(api)
    assert phone.key not in json.dumps(key)
    stored = await rows(api, "SELECT device_session::text FROM device_session WHERE client IS NOT NULL")
    assert phone.key.partition(".")[2] not in str(stored)


async def test_what_comes_by_a_key_of_the_office_says_so(api: Api):
    """Whoever made it may hold it too. A key of one's own takes its place."""
    office = await api.as_(OFFICE)
    made = await office.post(of_person(HELPER_A1), json={"client": "owntracks", "device_id": "phone-1"})
    assert (await App(api, HELPER_A1, "owntracks", made.json()).send(ANDROID_PRESS)).status_code == 200
    await (await app_of(api, "owntracks", LEADER_A)).send(ANDROID_PRESS)
    ((own,), (theirs,)) = [await check_ins(api, who) for who in (LEADER_A, HELPER_A1)]
    assert "key_of_office" not in [reason["code"] for reason in own["reasons"]]
    (told,) = [reason for reason in theirs["reasons"] if reason["code"] == "key_of_office"]
    assert told["values"] == {"person_id": str(OFFICE.id)}


async def test_setup_links_say_what_each_app_reads(api: Api):
    owntracks, traccar, overland = [await app_of(api, client) for client in ("owntracks", "traccar", "overland")]
    inline = unquote(owntracks.issued["setup_link"].partition("inline=")[2])
    config = json.loads(base64.b64decode(inline))
    assert owntracks.issued["setup_link"].startswith("owntracks:///config?inline=")
    assert (config["_type"], config["mode"], config["auth"]) == ("configuration", 3, True)
    assert (config["url"], config["username"], config["password"]) == (
        owntracks.issued["url"],
        HELPER_A1.phone,
        owntracks.key,
    )
    scanned = urlsplit(traccar.issued["setup_link"])
    assert scanned._replace(query="").geturl() == traccar.issued["url"] == f"http://test{OSMAND}"
    assert parse_qs(scanned.query)["id"] == [traccar.key]
    assert parse_qs(scanned.query)["accuracy"] == ["high"]
    link = urlsplit(overland.issued["setup_link"])
    assert (link.scheme, link.netloc) == ("overland", "setup")
    assert parse_qs(link.query) == {
        "url": [f"http://test{OVERLAND}"],
        "token": [overland.key],
        "device_id": ["phone-1"],
    }


async def test_a_key_may_be_typed_in_capitals(api: Api):
    phone = await app_of(api, "traccar")
    reply = await api.http.get(OSMAND, params={"id": f" {phone.key.upper()} ", "lat": 24.32, "lon": 106.22})
    assert (reply.status_code, reply.content) == (200, b"")


async def test_bad_keys_are_401_with_the_scheme_to_use(api: Api):
    phone = await app_of(api, "owntracks")
    good, wrong = phone.key, phone.key[:-1] + ("a" if phone.key[-1] != "a" else "b")

    def basic(user: str, password: str) -> dict[str, str]:
        return {"Authorization": f"Basic {base64.b64encode(f'{user}:{password}'.encode()).decode()}"}

    for headers in (
        {},
        basic(HELPER_A1.phone, wrong),
        basic(HELPER_A1.phone, ""),
        basic(HELPER_B1.phone, good),  # set up on the wrong person's phone
        basic(HELPER_A1.phone, county.PASSWORD),
        basic(HELPER_A1.phone, "451029." + "é" * 26),
        basic(HELPER_A1.phone, "999999" + good[6:]),
        {"Authorization": f"Bearer {good}"},
        {"Authorization": "Basic not base64!"},
        {"Authorization": "Basic " + base64.b64encode(b"\xff\xfe:x").decode()},
    ):
        reply = await api.http.post(OWNTRACKS, content=json.dumps(ANDROID_PRESS), headers=headers)
        assert reply.status_code == 401, headers
        assert reply.headers["www-authenticate"].startswith("Basic realm=")
        assert reply.headers["content-type"] == "application/problem+json"
    for reply in (
        await api.http.post(OSMAND, data={"id": wrong, "lat": "1", "lon": "1"}),
        await api.http.post(OSMAND, data={"lat": "1", "lon": "1"}),
        await api.http.get(OSMAND),
        await api.http.post(OSMAND, json={"location": {}}),
        await api.http.post(OVERLAND, json={"locations": []}, headers={"Authorization": f"Bearer {wrong}"}),
        await api.http.post(OVERLAND, json={"locations": []}),
    ):
        assert (reply.status_code, reply.headers["www-authenticate"]) == (401, "Bearer")
    assert await check_ins(api) == []


async def test_a_key_is_good_for_its_own_app_only(api: Api):
    """What Traccar Client puts into addresses, and so into the logs of proxies, signs nobody's check-ins."""
    traccar = await app_of(api, "traccar")
    posing = App(api, HELPER_A1, "owntracks", traccar.issued)
    assert (await posing.send(ANDROID_PRESS)).status_code == 401
    assert (await App(api, HELPER_A1, "overland", traccar.issued).send({"locations": []})).status_code == 401


async def test_a_key_opens_nothing_else(api: Api):
    phone = await app_of(api, "owntracks")
    session_id = phone.issued["id"].replace("-", "")
    for token in (phone.key, f"{COUNTY}.{session_id}.{phone.key}", f"{COUNTY}.{session_id}.{phone.key[7:]}"):
        form = {"grant_type": "refresh_token", "refresh_token": token}
        assert (await api.http.post("/v1/auth/token", data=form)).status_code == 401
    bearer = {"Authorization": f"Bearer {phone.key}"}
    assert (await api.http.get("/v1/me", headers=bearer)).status_code == 401
    assert (await phone.send(ANDROID_PRESS)).status_code == 200  # and none of that has ended it


async def test_a_revoked_key_is_refused_and_the_other_one_is_not(api: Api):
    phone, other = await app_of(api, "owntracks"), await app_of(api, "owntracks", device_id="phone-2")
    me = await api.as_(HELPER_A1)
    assert (await me.delete(f"{KEYS}/{phone.issued['id']}")).status_code == 204
    assert (await phone.send(ANDROID_PRESS)).status_code == 401
    assert (await other.send(ANDROID_PRESS)).status_code == 200
    assert (await me.delete(f"{KEYS}/{phone.issued['id']}")).status_code == 404
    assert [key["id"] for key in await listed(api)] == [other.issued["id"]]


async def test_a_new_key_replaces_the_old_one_when_it_is_first_used(api: Api):
    old = await app_of(api, "owntracks")
    assert (await old.send(ANDROID_PRESS)).status_code == 200
    unused, new = await app_of(api, "owntracks"), await app_of(api, "owntracks")
    assert (await old.send(ANDROID_PRESS | {"_id": "2"})).status_code == 200
    assert (await unused.send(b"")).status_code == 401
    assert (await new.send(ANDROID_PRESS | {"_id": "3"})).status_code == 200
    assert (await old.send(b"")).status_code == 401
    assert [key["id"] for key in await listed(api)] == [new.issued["id"]]


async def test_what_was_unanswered_under_the_old_key_is_the_same_check_in_under_the_new(api: Api):
    old = await app_of(api, "owntracks")
    assert (await old.send(ANDROID_PRESS)).status_code == 200
    new = await app_of(api, "owntracks")
    assert (await new.send(ANDROID_PRESS)).status_code == 200
    assert len(await check_ins(api)) == 1


async def test_our_own_app_and_a_tracking_app_on_one_phone_leave_each_other_signed_in(api: Api):
    phone = await app_of(api, "owntracks", device_id="one")
    first = await api.sign_in(HELPER_A1, device_id="one")
    assert (await phone.send(b"")).status_code == 200
    assert (await app_of(api, "owntracks", device_id="one")).issued["device_id"] == "one"
    bearer = {"Authorization": f"Bearer {first['access_token']}"}
    assert (await api.http.get("/v1/me", headers=bearer)).status_code == 200


async def test_who_no_longer_serves_is_refused(api: Api):
    phone = await app_of(api, "owntracks")
    async with api.database.transaction() as session:
        await session.execute(
            text("UPDATE person SET until_date = '2026-11-18' WHERE id = :id"), {"id": HELPER_A1.id}
        )
    assert (await phone.send(ANDROID_PRESS)).status_code == 401


async def test_nobody_heaps_up_keys(api: Api):
    me = await api.as_(HELPER_A1)
    for number in range(20):
        assert (await me.post(KEYS, json={"client": "traccar", "device_id": f"p{number}"})).status_code == 201
    reply = await me.post(KEYS, json={"client": "traccar", "device_id": "p20"})
    assert (reply.status_code, reply.json()["type"]) == (409, "/problems/conflict")
    # Another key for a phone that has an unused one takes its place.
    assert (await me.post(KEYS, json={"client": "traccar", "device_id": "p3"})).status_code == 201


@pytest.mark.parametrize(
    "wanted", [{}, {"client": "gpslogger"}, {"client": "owntracks", "device_id": ""}, {"client": None}]
)
async def test_bad_wishes_are_422(api: Api, wanted: dict):
    reply = await (await api.as_(HELPER_A1)).post(KEYS, json=wanted)
    assert reply.status_code == 422


async def test_the_office_makes_and_ends_keys_and_the_person_is_told(api: Api):
    office = await api.as_(OFFICE)
    reply = await office.post(of_person(HELPER_A1), json={"client": "owntracks", "device_id": "handed-out"})
    assert reply.status_code == 201
    phone = App(api, HELPER_A1, "owntracks", reply.json())
    assert (await phone.send(ANDROID_PRESS)).status_code == 200
    me = await api.as_(HELPER_A1)
    (notice,) = (await me.get("/v1/me/notices")).json()["items"]
    assert notice["kind"] == "client_key_issued"
    assert "办公室" in notice["body"]
    assert phone.key not in json.dumps(notice)
    assert (await office.delete(f"{of_person(HELPER_A1)}/{phone.issued['id']}")).status_code == 204
    assert (await phone.send(ANDROID_PRESS)).status_code == 401
    acts = await rows(api, "SELECT action FROM audit_entry WHERE actor_id = :id ORDER BY id", id=OFFICE.id)
    assert [act.action for act in acts] == ["client_key.issued", "client_key.revoked"]


async def test_a_leader_sees_the_keys_in_scope_and_makes_none(api: Api):
    phone = await app_of(api, "owntracks")
    leader = await api.as_(LEADER_A)
    (key,) = (await leader.get(of_person(HELPER_A1))).json()["items"]
    assert (key["id"], key["client"]) == (phone.issued["id"], "owntracks")
    wish = {"client": "owntracks"}
    assert (await leader.post(of_person(HELPER_A1), json=wish)).status_code == 403
    assert (await leader.delete(f"{of_person(HELPER_A1)}/{key['id']}")).status_code == 403
    assert (await leader.get(of_person(HELPER_B1))).status_code == 404
    assert (await leader.post(of_person(HELPER_B1), json=wish)).status_code == 404
    office: httpx.AsyncClient = await api.as_(OFFICE)
    nobody = f"/v1/counties/{COUNTY}/people/{known_id('nobody')}/client-keys"
    assert (await office.post(nobody, json=wish)).status_code == 404
