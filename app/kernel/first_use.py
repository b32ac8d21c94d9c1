"""Files that are made on first use, whoever comes first: the keys of an installation that names none."""

import secrets
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path


def made_once(path: Path, make: Callable[[], bytes]) -> bytes:
    """What is in the file, made where there is none. Processes that start together find the same in it."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        own = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
        own.touch(mode=0o600)
        try:
            own.write_bytes(make())
            with suppress(FileExistsError):  # a link, unlike a move, takes nobody's place
                path.hardlink_to(own)
        finally:
            own.unlink()
    return path.read_bytes()
