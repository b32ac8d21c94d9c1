"""Where the bytes lie: a local folder or any S3, through one library. An object is written once, never changed."""

import asyncio
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import obstore
import structlog
from obstore.exceptions import BaseError
from obstore.store import LocalStore, from_url

from app.kernel.language import Text
from app.kernel.problems import UNAVAILABLE, Problem

if TYPE_CHECKING:
    from obstore import GetResult
    from obstore.store import ObjectStore

log = structlog.get_logger()

_CHUNK = 256 * 1024
_LISTED = 1000  # objects a page, which is also what S3 gives at once
_OUT_OF_REACH = Text("照片存储暂不可用，请稍后重试", "The store of photos is out of reach; try again later")


class PhotoObjects:
    """Objects by key. Raises `UNAVAILABLE` when the store is out of reach."""

    def __init__(self, place: str) -> None:
        """`place` is a folder, or a URL such as `s3://bucket/prefix` (then AWS_* of the environment apply)."""
        self._folder = None if "://" in place else Path(place).absolute()
        if self._folder:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)  # nobody else's business
        self._store: ObjectStore = (
            LocalStore(self._folder)
            if self._folder
            else from_url(
                place,
                # An endpoint on a closed network may be plain HTTP. A store that hangs must not hang us.
                client_options={"allow_http": True, "connect_timeout": "5s", "timeout": "60s"},
                retry_config={"max_retries": 3, "retry_timeout": timedelta(seconds=30)},
            )
        )

    async def put(self, key: str, data: bytes) -> None:
        """When this returns, the object survives a crash."""
        try:
            await obstore.put_async(self._store, key, data, use_multipart=False)
            if self._folder:
                await asyncio.to_thread(_flush, self._folder, key)
        except (BaseError, OSError) as error:
            raise _unavailable(error) from None

    async def get(self, key: str) -> AsyncIterator[bytes] | None:
        """The object's bytes in pieces, or None when there is no such object."""
        try:
            found = await obstore.get_async(self._store, key)
        except FileNotFoundError:
            return None
        except (BaseError, OSError) as error:
            raise _unavailable(error) from None
        return _pieces(found)

    async def delete(self, keys: Sequence[str]) -> None:
        """What is not there is deleted already."""
        try:
            try:
                await obstore.delete_async(self._store, list(keys))
            except FileNotFoundError:  # a folder stops at what is not there
                for key in keys:
                    with suppress(FileNotFoundError):
                        await obstore.delete_async(self._store, key)
        except (BaseError, OSError) as error:
            raise _unavailable(error) from None

    async def remove_all(self, prefix: str) -> int:
        """Delete all objects below `prefix`. How many."""
        removed = 0
        async for page in self.listing(prefix):
            await self.delete([key for key, _ in page])
            removed += len(page)
        return removed

    async def listing(self, prefix: str) -> AsyncIterator[list[tuple[str, datetime]]]:
        """All objects below `prefix`, in pages of (key, when it was written by the store's clock)."""
        try:
            async for objects in obstore.list(self._store, prefix, chunk_size=_LISTED):
                yield [(each["path"], each["last_modified"]) for each in objects]
        except (BaseError, OSError) as error:
            raise _unavailable(error) from None


async def _pieces(found: "GetResult") -> AsyncIterator[bytes]:
    async for piece in found.stream(min_chunk_size=_CHUNK):
        yield bytes(piece)


def _flush(folder: Path, key: str) -> None:
    """Make the machine write the file, and the folders that name it, before it says more."""
    path = folder / key
    for each in (path, *path.parents[: len(Path(key).parts)]):
        descriptor = os.open(each, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _unavailable(error: Exception) -> Problem:
    log.error("photo_store_unavailable", error=type(error).__name__)
    return Problem(UNAVAILABLE, _OUT_OF_REACH, retry_after_s=30)
