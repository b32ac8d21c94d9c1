"""Take what a tracking app has sent: its check-ins, its fixes, its call for help, and what nobody can take.

These apps send the oldest record again for ever until it is answered with success. So whatever can never be taken
goes into quarantine and is answered like the rest; only what may succeed later raises.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from app.access import client_keys, quarantine
from app.access.client_records import ClientFix, ClientRecord, KeyHolder, Refused
from app.checkins.rules import Fix, Visit
from app.directory.leaders import leaders_of
from app.flows.record_visits import VisitGatherer
from app.kernel.database import Database
from app.kernel.failures import passes
from app.kernel.problems import NOT_SIGNED_IN, SESSION_ENDED, Problem
from app.notices import service as notices
from app.notices.service import NewNotice
from app.tracks import service as tracks
from app.tracks.service import NewFix

log = structlog.get_logger()

_CLIENTS = UUID("6f1b5d0e-54a4-5b0e-9d2c-5b7a2e3f8c11")  # the namespace of check-ins that apps make
_ONE_CALL = timedelta(minutes=10)  # calls for help this close together are one


@dataclass(frozen=True, slots=True)
class Sent:
    """One request of an app: all of it, taken apart."""

    records: Sequence[ClientRecord | Refused]
    body: bytes
    app_version: str | None

    @property
    def said(self) -> list[ClientRecord]:
        return [record for record in self.records if isinstance(record, ClientRecord)]

    @property
    def refused(self) -> list[Refused]:
        return [record for record in self.records if isinstance(record, Refused)]


async def holder_of(database: Database, key: str, *, client: str, now: datetime) -> KeyHolder:
    """Raises `NOT_SIGNED_IN`."""
    async with database.transaction(client_keys.county_of(key)) as session:
        return await client_keys.holder(session, key, client=client, now=now)


async def take(database: Database, visits: VisitGatherer, who: KeyHolder, sent: Sent, *, now: datetime) -> None:
    """On return, everything is stored. Raises `NOT_SIGNED_IN`, and what is answered with "come back later"."""
    refused = [*sent.refused, *await _check_in(visits, who, sent)]
    try:
        async with database.transaction(who.county_id) as session:
            await _keep(session, who, sent.said, refused, now)
    except DBAPIError as error:
        if passes(error):
            raise  # the door says when to come back
        log.exception("client_records_failed", client=who.client)
        async with database.transaction(who.county_id) as session:
            without_fixes = [replace(record, fix=None) for record in sent.said]
            await _keep(session, who, without_fixes, [Refused("internal", sent.body)], now)


async def _check_in(visits: VisitGatherer, who: KeyHolder, sent: Sent) -> list[Refused]:
    """Post what the user pressed the button for; returns what can never be taken."""
    new = [
        _visit(who, said, at, sent.app_version)
        for said in sent.said
        if said.check_in and (at := said.fix.at if said.fix else said.pressed_at)
    ]
    outcomes = await visits.submit(who.county_id, new) if new else ()
    others_are_stored = any(outcome.check_in for outcome in outcomes)
    for outcome in outcomes:
        if outcome.status == "deferred" and outcome.problem:
            # What the server fails on while it stores the rest would block the app's queue for ever.
            if outcome.failed_alone and others_are_stored:
                continue
            ended = outcome.problem.kind is SESSION_ENDED
            raise Problem(NOT_SIGNED_IN) if ended else outcome.problem
    return [
        Refused("refused", _body_of(visit))
        for visit, outcome in zip(new, outcomes, strict=True)
        if outcome.problem
    ]


def _body_of(record: Visit | NewFix) -> bytes:
    """What was understood of a record that nobody can take."""
    return json.dumps(asdict(record), default=str, ensure_ascii=False).encode()


def _visit(who: KeyHolder, said: ClientRecord, at: datetime, app_version: str | None) -> Visit:
    """The same fix is the same visit, whichever of the device's keys it comes with and however it is written."""
    check_in_id = uuid5(_CLIENTS, f"{who.county_id}\n{who.person_id.hex}\n{who.device_id}\n{said.identity}")
    return Visit(
        id=check_in_id,
        person_id=who.person_id,
        session_id=who.session_id,
        captured_at=said.pressed_at or at,
        fix=_as_stated(said.fix) if said.fix else None,
        position_problem=None if said.fix else "unavailable",
        purpose="village_duty",
        household_id=None,
        note=said.note,
        photo_ids=(),
        form=None,
        app_version=app_version,
        content_hash=hashlib.sha256(who.person_id.bytes + check_in_id.bytes).digest(),
    )


def _as_stated(fix: ClientFix) -> Fix:
    return Fix(
        lon=fix.lon,
        lat=fix.lat,
        crs="wgs84",
        accuracy_m=fix.accuracy_m,
        altitude_m=fix.altitude_m,
        speed_mps=fix.speed_mps,
        mock=None,
        fixed_at=fix.at,
    )


async def _keep(
    session: AsyncSession, who: KeyHolder, said: Sequence[ClientRecord], refused: list[Refused], now: datetime
) -> None:
    """Contact, fixes, calls for help and quarantine, in one transaction."""
    status = [record.problems for record in said if record.problems is not None]
    await client_keys.heard_from(session, who, problems=status[-1] if status else None, now=now)
    added = await tracks.add(session, county_id=who.county_id, fixes=_fixes(who, said), now=now)
    # A fix that is too old is not kept here either: tracks have a retention time.
    ahead = [Refused("bad_time", _body_of(no.fix)) for no in added.refused if no.reason == "in_future"]
    await quarantine.put(session, who, [*refused, *ahead], now=now)
    await notices.tell(
        session,
        county_id=who.county_id,
        now=now,
        notices=[*_told_of_encryption(who, refused, now), *await _calls_for_help(session, who, said, now)],
    )


def _fixes(who: KeyHolder, said: Sequence[ClientRecord]) -> list[NewFix]:
    return [
        NewFix(
            person_id=who.person_id,
            session_id=who.session_id,
            fixed_at=fix.at,
            lon=fix.lon,
            lat=fix.lat,
            accuracy_m=fix.accuracy_m,
            altitude_m=fix.altitude_m,
            speed_mps=fix.speed_mps,
            heading_deg=fix.heading_deg,
            battery=fix.battery,
            key=hashlib.sha256(f"{who.device_id}\n{record.identity}".encode()).digest(),
        )
        for record in said
        if (fix := record.fix) is not None
    ]


def _told_of_encryption(who: KeyHolder, refused: Sequence[Refused], now: datetime) -> list[NewNotice]:
    """A phone so configured sends everything in vain: its owner is told, once a day."""
    if not any(record.reason == "encrypted" for record in refused):
        return []
    day = now.astimezone(ZoneInfo(who.timezone)).date()
    occasion = f"client_encrypted:{who.session_id}:{day}"
    return [NewNotice(who.person_id, "client_encrypted", occasion, {}, today=True)]


async def _calls_for_help(
    session: AsyncSession, who: KeyHolder, said: Sequence[ClientRecord], now: datetime
) -> list[NewNotice]:
    calls = {_call(who, record): record for record in said if record.sos_at}
    if not calls:
        return []
    today = now.astimezone(ZoneInfo(who.timezone)).date()
    leaders = await leaders_of(session, county_id=who.county_id, person_id=who.person_id, today=today)
    return [
        NewNotice(leader, "sos", occasion, _about(who, record))
        for occasion, record in calls.items()
        for leader in leaders
    ]


def _call(who: KeyHolder, record: ClientRecord) -> str:
    """The occasion: whoever presses the button again and again calls once."""
    at = record.sos_at.timestamp() if record.sos_at else 0
    return f"sos:{who.person_id}:{int(at // _ONE_CALL.total_seconds())}"


def _about(who: KeyHolder, record: ClientRecord) -> dict[str, object]:
    """The place is in `about`, for the leader's own screen, and in no text: channels carry those about."""
    local = record.sos_at.astimezone(ZoneInfo(who.timezone)) if record.sos_at else None
    fix = record.fix
    return {
        "person": {"id": who.person_id, "name": who.name},
        "phone": who.phone,
        "at": f"{local:%Y-%m-%d %H:%M}" if local else "",
        "position": fix and {"lon": fix.lon, "lat": fix.lat, "accuracy_m": fix.accuracy_m},
        "fixed_at": fix and fix.at,
    }
