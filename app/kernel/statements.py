"""A SQL statement and the row that it gives, said in one place: whoever reads the row is typed from there on.

    class Tally(NamedTuple):
        unit_id: UUID
        missed: int

    TALLY = Statement(Tally, "SELECT unit_id, count(*) AS missed FROM duty WHERE county_id = :county_id ...")
    COUNT = Statement(int, "SELECT count(*) FROM duty WHERE county_id = :county_id")

    for tally in await TALLY.all(session, county_id=county_id): ...

A row is a named tuple or a frozen dataclass with a member for each column, of the same name and in the same order;
of a statement with one column it may be the plain value. Names are compared when the statement first runs.
`tests/store/test_statements.py` has the database read every statement, and compares the types as well.
"""

from collections.abc import Callable, Sequence
from dataclasses import fields, is_dataclass
from operator import itemgetter
from typing import Any, Generic, NamedTuple, TypeVar, cast
from uuid import UUID

from sqlalchemy import CursorResult, text
from sqlalchemy.ext.asyncio import AsyncSession

R = TypeVar("R")

Json = dict[str, Any]
"""What a jsonb column with an object holds; whoever reads it says what is in it."""


class Id(NamedTuple):
    """Of which row something was done, or found."""

    id: UUID


class Statement(Generic[R]):
    """SQL with `:parameters`, and what each of its rows is read as."""

    def __init__(self, row: type[R], sql: str) -> None:
        self.row = row
        self.sql = sql
        self.columns = _columns(row)  # None: a plain value
        self._make = _maker(row)
        self._parsed = text(sql)  # finding the parameters in a long statement takes longer than running it
        self._compared = False

    async def all(self, session: AsyncSession, **parameters: object) -> list[R]:
        """All rows. Raises `TypeError` when the statement gives other columns than the row has members."""
        result = await session.execute(self._parsed, parameters)
        if not self._compared:
            self._compare(tuple(result.keys()))
        return list(map(self._make, result.all()))

    async def first(self, session: AsyncSession, **parameters: object) -> R | None:
        """The first row, if there is one."""
        found = await self.all(session, **parameters)
        return found[0] if found else None

    async def one(self, session: AsyncSession, **parameters: object) -> R:
        """The row of a statement that always gives one."""
        (found,) = await self.all(session, **parameters)
        return found

    def _compare(self, given: tuple[str, ...]) -> None:
        if given != self.columns and (self.columns or len(given) != 1):
            raise TypeError(f"{self.row.__qualname__} has {self.columns}, its statement gives {given}")
        self._compared = True


class Command:
    """SQL with `:parameters` that only writes: nobody reads what it gives."""

    def __init__(self, sql: str) -> None:
        self.sql = sql
        self._parsed = text(sql)

    async def run(self, session: AsyncSession, **parameters: object) -> int:
        """How many rows it wrote."""
        result = await session.execute(self._parsed, parameters)
        return cast("CursorResult[object]", result).rowcount


def _columns(row: type) -> tuple[str, ...] | None:
    if is_dataclass(row):
        return tuple(field.name for field in fields(row))
    return getattr(row, "_fields", None)


def _maker(row: type[R]) -> Callable[[Sequence[object]], R]:
    if is_dataclass(row):
        return lambda values: row(*values)
    return getattr(row, "_make", itemgetter(0))
