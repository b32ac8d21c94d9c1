"""What a set of changes did, packed to be kept: so that it can be taken back, months later if need be."""

import json
import zlib
from dataclasses import asdict, fields
from datetime import date
from typing import Any
from uuid import UUID

import shapely

from app.directory.changes import TABLES, Applied, Changes
from app.directory.rows import Assignment, Household, Person, Post, Township, Unit, Village

_ROWS = {
    "townships": Township,
    "units": Unit,
    "villages": Village,
    "households": Household,
    "people": Person,
    "posts": Post,
    "assignments": Assignment,
}
_CODED = ("townships", "villages")  # their `id` is a code, not a UUID
_IDS = frozenset({"parent_id", "unit_id", "department_id", "person_id", "household_id"})
_DAYS = frozenset({"from_date", "until_date"})


def pack(applied: Applied) -> bytes:
    """JSON, compressed."""
    written = {part.name: _written(getattr(applied, part.name)) for part in fields(Applied)}
    return zlib.compress(json.dumps(written, ensure_ascii=False, default=_plain).encode())


def unpack(packed: bytes) -> Applied:
    """As it was packed."""
    written = json.loads(zlib.decompress(packed))
    return Applied(**{part.name: _changes(written[part.name]) for part in fields(Applied)})


def _written(changes: Changes) -> dict[str, list[dict[str, Any]]]:
    return {table: [asdict(row) for row in getattr(changes, table)] for table in TABLES}


def _plain(value: object) -> str:
    return shapely.to_wkb(value, hex=True) if isinstance(value, shapely.Geometry) else str(value)


def _changes(written: dict[str, list[dict[str, Any]]]) -> Changes:
    return Changes(
        **{
            table: [
                _ROWS[table](**{name: _read(table, name, value) for name, value in row.items()}) for row in rows
            ]
            for table, rows in written.items()
        }
    )


def _read(table: str, name: str, value: Any) -> Any:
    if value is None:
        return None
    if name in _IDS:
        return UUID(value)
    if name == "id":
        return value if table in _CODED else UUID(value)
    if name in _DAYS:
        return date.fromisoformat(value)
    return shapely.from_wkb(value) if name == "position" else value
