"""Nobody waits behind a crowd: what is urgent, other channels and other counties have their turn a batch later."""

import asyncio
from collections import Counter

import pytest

from app.notices import service as notices
from app.notices.service import NewNotice
from app.worker.dispatch import dispatch
from tests.store.duties.cast import COUNTY, HELPER, LEADER
from tests.support.notices import NOON, Recording, deliveries, dispatcher, gateway, phone, tell

SOS = {"person": {"name": "x"}, "phone": "1", "at": "x"}


class Held(Recording):
    """Answers once it is let go."""

    def __init__(self, **more):
        super().__init__(**more)
        self.begun, self.go = asyncio.Event(), asyncio.Event()

    async def send(self, messages):
        self.begun.set()
        await self.go.wait()
        return await super().send(messages)


@pytest.fixture
async def dispatching():
    """Begins to dispatch in the background; ended with the test."""
    stop, running = asyncio.Event(), []

    def begin(dispatcher):
        running.append(asyncio.create_task(dispatch(dispatcher, stop, every_s=0.01)))
        return stop, running[0]

    async with asyncio.timeout(30):
        yield begin
        stop.set()
        await asyncio.gather(*running)


async def test_a_call_for_help_goes_out_before_all_that_wait(database, clock):
    await phone(database)
    await tell(database, *map(str, range(200)))

    class Told(Recording):
        async def send(self, messages):
            if not self.messages:
                await tell(database, "help", kind="sos", about=SOS)
            return await super().send(messages)

    fcm = Told(batch=10)
    await dispatcher(database, clock, fcm=fcm).deliver_due()
    kinds = [message.kind for message in fcm.messages]
    assert len(kinds) == 201
    assert kinds.index("sos") == 10  # behind the batch that had been taken


async def test_who_is_told_by_another_channel_does_not_wait_for_a_slow_one(database, clock, dispatching):
    await phone(database)
    await gateway(database)
    await tell(database, "a")
    fcm, sms = Held(), Held()
    sms.go.set()
    dispatching(dispatcher(database, clock, fcm=fcm, apprise=sms))
    await fcm.begun.wait()
    await tell(database, "b", person=LEADER)  # who has no phone
    await sms.begun.wait()
    assert fcm.messages == []
    fcm.go.set()


async def test_channels_take_turns_batch_by_batch(database, clock):
    names = [f"g{number}" for number in range(12)]
    for name in names:
        await gateway(database, name=name, url=f"json://{name}")
        told = [NewNotice(HELPER.id, "channel_test", f"{name} {number}", {}) for number in range(30)]
        async with database.transaction() as session:
            await notices.tell(session, county_id=COUNTY.id, now=NOON, notices=told, channel=name)
    every = Recording(batch=5)
    await dispatcher(database, clock, apprise=every).deliver_due()
    assert Counter(message.url for message in every.messages) == {f"json://{name}": 30 for name in names}
    # Two batches of each, at most, before the last one has its first.
    assert {message.url for message in every.messages[: 2 * 12 * 5]} == {f"json://{name}" for name in names}


async def test_who_is_to_stop_keeps_what_was_sent_and_begins_nothing(database, clock, dispatching):
    await phone(database)
    await tell(database, *map(str, range(50)))
    fcm = Held(batch=10)
    stop, ended = dispatching(dispatcher(database, clock, fcm=fcm))
    await fcm.begun.wait()
    stop.set()
    fcm.go.set()
    await ended
    sent = [row for row in await deliveries(database) if row.status == "sent"]
    assert len(sent) == len(fcm.messages) == 10
