"""How long is waited after wrong passwords."""

from datetime import timedelta

_FREE_TRIES = 5
_LONGEST_WAIT = timedelta(minutes=15)


def wait_after_failures(failures: int) -> timedelta:
    """How long after so many wrong passwords in a row no further try is heard: 0, then 2 s to 15 min."""
    if failures < _FREE_TRIES:
        return timedelta(0)
    doublings = min(failures - _FREE_TRIES, 9)  # 2 s, ten times doubled, is past the longest wait already
    return min(timedelta(seconds=2 ** (doublings + 1)), _LONGEST_WAIT)
