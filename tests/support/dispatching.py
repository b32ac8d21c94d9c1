"""Dispatchers that are killed: each a process of its own, with its own connections, ended by SIGKILL while at it.

`python -m tests.support.dispatching DATABASE_URL CREDENTIALS FCM_URL KILLS` forks one after another from a process
that has imported everything, so that a hundred of them take seconds; the last one is left to finish.
"""

import asyncio
import math
import os
import random
import signal
import sys
import time
from datetime import timedelta
from pathlib import Path

import asyncpg  # noqa: F401 - what each child would import for itself
import httpcore  # noqa: F401

from app.flows.deliver_notices import Dispatcher
from app.kernel.database import Database
from app.kernel.roles import as_service
from app.notices.channels.fcm import FcmChannel
from app.notices.delivering import LEASE
from tests.store.duties.cast import at

BATCH = 40
MORNING = at("2026-11-23 08:00")


class _Telling(FcmChannel):
    """Says when it begins to send, and dies when so many messages have been answered."""

    def __init__(self, credentials: Path, url: str, begun: int, answers: float) -> None:
        super().__init__(credentials, url)
        self.batch = BATCH
        self._begun = begun
        request = self._client.request

        async def answered(*asked, **named):
            nonlocal answers
            answer = await request(*asked, **named)
            answers -= 1
            if not answers:
                os.kill(os.getpid(), signal.SIGKILL)
            return answer

        self._client.request = answered

    async def send(self, messages):
        os.write(self._begun, b".")
        return await super().send(messages)


async def _dispatch(url: str, fcm: FcmChannel, number: int) -> None:
    """The `number`-th begins when the lease of the one before has run out: here that is not waited for."""
    begun = time.monotonic()
    database = Database(as_service(url), pool_size=3)

    def clock():
        return MORNING + number * LEASE + timedelta(seconds=time.monotonic() - begun)

    dispatcher = Dispatcher(database, clock, {"fcm": fcm}, random.random)
    while await dispatcher.deliver_due():
        pass


def main() -> None:
    """Every second one dies by what it has done, the others at some moment, wherever they are then."""
    url, credentials, fcm_url, kills = sys.argv[1], Path(sys.argv[2]), sys.argv[3], int(sys.argv[4])
    chance = random.Random(1)  # seeded: the same each time, as far as the machine lets it be the same
    for number in range(kills + 1):
        begun, telling = os.pipe()
        answers = chance.randint(1, BATCH) if number % 2 and number < kills else math.inf
        if child := os.fork():
            os.close(telling)
            if number < kills:
                os.read(begun, 1)  # nothing, should it find nothing to send
                if answers == math.inf:
                    time.sleep(chance.uniform(0, 0.08))
                    os.kill(child, signal.SIGKILL)
            _, status = os.waitpid(child, 0)
            if number == kills and status:
                sys.exit("the last one failed")
            os.close(begun)
        else:
            asyncio.run(_dispatch(url, _Telling(credentials, fcm_url, telling, answers), number))
            os._exit(0)


if __name__ == "__main__":
    main()
