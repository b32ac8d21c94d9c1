"""Web Push against a push service on this machine, which decrypts and verifies as a browser would."""

import base64
import json
import os
import ssl
from dataclasses import dataclass, field
from datetime import UTC, datetime

import http_ece
import jwt
import pytest
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from app.kernel.ids import new_id
from app.notices.channels.base import Later, Message, Never, Sent
from app.notices.channels.webpush import WebPushChannel, vapid_public_key


def base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unbase64url(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass
class Browser:
    """What holds the private half of a subscription."""

    port: int
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    secret: bytes = field(default_factory=lambda: os.urandom(16))

    def subscription(self, path="ok"):
        point = self.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return {
            "endpoint": f"http://127.0.0.1:{self.port}/{path}",
            "keys": {"p256dh": base64url(point), "auth": base64url(self.secret)},
        }

    def open(self, sealed: bytes):
        return json.loads(
            http_ece.decrypt(sealed, private_key=self.key, auth_secret=self.secret, version="aes128gcm")
        )


@dataclass
class PushService:
    received: list = field(default_factory=list)
    answers = {"gone": 410, "unknown": 404, "other": 403, "none": 401, "large": 413, "broken": 500, "moved": 307}  # noqa: RUF012

    async def take(self, request: web.Request):
        self.received.append((dict(request.headers), await request.read()))
        word = request.path[1:]
        if word == "busy":
            return web.Response(status=429, headers={"Retry-After": "120"})
        if word == "moved":
            return web.Response(status=307, headers={"Location": "http://127.0.0.1/elsewhere"})
        return web.Response(status=self.answers.get(word, 201), headers={"Location": "/message/1"})


@pytest.fixture
async def service():
    service = PushService()
    app = web.Application()
    app.router.add_post("/{word}", service.take)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield service, Browser(runner.addresses[0][1])
    await runner.cleanup()


@pytest.fixture
async def channel(tmp_path):
    channel = WebPushChannel(tmp_path / "vapid.pem", "mailto:office@tianlin.example", local=True)
    yield channel
    await channel.close()


def message(subscription, *, urgent=False, body="原因见签到详情。"):
    push = {"channel": "webpush", "subscription": subscription}
    return Message(new_id(), "check_in_held", "签到待核实", body, urgent, push=push)


async def test_only_the_browser_can_read_it_and_it_knows_who_sent_it(service, channel):
    push_service, browser = service
    one = message(browser.subscription(), urgent=True)
    assert await channel.send([one]) == [Sent("/message/1")]
    ((headers, sealed),) = push_service.received
    assert browser.open(sealed) == {
        "notice_id": str(one.notice_id),
        "kind": "check_in_held",
        "title": "签到待核实",
        "body": "原因见签到详情。",
    }
    assert (headers["TTL"], headers["Urgency"], headers["Topic"]) == ("86400", "high", one.notice_id.hex)
    scheme, _, rest = headers["Authorization"].partition(" ")
    said = dict(part.strip().split("=", 1) for part in rest.split(","))
    assert (scheme, said["k"]) == ("vapid", channel.public_key)
    key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), unbase64url(said["k"]))
    claims = jwt.decode(said["t"], key, algorithms=["ES256"], audience=f"http://127.0.0.1:{browser.port}")
    assert claims["sub"] == "mailto:office@tianlin.example"


async def test_a_long_text_is_cut_to_what_a_push_may_have(service, channel):
    push_service, browser = service
    assert await channel.send([message(browser.subscription(), body="字" * 5000)]) == [Sent("/message/1")]
    ((_, sealed),) = push_service.received
    assert len(sealed) < 4096
    assert browser.open(sealed)["body"] == "字" * 399 + "…"


@pytest.mark.parametrize(
    ("path", "outcome"),
    [
        ("gone", Never("unregistered: 410", gone=True)),
        ("unknown", Never("unregistered: 404", gone=True)),
        ("other", Never("other_key: 403")),
        ("none", Never("other_key: 401")),
        ("large", Never("refused: 413")),
        ("moved", Never("refused: 307")),
        ("busy", Later("unavailable: 429", 120)),
        ("broken", Later("unavailable: 500")),
    ],
)
async def test_what_becomes_of_each_answer(service, channel, path, outcome):
    assert await channel.send([message(service[1].subscription(path))]) == [outcome]


@pytest.mark.parametrize(
    "change",
    [
        {"endpoint": None},
        {"endpoint": "file:///etc/passwd"},
        {"keys": {}},
        {"keys": {"p256dh": "AAAA", "auth": "AAAA"}},
        {"keys": {"p256dh": 1, "auth": 2}},
        {"keys": None},
    ],
    ids=str,
)
async def test_what_is_no_subscription_is_forgotten(service, channel, change):
    subscription = service[1].subscription() | change
    (outcome,) = await channel.send([message(subscription)])
    assert outcome == Never("bad_subscription", gone=True)
    assert service[0].received == []


@pytest.mark.parametrize("push", [None, "x", [], {}])
async def test_nor_is_nothing_at_all(channel, push):
    assert await channel.send([message(push)]) == [Never("bad_subscription", gone=True)]


async def test_nobody_makes_us_call_our_own_network(service, tmp_path):
    push_service, browser = service
    channel = WebPushChannel(tmp_path / "vapid.pem", "mailto:a@b.cn")
    subscription = browser.subscription()
    asked = [
        f"http://127.0.0.1:{browser.port}/ok",
        f"https://127.0.0.1:{browser.port}/ok",
        f"https://[::1]:{browser.port}/ok",
        f"https://localhost:{browser.port}/ok",
        "https://10.0.0.1/ok",
        "https://169.254.169.254/latest/meta-data",
        f"https://[::ffff:127.0.0.1]:{browser.port}/ok",
        f"https://[64:ff9b::7f00:1]:{browser.port}/ok",
        f"https://2130706433:{browser.port}/ok",
        f"https://0177.0.0.1:{browser.port}/ok",
        f"https://0x7f.1:{browser.port}/ok",
        f"https://127.1:{browser.port}/ok",
        f"https://0:{browser.port}/ok",
        f"https://①②⑦.0.0.1:{browser.port}/ok",
        f"https://ｌocalhost:{browser.port}/ok",
    ]
    outcomes = await channel.send([message(subscription | {"endpoint": endpoint}) for endpoint in asked])
    await channel.close()
    assert not any(isinstance(outcome, Sent) for outcome in outcomes)
    assert push_service.received == []


@pytest.fixture
async def self_signed(tmp_path):
    """A push service whose certificate nobody here trusts; its port."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(1).not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
    made = made.not_valid_after(datetime(2120, 1, 1, tzinfo=UTC))
    made = made.add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
    pem = tmp_path / "own.pem"
    pem.write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        + made.sign(key, SHA256()).public_bytes(Encoding.PEM)
    )
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(pem)
    runner = web.AppRunner(web.Application())
    await runner.setup()
    await web.TCPSite(runner, "localhost", 0, ssl_context=context).start()
    yield runner.addresses[0][1]
    await runner.cleanup()


async def test_a_certificate_that_is_not_trusted_takes_no_registration_away(self_signed, channel):
    subscription = Browser(self_signed).subscription() | {"endpoint": f"https://localhost:{self_signed}/ok"}
    (outcome,) = await channel.send([message(subscription)])
    assert outcome == Later("unreachable")


@pytest.mark.parametrize("host", ["a" * 64, "not a name", "[::1", "例" * 64])
async def test_a_name_that_is_none_takes_nobody_else_with_it(service, channel, host):
    wrong = service[1].subscription() | {"endpoint": f"https://{host}/ok"}
    bad, good = await channel.send([message(wrong), message(service[1].subscription())])
    assert (type(bad), good) in ((Never, Sent("/message/1")), (Later, Sent("/message/1")))


async def test_a_service_out_of_reach_is_later(channel):
    (outcome,) = await channel.send([message(Browser(1).subscription())])
    assert isinstance(outcome, Later)


def test_the_key_is_made_once(tmp_path):
    path = tmp_path / "var" / "vapid.pem"
    first = vapid_public_key(path)
    assert vapid_public_key(path) == first
    assert path.stat().st_mode & 0o077 == 0
    assert list(path.parent.iterdir()) == [path]
    assert len(unbase64url(first)) == 65
