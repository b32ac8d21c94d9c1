"""Whatever comes with a good key is answered as the app expects; "come back later" only when it may help."""

import asyncio
import json
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from app.main import create_app
from app.settings import Settings
from tests.api.clients.conftest import OSMAND, App, app_of, check_ins, quarantined
from tests.support.server import KEY, Api
from tests.unit.clients.wires import ANDROID_PRESS, OVERLAND, TRACCAR_9

_ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(min_value=-(10**400), max_value=10**400),
    st.floats(),
    st.text(),
    st.sampled_from(["", "\x00", "�", "0", "-1", "nan", "1e400", "١٢", "u", "location", "sos", "encrypted"]),
)
_JSON = st.recursive(
    _ODD, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
)


def _changed(message: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    """A real message with some of its members replaced or left out."""

    def apply(changes: dict[str, Any]) -> dict[str, Any]:
        return {key: value for key, value in (message | changes).items() if value != "left out"}

    return st.dictionaries(st.sampled_from(sorted(message)), _JSON | st.just("left out"), max_size=4).map(apply)


def _location(location: dict[str, Any]) -> dict[str, Any]:
    return {"location": location}


def _feature(feature: dict[str, Any]) -> dict[str, Any]:
    return {"locations": [OVERLAND["locations"][0], feature]}


_FUZZ = settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
)


def raw(message: Any) -> bytes:
    """Python writes NaN, and lone surrogates as escapes: both reach a server."""
    return json.dumps(message).encode()


@pytest.mark.parametrize(
    ("client", "answer", "messages"),
    [
        ("owntracks", b"[]", st.one_of(st.binary(), _JSON.map(raw), _changed(ANDROID_PRESS).map(raw))),
        (
            "overland",
            b'{"result":"ok"}',
            st.one_of(st.binary(), _JSON.map(raw), _changed(OVERLAND["locations"][0]).map(_feature).map(raw)),
        ),
    ],
)
async def test_bodies(tracked: Api, client: str, answer: bytes, messages: st.SearchStrategy[bytes]):
    phone = await app_of(tracked, client)
    loop = asyncio.get_running_loop()

    async def send(body: bytes) -> None:
        reply = await phone.send(body)
        assert (reply.status_code, reply.content) == (200, answer), body

    @_FUZZ
    @given(st.lists(messages, min_size=4, max_size=4))
    def fuzz(bodies: list[bytes]) -> None:
        for body in bodies:
            asyncio.run_coroutine_threadsafe(send(body), loop).result()

    await asyncio.to_thread(fuzz)


async def test_addresses_and_forms(tracked: Api):
    phone = await app_of(tracked, "traccar")
    loop = asyncio.get_running_loop()
    members = st.sampled_from(
        [
            "lat",
            "lon",
            "location",
            "timestamp",
            "accuracy",
            "speed",
            "bearing",
            "heading",
            "batt",
            "alarm",
            "valid",
        ]
    )
    parameters = st.dictionaries(members, st.text() | _ODD.map(str), max_size=6)

    async def post(**request: Any) -> None:
        reply = await tracked.http.post(OSMAND, **request)
        assert (reply.status_code, reply.content) == (200, b""), request

    @_FUZZ
    @given(parameters, st.binary(), _JSON | _changed(TRACCAR_9["location"]))
    def fuzz(asked: dict[str, str], tail: bytes, location: Any) -> None:
        printable = {name: value.encode(errors="replace") for name, value in asked.items()}
        for request in (
            {"params": {"id": phone.key} | {name: value.decode() for name, value in printable.items()}},
            {"data": {"id": phone.key} | printable},
            {"params": {"id": phone.key}, "content": tail, "headers": {"Content-Type": "application/json"}},
            {"params": {"id": phone.key}, "content": tail},
            {"content": raw({"device_id": phone.key} | _location(location)), "params": {"id": phone.key}},
        ):
            asyncio.run_coroutine_threadsafe(post(**request), loop).result()

    await asyncio.to_thread(fuzz)


async def test_an_address_that_is_no_text(api: Api):
    """Bytes above 127 that are not UTF-8, as a client that escapes nothing sends them."""
    phone = await app_of(api, "traccar")
    for query, status in ((f"id={phone.key}&note=".encode() + b"\xff\xfe", 200), (b"id=\xff\xfe", 401)):
        sent: list[Any] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: Any, sent: list[Any] = sent) -> None:
            sent.append(message)

        scope = {"type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST"}
        scope |= {"path": OSMAND, "raw_path": OSMAND.encode(), "query_string": query, "headers": []}
        scope |= {"scheme": "http", "server": ("test", 80), "client": ("127.0.0.1", 1), "root_path": ""}
        await api.app(scope, receive, send)
        assert sent[0]["status"] == status


async def test_a_database_out_of_reach_is_come_back_later():
    app = create_app(Settings(database_url="postgresql+asyncpg://nobody@127.0.0.1:1/none", secret_key=KEY))
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as http:
            key = "451029." + "a" * 26
            reply = await http.post(OSMAND, data={"id": key, "lat": "24.32", "lon": "106.22"})
    assert reply.status_code == 503
    assert int(reply.headers["retry-after"]) > 0


async def test_a_statement_that_failed_for_the_moment_is_come_back_later(api: Api):
    """A deadlock, say: nothing goes into quarantine that may well be taken the next time."""
    phone = await app_of(api, "owntracks")
    async with api.database.transaction() as session:
        await session.execute(
            text("""
            CREATE FUNCTION deadlock() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN RAISE EXCEPTION 'deadlock' USING ERRCODE = '40P01'; END $$""")
        )
        await session.execute(
            text("CREATE TRIGGER deadlock BEFORE INSERT ON device FOR EACH ROW EXECUTE FUNCTION deadlock()")
        )
    reply = await phone.send(ANDROID_PRESS)
    assert reply.status_code == 503
    assert reply.headers["retry-after"] == "5"
    async with api.database.transaction() as session:
        await session.execute(text("DROP TRIGGER deadlock ON device"))
    assert (await phone.send(ANDROID_PRESS)).status_code == 200
    assert len(await check_ins(api)) == 1


async def test_a_check_in_that_failed_for_the_moment_is_tried_again_and_not_refused(api: Api):
    phone = await app_of(api, "owntracks")
    async with api.database.transaction() as session:
        await session.execute(text("CREATE SEQUENCE tries"))  # counts on through a rollback
        await session.execute(text("GRANT USAGE ON SEQUENCE tries TO PUBLIC"))
        await session.execute(
            text("""
            CREATE FUNCTION deadlock_once() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
              IF nextval('tries') = 1 THEN RAISE EXCEPTION 'deadlock' USING ERRCODE = '40P01'; END IF;
              RETURN NEW;
            END $$""")
        )
        await session.execute(
            text("CREATE TRIGGER deadlock BEFORE INSERT ON check_in FOR EACH ROW EXECUTE FUNCTION deadlock_once()")
        )
    assert (await phone.send(ANDROID_PRESS)).status_code == 200
    assert len(await check_ins(api)) == 1
    assert await quarantined(api) == []


async def test_many_phones_at_once(api: Api):
    phones: list[App] = [await app_of(api, "owntracks", device_id=f"p{number}") for number in range(6)]
    messages = [ANDROID_PRESS | {"_id": f"{number}"} for number in range(4)]
    replies = await asyncio.gather(*(phone.send(message) for phone in phones for message in messages))
    assert {(reply.status_code, reply.content) for reply in replies} == {(200, b"[]")}
    me = await phones[0].api.as_(phones[0].who)
    assert len((await me.get("/v1/me/check-ins", params={"limit": 100})).json()["items"]) == 24
