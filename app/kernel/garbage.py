"""Garbage collection of a process that has started and is to stay."""

import gc


def collect_rarely() -> None:
    """To be called once everything is there.

    Looking for garbage took a seventh of a busy server's time, and a sixth of a worker's that sends. What is here
    now stays for ever, and a request or a message leaves little behind that is not freed at once.
    """
    gc.freeze()
    gc.set_threshold(50_000, 20)
