"""The head of a request has a size and a time; what is served of the installation itself has switches."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace

import httpx
import pytest
import uvicorn
from fastapi import FastAPI, Request, Response
from fastapi.routing import iter_route_contexts
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from uvicorn.middleware.proxy_headers import _TrustedHosts

from app import wiring
from app.http.server import MOST_HEAD, OPTIONS, LimitedHttp
from app.settings import Settings
from tests.support.county import HELPER_A1
from tests.support.server import Api, running


class Hurried(LimitedHttp):
    """With less patience, for a test."""

    head_s, stalled_s, most_connections = 0.3, 0.3, 3


BIG = 32 * 1024 * 1024


@asynccontextmanager
async def served(protocol: type[LimitedHttp]) -> AsyncIterator[int]:
    app = FastAPI()

    @app.post("/")
    async def take(request: Request) -> int:
        return len(await request.body())

    @app.get("/")
    async def give() -> Response:
        return Response(bytes(BIG))

    server = uvicorn.Server(uvicorn.Config(app, port=0, lifespan="off", **OPTIONS | {"http": protocol}))
    serving = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
        await asyncio.sleep(0.01)
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    await serving


async def said(port: int, *pieces: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for piece in pieces:
        writer.write(piece)
        await asyncio.sleep(0)
    try:
        async with asyncio.timeout(20):
            return await reader.read()
    except ConnectionResetError:
        return b"reset"
    finally:
        writer.close()


LINE = b"POST / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n"


@pytest.mark.parametrize("end", [b"", b"\r\n\r\n"])
@pytest.mark.parametrize("large", [b"a: %s", b"a: b\r\n%s: c"])
async def test_a_head_that_is_too_large_is_refused_whole_or_not(end: bytes, large: bytes):
    async with served(LimitedHttp) as port:
        answer = await said(port, LINE + large % (b"a" * (MOST_HEAD + 1)) + end)
        assert answer.startswith((b"HTTP/1.1 431", b"reset"))
        assert (await said(port, LINE + b"content-length: 3\r\n\r\nabc")).startswith(b"HTTP/1.1 200")


async def test_a_body_may_be_larger_and_a_head_just_below():
    async with served(LimitedHttp) as port:
        body = b"b" * (4 * MOST_HEAD)
        answer = await said(port, LINE + b"content-length: %d\r\n" % len(body), b"\r\n", body)
        assert answer.startswith(b"HTTP/1.1 200")
        assert answer.endswith(b"%d" % len(body))
        just_below = LINE + b"a: " + b"a" * (MOST_HEAD - 100) + b"\r\n\r\n"
        assert (await said(port, just_below)).startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize("begun", [b"", b"POST", LINE, LINE + b"a: "])
async def test_who_never_ends_a_head_is_hung_up_on(begun: bytes):
    async with served(Hurried) as port:
        assert (await said(port, begun)).startswith(b"HTTP/1.1 408")


async def test_a_second_head_on_one_connection_has_its_time_too():
    async with served(Hurried) as port:
        first = b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\n\r\na"
        answer = await said(port, first, first, b"POST / HT")
        assert answer.count(b"HTTP/1.1 200") == 2
        assert b"HTTP/1.1 408" in answer


async def test_a_body_that_stalls_is_hung_up_on_and_a_slow_one_is_not():
    async with served(Hurried) as port:
        assert (await said(port, LINE + b"content-length: 2\r\n\r\na")).startswith(b"HTTP/1.1 408")
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(LINE + b"content-length: %d\r\n\r\n" % (4 * Hurried.least_body))
        for _ in range(4):
            await asyncio.sleep(Hurried.stalled_s * 0.7)
            writer.write(bytes(Hurried.least_body))
        assert (await reader.read()).startswith(b"HTTP/1.1 200")
        writer.close()


async def test_who_does_not_read_an_answer_is_hung_up_on_and_a_slow_reader_is_not():
    async with served(Hurried) as port:
        for pause_s, whole in ((20 * Hurried.stalled_s, False), (0.0, True)):
            reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1024)
            writer.write(b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
            await reader.read(1)
            await asyncio.sleep(min(pause_s, 4 * Hurried.stalled_s))
            got = 0
            with suppress(ConnectionResetError):
                while piece := await reader.read(1 << 20):
                    got += len(piece)
            assert (got >= BIG) == whole
            writer.close()


async def test_one_address_has_so_many_connections_and_a_declared_proxy_any_number():
    class Behind(Hurried):
        proxies = _TrustedHosts("127.0.0.0/8")

    for protocol, last in ((Hurried, b"HTTP/1.1 503"), (Behind, b"HTTP/1.1 200")):
        async with served(protocol) as port:
            held = [await asyncio.open_connection("127.0.0.1", port) for _ in range(Hurried.most_connections)]
            answer = await said(port, LINE + b"content-length: 3\r\n\r\nabc")
            assert answer.startswith((last, b"reset") if protocol is Hurried else last)
            for _, writer in held:
                writer.close()
                await writer.wait_closed()


async def test_answers_are_not_kept_and_say_to_stay_with_tls(api: Api):
    async with await api.as_(HELPER_A1) as phone:
        assert (await phone.get("/v1/me")).headers["cache-control"] == "no-store"
        assert (await phone.get("/v1/me/villages")).headers["cache-control"] == "private, no-cache"
        assert "strict-transport-security" not in (await phone.get("/v1/me")).headers
    transport = httpx.ASGITransport(app=api.app)
    async with httpx.AsyncClient(transport=transport, base_url="https://yefang.example") as client:
        assert (await client.get("/healthz")).headers["strict-transport-security"] == "max-age=31536000"


async def test_no_statement_runs_for_ever_and_each_kind_of_work_has_its_time(database_url: str):
    kinds = {"statement_timeout_s": 1, "files_timeout_s": 600, "worker_timeout_s": 3600}
    async with running(database_url, seeded=False, **kinds) as api:
        requests = api.app.state.services.database
        worker = wiring.worker_database(api.app.state.settings)
        for database, said in ((requests, "1s"), (requests.patient(), "10min"), (worker, "1h"), (requests, "1s")):
            async with database.transaction() as session:
                assert (await session.execute(text("SHOW statement_timeout"))).scalar_one() == said
        with pytest.raises(DBAPIError, match="statement timeout"):
            async with requests.transaction() as session:
                await session.execute(text("SELECT pg_sleep(30)"))
        await worker.close()


async def test_files_have_the_time_of_files(api: Api):
    """What makes a file is said to take long, and nothing else is."""
    endpoints = {str(route.path): route.endpoint for route in iter_route_contexts(api.app.routes)}
    long = {path for path, endpoint in endpoints.items() if getattr(endpoint, "takes_long", False)}
    assert {path for path in endpoints if "/exports/" in path} <= long
    assert {path.rsplit("/", 1)[-1] for path in long if "/exports/" not in path} <= {
        "undo", "circular.docx", "sheet", "sheet.docx", "{kind}.docx"
    }  # fmt: skip


async def test_nobody_is_sent_to_the_host_that_a_request_names(api: Api):
    for path in ("/v1/me/", "/docs/", "/m"):
        reply = await api.http.get(path, headers={"Host": "evil.example"})
        assert "evil.example" not in reply.headers.get("location", "")


@pytest.mark.parametrize(("name", "paths"), [("docs", ("/docs", "/openapi.json")), ("metrics", ("/metrics",))])
async def test_what_tells_of_the_installation_has_a_switch(database_url: str, name: str, paths: tuple[str, ...]):
    for on, status in ((True, 200), (False, 404)):
        async with running(database_url, seeded=False, **{name: on}) as api:
            assert {(await api.http.get(path)).status_code for path in paths} == {status}


@pytest.mark.parametrize(
    ("public_url", "host", "leads"),
    [
        ("https://yefang.example.cn", "evil.example", "https://yefang.example.cn/v1/clients/osmand"),
        ("https://example.cn/yefang/", "127.0.0.1", "https://example.cn/yefang/v1/clients/osmand"),
        (None, "evil.example", "http://test/v1/clients/osmand"),
        (None, "127.0.0.1:8000", "http://127.0.0.1:8000/v1/clients/osmand"),
        (None, "127.0.0.1.evil.example", "http://test/v1/clients/osmand"),
        (None, "127.0.0.1@evil.example", "http://test/v1/clients/osmand"),
    ],
)
async def test_links_lead_where_the_installation_is_whatever_a_request_says(
    api: Api, monkeypatch: pytest.MonkeyPatch, public_url: str | None, host: str, leads: str
):
    settings = {"database_url": "postgresql+asyncpg://x/y", "secret_key": "k" * 32, "public_url": public_url}
    told = wiring.public_url(Settings(**settings))
    monkeypatch.setattr(api.app.state, "services", replace(api.app.state.services, public_url=told))
    async with await api.as_(HELPER_A1) as phone:
        forged = {"Host": host, "X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example"}
        made = await phone.post("/v1/me/client-keys", json={"client": "traccar"}, headers=forged)
    assert made.json()["url"] == leads
    assert made.json()["setup_link"].startswith(leads)
    assert "evil" not in made.text


async def test_an_address_is_believed_of_a_declared_proxy_only():
    """What uvicorn is told to believe: nobody, unless `FORWARDED_ALLOW_IPS` names them."""
    app = FastAPI()

    @app.get("/")
    async def who(request: Request) -> list[object]:
        return [request.client and request.client.host, request.url.scheme]

    forged = b"GET / HTTP/1.1\r\nhost: x\r\nx-forwarded-for: 203.0.113.1\r\nx-forwarded-proto: https\r\n"
    for declared, seen in (({}, b'["127.0.0.1","http"]'), ({"forwarded_allow_ips": "127.0.0.1"}, b"203.0.113.1")):
        server = uvicorn.Server(uvicorn.Config(app, port=0, lifespan="off", **OPTIONS | declared))
        serving = asyncio.create_task(server.serve())
        while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
            await asyncio.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        assert seen in await said(port, forged + b"connection: close\r\n\r\n")
        server.should_exit = True
        await serving
