"""How evidence goes for its age: by the owner's function, which wants it on record beforehand (migration 0042)."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.kernel.statements import Id, Statement


@dataclass(frozen=True, slots=True)
class Removal:
    """Which rows of a table are old, and what removes those of these ids in a county, with what refers to them."""

    old: Statement[Id]
    remove: Callable[[AsyncSession, str, list[UUID]], Awaitable[None]]


def removing(table: str, ids: str = "CAST(:ids AS uuid[])") -> Statement[int]:
    """Removes rows of a sealed table, says how many; `ids` is SQL for what its seals call them (`Sealed.key`)."""
    return Statement(int, f"SELECT remove_evidence(:county_id, '{table}', {ids}) AS removed")
