"""Apprise's gateways against servers on this machine: HTTP in three dialects, and mail."""

import asyncio
from dataclasses import dataclass, field
from email import message_from_bytes, policy

import pytest
from aiohttp import web

from app.kernel.ids import new_id
from app.notices.channels.base import Later, Message, Never, Sent
from app.notices.channels.gateways import GatewayChannel, problem_with
from app.notices.channels.outbound import Outbound


def message(url, title="签到待核实", body="原因见签到详情。"):
    return Message(new_id(), "check_in_held", title, body, urgent=False, url=url)


@dataclass
class Gateway:
    """Keeps what it is sent; `/404` and the like answer so."""

    port: int = 0
    received: list = field(default_factory=list)

    async def take(self, request: web.Request):
        self.received.append((request.query_string, await request.text()))
        word = request.path[1:]
        return web.Response(status=int(word) if word.isdecimal() else 200)


@pytest.fixture
async def gateway():
    gateway = Gateway()
    app = web.Application()
    app.router.add_route("*", "/{word}", gateway.take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    gateway.port = runner.addresses[0][1]
    yield gateway
    await runner.cleanup()


HERE = Outbound.parse("127.0.0.0/8")


async def send(*messages, outbound=HERE):
    return await GatewayChannel(outbound).send(messages)


async def test_a_message_by_each_dialect_of_http(gateway):
    urls = [f"{scheme}://127.0.0.1:{gateway.port}/sms?-to=13900000003" for scheme in ("json", "form", "xml")]
    assert await send(*map(message, urls)) == [Sent()] * 3
    assert [query for query, _ in gateway.received] == ["to=13900000003"] * 3
    bodies = [body for _, body in gateway.received]
    assert any('"title": "签到待核实"' in body or "\\u7b7e\\u5230" in body for body in bodies)


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (400, Never("refused: 400")),
        (404, Never("refused: 404")),
        (429, Later("unavailable: 429")),
        (500, Later("unavailable: 500")),
        (503, Later("unavailable: 503")),
    ],
)
async def test_what_becomes_of_each_answer(gateway, answer, outcome):
    assert await send(message(f"json://127.0.0.1:{gateway.port}/{answer}")) == [outcome]


async def test_one_out_of_reach_leaves_the_others_alone(gateway):
    good = f"json://127.0.0.1:{gateway.port}/sms"
    assert await send(message(good), message("json://127.0.0.1:1/sms"), message(good)) == [
        Sent(),
        Later("unreachable"),
        Sent(),
    ]


@pytest.mark.parametrize("url", [None, "", "no url", "file:///tmp/x", "syslog://", "dbus://", "json://"])
async def test_what_is_no_gateway_is_never_called(url):
    assert await send(message(url)) == [Never("bad_url")]


@pytest.mark.parametrize(
    "url",
    [
        "json://gateway.example/sms?-to={phone}",
        "mailtos://user:password@smtp.example.com?to={address}",
        "dingtalk://0123456789abcdef0123456789abcdef/{phone}",
        "wecombot://0123456789",
        "feishu://0123456789",
    ],
)
def test_a_good_address(url):
    assert problem_with(url, Outbound()) is None


@pytest.mark.parametrize("url", ["", "x", "file:///etc/passwd", "syslog://", "json://", "dingtalk://"])
def test_a_bad_address_is_said_in_both_languages(url):
    problem = problem_with(url, Outbound())
    assert problem is not None
    assert problem.zh
    assert problem.en


# Every spelling of this machine, and ways that lead to it.
OURS = [
    *("127.0.0.1", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "0", "0.0.0.0", "localhost", "LOCALHOST"),
    *("ｌocalhost", "①②⑦.0.0.1", "[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[64:ff9b::7f00:1]"),
    *("[2002:7f00:1::]", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "[fd00::1]"),
    *("[fe80::1%lo]", "224.0.0.1", "255.255.255.255", "user:word@127.0.0.1"),
]


@pytest.mark.parametrize("host", OURS)
@pytest.mark.parametrize("scheme", ["json", "mailto"])
async def test_no_gateway_is_in_our_own_network(gateway, host, scheme):
    """Neither kept, where it can be seen as it is written, nor called."""
    mail = "?from=a@b.cn&to=c@d.cn" if scheme == "mailto" else ""
    url = f"{scheme}://{host}:{gateway.port}/sms{mail}"
    (outcome,) = await send(message(url), outbound=Outbound())
    assert outcome in (Never("not_public"), Never("bad_url"), Later("unreachable"))
    assert gateway.received == []


@pytest.mark.parametrize("host", ["127.0.0.1", "2130706433", "10.0.0.1", "[::1]"])
def test_a_number_in_our_own_network_is_not_even_kept(host):
    assert problem_with(f"json://{host}/sms", Outbound()) is not None
    allowed = Outbound.parse("127.0.0.0/8, 10.0.0.0/8, ::1/128")
    assert problem_with(f"json://{host}/sms", allowed) is None


async def test_an_answer_does_not_lead_there_either(gateway, monkeypatch):
    """A gateway that is allowed sends us on to what is not."""
    url = f"http://127.0.0.2:{gateway.port}/inside"

    async def elsewhere(_request):
        raise web.HTTPFound(url)

    app = web.Application()
    app.router.add_route("*", "/{word}", elsewhere)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    sent = message(f"json://127.0.0.1:{runner.addresses[0][1]}/sms")
    (outcome,) = await send(sent, outbound=Outbound.parse("127.0.0.1/32"))
    await runner.cleanup()
    assert outcome != Sent()
    assert gateway.received == []


async def test_one_url_is_one_gateway(gateway):
    here = f"json://127.0.0.1:{gateway.port}/sms"
    for several in (f"{here}, {here}", f"{here} {here}", f"{here};{here}"):
        await send(message(several))
        assert len(gateway.received) <= 1
        gateway.received.clear()


async def test_mail_arrives_whole():
    """A mail server that speaks as much SMTP as it needs."""
    mails = []

    async def serve(reader, writer):
        writer.write(b"220 here\r\n")
        while line := await reader.readline():
            verb = line[:4].upper()
            if verb == b"DATA":
                writer.write(b"354 go on\r\n")
                mails.append(await reader.readuntil(b"\r\n.\r\n"))
            writer.write(b"221 bye\r\n" if verb == b"QUIT" else b"250 ok\r\n")
            if verb == b"QUIT":
                break
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    url = f"mailto://127.0.0.1:{port}?from=office@tianlin.example&to=wei%40tianlin.example&format=text"
    assert await send(message(url)) == [Sent()]
    server.close()
    (raw,) = mails
    mail = message_from_bytes(raw, policy=policy.default)
    assert mail["Subject"] == "签到待核实"
    assert "wei@tianlin.example" in mail["To"]
    assert "原因见签到详情。" in mail.get_body(("plain",)).get_content()
