"""What the doors are handed: one frozen object, built by `wiring.py` and kept on `app.state.services`."""

from dataclasses import dataclass

from fastapi import Request

from app.access.sessions import Lifetime
from app.directory.fences import Fences
from app.flows.keep_photo import PhotoKeeper
from app.flows.record_visits import VisitGatherer
from app.http.tokens import AccessTokens
from app.kernel.clock import Clock
from app.kernel.database import Database
from app.notices.channels.outbound import Outbound
from app.photos.objects import PhotoObjects


@dataclass(frozen=True, slots=True)
class Services:
    """The engine, the clock, and what is made once for the process."""

    database: Database
    clock: Clock
    tokens: AccessTokens
    visits: VisitGatherer
    fences: Fences
    photos: PhotoKeeper
    photo_objects: PhotoObjects
    photo_bytes: int
    refresh_key: bytes  # by which a refresh token has its successor
    lifetime: Lifetime  # of sessions
    vapid_public_key: str
    public_url: str | None  # where people find this installation, without a slash at the end
    outbound: Outbound  # where counties' gateways may be
    channel_kinds: frozenset[str]  # of notice channels that this installation has set up


def services(request: Request) -> Services:
    found: Services = request.app.state.services
    return found
