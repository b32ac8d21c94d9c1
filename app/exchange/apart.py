"""Reads an untrusted file in a process of its own: with so much memory and time, without our environment.

The child is this module (`python -m app.exchange.apart`): bytes come in on stdin, JSON goes out on stdout.
"""

import asyncio
import json
import resource
import subprocess
import sys
from base64 import b64decode, b64encode
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from datetime import date, datetime, time
from functools import partial
from typing import Any

from jinja2 import TemplateError

from app.exchange import boundaries as boundary_files
from app.exchange import boundary_guards, document_check, document_guards, documents, workbooks
from app.exchange.boundaries import Boundaries, Feature
from app.exchange.document_check import Fault
from app.exchange.documents import BeyondTemplate, Values
from app.exchange.refusals import Refusal, refused
from app.exchange.words import DocumentPart
from app.exchange.workbooks import Sheet, Value

_MEMORY = 1536 * 1024 * 1024
_SECONDS = 60
_TURNS = ThreadPoolExecutor(max_workers=4, thread_name_prefix="apart")  # who comes fifth waits: memory has an end
_DAY, _MOMENT, _TIME = "d", "m", "t"


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
        [sys.executable, "-m", "app.exchange.apart", *arguments],
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
    of = {_DAY: date, _MOMENT: datetime, _TIME: time}[kind]
    return of.fromisoformat(written)  # type: ignore[attr-defined,no-any-return]


def _written(value: Value) -> object:
    if isinstance(value, datetime):
        return [_MOMENT, value.isoformat()]
    if isinstance(value, date):
        return [_DAY, value.isoformat()]
    return [_TIME, value.isoformat()] if isinstance(value, time) else value


def _workbook(data: bytes, extension: str) -> dict[str, object]:
    found = workbooks.read(data, f"file.{extension}")
    return {
        "sheets": [
            asdict(sheet) | {"rows": [[_written(value) for value in row] for row in sheet.rows]} for sheet in found
        ]
    }


def _boundaries(data: bytes, extension: str, crs: str | None = None) -> dict[str, object]:
    return asdict(boundary_files.read(data, extension, crs))


def _document(data: bytes, _extension: str) -> dict[str, object]:
    asked = json.loads(data)
    template = b64decode(asked["template"])
    document_guards.look(template)
    if wrong := document_check.faults(template, document_check.names_of(asked["sample"])):
        return {"faults": [asdict(each) for each in wrong]}
    made = b""
    for values in asked["values"]:
        try:
            made = documents.fill(template, values)
        except (BeyondTemplate, TemplateError) as error:
            raise refused("document_structure") from error
    return {"document": b64encode(made).decode()}


_READERS = {"boundaries": _boundaries, "sheets": _workbook, "document": _document}


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS, _SECONDS))
    answer: dict[str, object]
    try:
        what, extension, *crs = sys.argv[1:]
        data = sys.stdin.buffer.read()
        answer = _READERS[what](data, extension, *crs)
    except Refusal as why:
        answer = {"refused": why.code, "values": why.values}
    except MemoryError:
        answer = {"refused": "bomb", "values": {}}
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()
