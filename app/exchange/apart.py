"""Reads an untrusted file in a process of its own: with so much memory and time, without our environment.

The child is `app/exchange/child.py`: bytes come in on stdin, JSON goes out on stdout.
"""

import asyncio
import json
import subprocess
import sys
from base64 import b64decode, b64encode
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, time
from functools import partial
from typing import Any

from app.exchange import boundary_guards, document_guards
from app.exchange.boundaries import Boundaries, Feature
from app.exchange.child import DAY, MOMENT, SECONDS, TIME
from app.exchange.document_check import Fault
from app.exchange.documents import Values
from app.exchange.refusals import refused
from app.exchange.words import DocumentPart
from app.exchange.workbooks import Sheet, Value

_SECONDS = SECONDS
_TURNS = ThreadPoolExecutor(max_workers=4, thread_name_prefix="apart")  # who comes fifth waits: memory has an end


async def sheets(data: bytes, file_name: str) -> list[Sheet]:
    """The sheets of a file. Raises `Refusal`."""
    return await asyncio.to_thread(_sheets, (await _ask(data, "sheets", _extension(file_name)))["sheets"])


async def boundaries(data: bytes, file_name: str, crs: str | None) -> Boundaries:
    """The boundaries in a file, in WGS-84; `crs` is what the office says of it. Raises `Refusal`."""
    said = await _ask(data, "boundaries", _extension(file_name), *([crs] if crs else []))
    return Boundaries(**said | {"features": [Feature(**each) for each in said["features"]]})


class FaultyTemplate(Exception):  # noqa: N818 - what it is
    """A template that cannot be filled, and all that is wrong with it."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__(f"{len(faults)} faults")
        self.faults = faults


async def document(template: bytes, values: Sequence[Values], *, sample: Values) -> bytes:
    """The template filled with each of the values, of which `sample` says what names there are; the last of them.

    Raises `FaultyTemplate`, and `Refusal` for what is no template at all.
    """
    document_guards.glance(template)  # most mistakes need no process
    asked = {"template": b64encode(template).decode(), "values": values, "sample": sample}
    said = await _ask(
        await asyncio.to_thread(lambda: json.dumps(asked).encode()),
        *("document", "docx"),
        slow="document_too_slow",
        broken="no_document",
    )
    if "faults" in said:
        raise FaultyTemplate([Fault(**each | {"part": DocumentPart.of(each["part"])}) for each in said["faults"]])
    return b64decode(said["document"])


def _extension(file_name: str) -> str:
    return file_name.rpartition(".")[2].lower()


async def _ask(data: bytes, *arguments: str, slow: str = "too_slow", broken: str = "unreadable") -> dict[str, Any]:
    """What the child answers. Raises `Refusal`: its own, `slow` if it took too long, `broken` if it failed."""
    child = partial(
        subprocess.run,
        [sys.executable, "-m", "app.exchange.child", *arguments],
        input=data,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={"PYTHONPATH": ":".join(sys.path), **boundary_guards.environment()},
        timeout=_SECONDS,
        check=False,
    )
    try:
        done = await asyncio.get_running_loop().run_in_executor(_TURNS, child)
    except subprocess.TimeoutExpired:
        raise refused(slow) from None
    if done.returncode:
        raise refused(slow if done.returncode < 0 else broken)
    answer: dict[str, Any] = await asyncio.to_thread(json.loads, done.stdout)
    if "refused" in answer:
        raise refused(answer["refused"], **answer["values"])
    return answer


def _sheets(written: list[dict[str, Any]]) -> list[Sheet]:
    return [Sheet(**each | {"rows": [[_value(cell) for cell in row] for row in each["rows"]]}) for each in written]


def _value(cell: Any) -> Value:
    if not isinstance(cell, list):
        return cell  # type: ignore[no-any-return]
    kind, written = cell
    of = {DAY: date, MOMENT: datetime, TIME: time}[kind]
    return of.fromisoformat(written)  # type: ignore[attr-defined,no-any-return]
