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
from app.kernel.quotas import AtOnce, Quota
from app.notices.channels.outbound import Outbound
from app.photos.objects import PhotoObjects


@dataclass(frozen=True, slots=True)
class Limits:
    """Of requests, in one process. Who is signed in is counted by themselves, whatever the address."""

    by_person: Quota
    by_address: Quota
    at_once_by_person: AtOnce
    at_once_by_address: AtOnce
    check_ins: Quota  # that were recorded
    files: Quota  # of the office: each is kept, read apart and tried

    @classmethod
    def of(cls, requests_per_minute: int, check_ins_per_day: int) -> "Limits":
        """Behind one address may stand a whole county that is not signed in yet."""
        return cls(
            by_person=Quota(requests_per_minute, 60),
            by_address=Quota(requests_per_minute * _MANY, 60),
            at_once_by_person=AtOnce(64),
            at_once_by_address=AtOnce(1000),
            check_ins=Quota(check_ins_per_day, 24 * 3600),
            files=Quota(200, 3600),
        )


_MANY = 20


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
    limits: Limits
    public_url: str | None  # where people find this installation, without a slash at the end
    outbound: Outbound  # where counties' gateways may be
    channel_kinds: frozenset[str]  # of notice channels that this installation has set up


def services(request: Request) -> Services:
    found: Services = request.app.state.services
    return found
