"""What tests of deliveries share: a channel that remembers, phones, gateways, and what became of each notice."""

import asyncio
import json
from datetime import datetime, timedelta
from uuid import uuid4

from app.flows.deliver_notices import Dispatcher
from app.kernel.database import rows
from app.notices import service as notices
from app.notices.channels.base import Sent
from app.notices.service import NewNotice
from tests.store.duties.cast import COUNTY, HELPER, MONDAY, at

NOON = at("2026-11-23 12:00")
URL = "json://gateway/send?to={phone}"


class Recording:
    """A channel that answers as it is told, and remembers what it was given."""

    def __init__(self, *answers, batch=500):
        self.batch = batch
        self.answers = list(answers)
        self.messages = []

    async def send(self, messages):
        await asyncio.sleep(0)
        self.messages += messages
        answer = self.answers.pop(0) if self.answers else Sent("ok")
        if isinstance(answer, Exception):
            raise answer
        return [answer(message) if callable(answer) else answer for message in messages]

    async def close(self):
        pass


class Clock:
    def __init__(self, now: datetime):
        self.now = now

    def __call__(self):
        return self.now


async def ask(database, statement, **parameters):
    async with database.transaction() as session:
        return await rows(session, statement, **parameters)


async def phone(database, person=HELPER, device="p1", channel="fcm", *, token=None, ended=False):
    await ask(
        database,
        """
        WITH device AS (
          INSERT INTO device (county_id, id, person_id, push, last_seen_at)
          VALUES (:county_id, :device, :person_id, CAST(:push AS jsonb), :now))
        INSERT INTO device_session
          (county_id, id, person_id, device_id, token_hash, started_at, expires_at, ended_at)
        VALUES (:county_id, :id, :person_id, :device, decode(md5(:device), 'hex'), :now, :until, :ended_at)
        RETURNING id
        """,
        county_id=COUNTY.id,
        id=uuid4(),
        person_id=person.id,
        device=device,
        push=json.dumps({"channel": channel, "token": token or f"token-{device}"}),
        now=MONDAY,
        until=MONDAY + timedelta(days=90),
        ended_at=MONDAY if ended else None,
    )


async def gateway(database, name="sms", position=3, **more):
    await ask(
        database,
        """
        INSERT INTO notice_channel (county_id, name, kind, position, url, for_group, per_minute)
        VALUES (:county_id, :name, 'apprise', :position, :url, :for_group, :per_minute) RETURNING name
        """,
        **{"county_id": COUNTY.id, "name": name, "position": position, "url": URL}
        | {"for_group": False, "per_minute": None}
        | more,
    )


async def tell(database, *occasions, person=HELPER, kind="check_in_held", now=NOON, until=None, about=None):
    told = [NewNotice(person.id, kind, each, {"check_in_id": each} | (about or {}), until) for each in occasions]
    async with database.transaction() as session:
        await notices.tell(session, county_id=COUNTY.id, now=now, notices=told)


async def deliveries(database):
    return await ask(
        database,
        """
        SELECT notice.occasion, channel, device_id, status, attempts, reason, reply, due_at
        FROM delivery JOIN notice ON notice.id = delivery.notice_id ORDER BY occasion, delivery.created_at, channel
        """,
    )


def dispatcher(database, clock, jitter=1.0, **channels):
    return Dispatcher(database, clock, channels, lambda: jitter)
