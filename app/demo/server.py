"""A server in a child process whose clock the simulation turns."""

import multiprocessing
import os
import socket
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from multiprocessing.sharedctypes import Synchronized
from types import TracebackType
from typing import Any, Self

import uvicorn

from app.http.server import OPTIONS as SERVER
from app.kernel import log
from app.kernel.clock import Clock

_STOP_S = 10


class SharedClock:
    """Shows the time that is written into memory shared by two processes."""

    def __init__(self, seconds: "Synchronized[float]") -> None:
        self._seconds = seconds

    def __call__(self) -> datetime:
        return datetime.fromtimestamp(self._seconds.value, UTC)

    def turn(self, now: datetime) -> None:
        """Forward only: of two posts on their way together, the later one tells the time."""
        self._seconds.value = max(self._seconds.value, now.timestamp())


class TurnedServer(AbstractContextManager["TurnedServer"]):
    """Serves what `make_app(clock)` builds, on a free port of this machine, until the block ends."""

    def __init__(self, make_app: Callable[[Clock], object], start: datetime) -> None:
        context = multiprocessing.get_context("spawn")
        self.clock = SharedClock(context.Value("d", start.timestamp()))
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.base_url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._process = context.Process(
            target=_serve, args=(make_app, self.clock, self._listener), name="simulated server", daemon=True
        )

    def __enter__(self) -> Self:
        self._process.start()
        self._listener.close()  # the child's is open: who connects from now on waits until it answers
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.terminate()
        self._process.join(_STOP_S)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()


def _serve(make_app: Callable[[Clock], Any], clock: Clock, listener: socket.socket) -> None:
    """The child: serves until it is told to stop, or its parent is gone."""
    log.configure("warning")
    threading.Thread(target=_end_with_parent, daemon=True).start()
    config = uvicorn.Config(
        make_app(clock),
        **SERVER,
        timeout_keep_alive=600,  # so that no connection is closed in the moment in which a phone takes it up again
    )
    uvicorn.Server(config).run(sockets=[listener])


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
