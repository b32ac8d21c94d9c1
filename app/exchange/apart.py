"""Reads an untrusted file in a process of its own: with so much memory and time, without our environment.

The child is this module (`python -m app.exchange.apart`): bytes come in on stdin, JSON goes out on stdout.
"""

import asyncio
import json
import resource
import sys
from dataclasses import asdict
from datetime import date, datetime, time
from typing import Any

from app.exchange import boundaries as boundary_files
from app.exchange import workbooks
from app.exchange.boundaries import Boundaries, Feature
from app.exchange.refusals import Refusal, refused
from app.exchange.workbooks import Sheet, Value

_MEMORY = 1536 * 1024 * 1024
_SECONDS = 60
_DAY, _MOMENT, _TIME = "d", "m", "t"


async def sheets(data: bytes, file_name: str) -> list[Sheet]:
    """The sheets of a file. Raises `Refusal`."""
    return await asyncio.to_thread(_sheets, (await _ask(data, "sheets", _extension(file_name)))["sheets"])


async def boundaries(data: bytes, file_name: str, crs: str | None) -> Boundaries:
    """The boundaries in a file, in WGS-84; `crs` is what the office says of it. Raises `Refusal`."""
    said = await _ask(data, "boundaries", _extension(file_name), *([crs] if crs else []))
    return Boundaries(**said | {"features": [Feature(**each) for each in said["features"]]})


def _extension(file_name: str) -> str:
    return file_name.rpartition(".")[2].lower()


async def _ask(data: bytes, *arguments: str) -> dict[str, Any]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "app.exchange.apart", *arguments),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env={"PYTHONPATH": ":".join(sys.path)},
    )
    try:
        said, _ = await asyncio.wait_for(process.communicate(data), _SECONDS)
    except TimeoutError:
        process.kill()
        await process.wait()
        raise refused("too_slow") from None
    if process.returncode:
        raise refused("too_slow" if process.returncode < 0 else "unreadable")
    answer: dict[str, Any] = await asyncio.to_thread(json.loads, said)
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


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS, _SECONDS))
    answer: dict[str, object]
    try:
        what, extension, *crs = sys.argv[1:]
        data = sys.stdin.buffer.read()
        answer = _boundaries(data, extension, *crs) if what == "boundaries" else _workbook(data, extension)
    except Refusal as why:
        answer = {"refused": why.code, "values": why.values}
    except MemoryError:
        answer = {"refused": "bomb", "values": {}}
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()
