"""Who sends by which key, and what a tracking app says, taken apart into records that hold for all of them."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from app.access.words import Client


class KeyHolder(NamedTuple):
    """Whose key it is, and for which device, as it is kept; `timezone` is the county's."""

    county_id: str
    person_id: UUID
    session_id: UUID
    device_id: str
    client: Client
    phone: str
    name: str
    timezone: str


@dataclass(frozen=True, slots=True)
class ClientFix:
    """Where and when, as an app measured it: WGS-84 degrees, metres, m/s, degrees from north, battery 0 to 1.

    None where unknown.
    """

    at: datetime
    lon: float
    lat: float
    accuracy_m: float | None
    altitude_m: float | None
    speed_mps: float | None
    heading_deg: float | None
    battery: float | None

    @property
    def identity(self) -> str:
        """When and where: the same for the same fix, however it is written."""
        return f"{self.at.timestamp():.3f} {self.lon!r} {self.lat!r}"


@dataclass(frozen=True, slots=True)
class ClientRecord:
    """One record. `identity` tells it from all others of its device; `check_in`: the user pressed the button.

    `pressed_at` is when, by the phone's clock, where the app says so or knew no position: the fix may be older.
    `problems` are what the app says may silence it (`client_keys.STATUS_TEXTS`), None where it says nothing of it.
    """

    identity: str = ""
    fix: ClientFix | None = None
    check_in: bool = False
    pressed_at: datetime | None = None
    note: str = ""
    sos_at: datetime | None = None
    problems: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """A record that nobody can take: why (of `quarantine.REASONS`), and all of it as it came."""

    reason: str
    body: bytes
