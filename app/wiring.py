"""The composition root: from settings and a clock to the one object that the doors are handed."""

import secrets
from datetime import timedelta
from functools import cache
from pathlib import Path

from alembic.script import ScriptDirectory

from app.access.sessions import Lifetime
from app.directory.fences import Fences
from app.flows.keep_photo import PhotoKeeper
from app.flows.record_visits import VisitRecorder
from app.http.services import Limits, Services
from app.http.tokens import AccessTokens
from app.kernel.clock import Clock
from app.kernel.cluster import SUPERUSER, demo_url
from app.kernel.database import Database
from app.kernel.first_use import made_once
from app.kernel.gather import Gatherer
from app.notices.channels.base import Channel, Channels
from app.notices.channels.fcm import FcmChannel
from app.notices.channels.gateways import GatewayChannel
from app.notices.channels.outbound import Outbound
from app.notices.channels.webpush import WebPushChannel, vapid_public_key
from app.photos.objects import PhotoObjects
from app.settings import Settings


def database_url(settings: Settings) -> str:
    """The database named in the settings, else the private cluster's, which is started."""
    return settings.database_url or demo_url(settings.var)


def owner_url(settings: Settings) -> str:
    """The same database, for who may change its tables and remove what is evidence."""
    return settings.migration_url or settings.database_url or demo_url(settings.var, SUPERUSER)


def photo_objects(settings: Settings) -> PhotoObjects:
    """Where photos lie: what the settings name, else a folder beside the private cluster."""
    return PhotoObjects(settings.photo_store or str(settings.var / "photos"))


def public_url(settings: Settings) -> str | None:
    """Where people find this installation, without a slash at the end; None where it is not said."""
    return str(settings.public_url).rstrip("/") if settings.public_url else None


def channels(settings: Settings) -> Channels:
    """The ways of reaching people that this installation has set up. Raises ValueError or OSError for bad ones."""
    found: dict[str, Channel] = {
        "webpush": WebPushChannel(vapid_key(settings), settings.vapid_subject),
        "apprise": GatewayChannel(outbound(settings)),
    }
    if settings.fcm_credentials:
        found["fcm"] = FcmChannel(settings.fcm_credentials, settings.fcm_url)
    return found


def outbound(settings: Settings) -> Outbound:
    """Where counties' gateways may be. Raises ValueError."""
    return Outbound.parse(settings.gateway_networks)


def channel_kinds(settings: Settings) -> frozenset[str]:
    """Of `channels`, without making them."""
    return frozenset({"webpush", "apprise"} | ({"fcm"} if settings.fcm_credentials else set()))


def vapid_key(settings: Settings) -> Path:
    return settings.vapid_key or settings.var / "vapid.pem"


@cache
def schema_head() -> str:
    """The revision of the schema that this code was written for."""
    scripts = ScriptDirectory(str(Path(__file__).parent.parent / "migrations"))
    return str(scripts.get_current_head())


def is_behind(revision: str | None) -> bool:
    """Whether the database still wants a migration. Revisions are numbered: a higher one is of newer code.

    Migrations leave alone what the release before still uses, so older code goes on beside them.
    """
    return revision is None or revision < schema_head()


def worker_database(settings: Settings) -> Database:
    """What a worker works on."""
    seconds = settings.worker_timeout_s
    return Database(database_url(settings), pool_size=settings.pool_size, statement_s=seconds, patient_s=seconds)


def build(settings: Settings, clock: Clock) -> Services:
    database = Database(
        database_url(settings),
        pool_size=settings.pool_size,
        statement_s=settings.statement_timeout_s,
        patient_s=settings.files_timeout_s,
    )
    fences = Fences()
    objects = photo_objects(settings)
    secret_key = _secret_key(settings)
    recorder = VisitRecorder(database, clock, fences)
    return Services(
        database=database,
        clock=clock,
        tokens=AccessTokens(secret_key, settings.access_token_s, before=_key_before(settings)),
        visits=Gatherer(recorder.record_in_parts, limit=settings.gather_limit),
        fences=fences,
        photos=PhotoKeeper(database, clock, fences, objects, at_once=settings.photos_at_once),
        photo_objects=objects,
        photo_bytes=settings.photo_bytes,
        refresh_key=secret_key.encode(),
        lifetime=Lifetime(timedelta(days=settings.refresh_token_d), timedelta(days=settings.session_d)),
        vapid_public_key=vapid_public_key(vapid_key(settings)),
        channel_kinds=channel_kinds(settings),
        limits=Limits.of(settings.requests_per_minute, settings.check_ins_per_day),
        public_url=public_url(settings),
        outbound=outbound(settings),
    )


def _secret_key(settings: Settings) -> str:
    """The key in the settings, else one made on first use and kept beside the private cluster."""
    if settings.secret_key:
        return settings.secret_key.get_secret_value()
    return made_once(settings.var / "secret_key", lambda: secrets.token_urlsafe(48).encode()).decode()


def _key_before(settings: Settings) -> str | None:
    return settings.secret_key_before.get_secret_value() if settings.secret_key_before else None
