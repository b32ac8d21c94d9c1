"""Keys made on first use: whoever starts at the same time finds the same one."""

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from app.kernel.first_use import made_once
from app.notices.channels.webpush import vapid_public_key

TOGETHER = 6


def test_first_starts_together_make_one_key(tmp_path: Path):
    """All find no file, and only then does any of them write one."""
    path, all_there, numbers = tmp_path / "var" / "secret_key", threading.Barrier(TOGETHER), iter(range(TOGETHER))

    def make() -> bytes:
        mine = next(numbers)
        all_there.wait(30)
        return f"key {mine}".encode()

    with ThreadPoolExecutor(TOGETHER) as starts:
        found = list(starts.map(lambda _: made_once(path, make), range(TOGETHER)))
    assert len(set(found)) == 1
    assert path.read_bytes() == found[0]
    assert [each.name for each in path.parent.iterdir()] == ["secret_key"]
    assert path.stat().st_mode & 0o777 == 0o600


def test_what_is_there_stays(tmp_path: Path):
    path = tmp_path / "key"
    path.write_text("mine")
    assert made_once(path, lambda: b"another") == b"mine"


def test_push_is_signed_with_one_key(tmp_path: Path):
    with ThreadPoolExecutor(TOGETHER) as starts:
        found = set(starts.map(lambda _: vapid_public_key(tmp_path / "vapid.pem"), range(TOGETHER)))
    assert len(found) == 1
