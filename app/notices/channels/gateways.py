"""Whatever Apprise speaks to, as far as a county may use it: WeCom, DingTalk, Feishu, SMS gateways, mail."""

import asyncio
import logging
import re
from collections.abc import Sequence
from urllib.parse import urlsplit

import apprise

from app.kernel.language import Text
from app.notices.channels.base import Later, Message, Never, Outcome, Sent
from app.notices.channels.outbound import Outbound

# Its log names addressees and goes nowhere; but only there does it say what a gateway answered.
_log = logging.getLogger("apprise")
_log.propagate = False
_log.addHandler(logging.NullHandler())
_log.setLevel(logging.WARNING)

# No scheme that would reach into the machine itself.
SCHEMES = frozenset(
    {
        *("wecombot", "dingtalk", "feishu", "lark", "bark", "barks", "ntfy", "ntfys", "schan"),
        *("json", "jsons", "form", "forms", "xml", "xmls"),
        *("mailto", "mailtos"),
    }
)
_AT_ONCE = 10
_STATUS = re.compile(r"error=(\d{3})")
_NOT_YET = {408, 425, 429}

_BAD_SCHEME = Text("不支持该渠道类型，可用：{schemes}", "That kind of address is not among {schemes}")
_BAD_URL = Text("渠道地址不完整或有误", "The address is incomplete or wrong")
_NOT_PUBLIC = Text(
    "该地址属于服务器所在的内部网络；确需使用的，请系统管理员将其列入 YEFANG_GATEWAY_NETWORKS",
    "The address is in the server's own network; whoever runs the server may allow it in YEFANG_GATEWAY_NETWORKS",
)


def problem_with(url: str, outbound: Outbound) -> Text | None:
    """What is wrong with a channel's URL, if anything, before it is kept."""
    scheme = urlsplit(url).scheme.lower()
    if scheme not in SCHEMES:
        named = ", ".join(sorted(SCHEMES))
        return Text(_BAD_SCHEME.zh.format(schemes=named), _BAD_SCHEME.en.format(schemes=named))
    tried = _plugin(url.replace("{phone}", "13800000000").replace("{address}", "a@example.com"))
    if tried is None:
        return _BAD_URL
    host = getattr(tried, "host", None) or getattr(tried, "smtp_host", None) or ""
    return None if outbound.admits_host(host) else _NOT_PUBLIC


class GatewayChannel:
    """Any of them; each message brings its own URL."""

    batch = 50

    def __init__(self, outbound: Outbound) -> None:
        self._outbound = outbound
        self._at_once = asyncio.Semaphore(_AT_ONCE)

    async def send(self, messages: Sequence[Message]) -> list[Outcome]:
        """One call for each message, some at a time: Apprise works in threads."""
        return list(await asyncio.gather(*(self._send(message) for message in messages)))

    async def _send(self, message: Message) -> Outcome:
        url = message.url or ""
        plugin = _plugin(url) if urlsplit(url).scheme.lower() in SCHEMES else None
        if plugin is None:
            return Never("bad_url")
        gateway = apprise.Apprise()
        gateway.add(plugin)
        async with self._at_once:
            with self._outbound.only() as refused:  # the thread takes it along
                result = await asyncio.to_thread(
                    gateway.notify, title=message.title, body=message.body or message.title
                )
        if refused.hosts:
            return Never("not_public")
        return Sent() if result else _refused("\n".join(str(entry) for entry in _logs(result)))

    async def close(self) -> None:
        """Nothing is kept open."""


def _plugin(url: str) -> apprise.NotifyBase | None:
    """The one gateway that a URL names: several in one, as Apprise would take them, are none."""
    found = apprise.Apprise.instantiate(url, suppress_exceptions=True)
    return found if isinstance(found, apprise.NotifyBase) else None


def _logs(result: apprise.AppriseResult) -> list[object]:
    return [entry for service in result.results for entry in service.logs()]


def _refused(said: str) -> Outcome:
    """Apprise says no more than that it failed; its log has the status. No more of it is kept: it has secrets."""
    found = _STATUS.search(said)
    status = int(found[1]) if found else None
    if status is None:
        return Later("unreachable")
    if 400 <= status < 500 and status not in _NOT_YET:  # noqa: PLR2004 - the client errors of HTTP
        return Never(f"refused: {status}")
    return Later(f"unavailable: {status}")
