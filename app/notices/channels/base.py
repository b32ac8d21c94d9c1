"""What a channel is given, and what it says of each message: the only thing that dispatching knows of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Protocol
from uuid import UUID

_SHORT = 400


@dataclass(frozen=True, slots=True)
class Message:
    """消息: one notice in its reader's words, for one phone or address. Names no place: others may see the screen.

    The same notice may come twice (a dispatcher that died after sending): `notice_id` lets the phone show one.
    """

    notice_id: UUID
    kind: str
    title: str
    body: str
    urgent: bool
    push: Mapping[str, object] | None = None  # the phone's registration, as `PUT /v1/devices/{id}` gave it
    url: str | None = None  # of apprise, complete

    @property
    def short_body(self) -> str:
        """For pushes, which may have 4 KB in all and are seen as a few lines."""
        return self.body if len(self.body) <= _SHORT else f"{self.body[: _SHORT - 1]}…"


@dataclass(frozen=True, slots=True)
class Sent:
    """Taken by the channel, which calls it `reply`."""

    reply: str | None = None


@dataclass(frozen=True, slots=True)
class Later:
    """Not now; `after_s` is when the channel wants to hear of it again, where it says.

    Where `pause`, that goes for everything that the county sends this way.
    """

    reason: str
    after_s: float | None = None
    pause: bool = False


@dataclass(frozen=True, slots=True)
class Never:
    """Not this way, ever. Where `gone`, the registration itself is no good any more."""

    reason: str
    gone: bool = False


Outcome = Sent | Later | Never


class Channel(Protocol):
    """One way of reaching people. `batch` is how many messages it takes at a time."""

    @property
    def batch(self) -> int: ...

    async def send(self, messages: Sequence[Message]) -> Sequence[Outcome]:
        """One outcome per message, in order. Whatever is raised means `Later` for all of them."""
        ...

    async def close(self) -> None: ...


Channels = Mapping[str, Channel]
"""By kind, as far as this installation has them set up."""


def retry_after_s(headers: Mapping[str, str]) -> float | None:
    """For how long the server wants to be left alone (RFC 9110, 10.2.3): seconds, or a date by its own clock."""
    said = headers.get("Retry-After")
    try:
        if said is None or said.isdecimal():
            return None if said is None else float(said)
        return max((parsedate_to_datetime(said) - parsedate_to_datetime(headers["Date"])).total_seconds(), 0.0)
    except (ValueError, KeyError, TypeError):
        return None
