"""Every table of the house, and the rows that a county has in it: for what is done to a county as a whole.

Which tables there are is read from the models: a room that is added later is part of it by itself.
"""

import importlib
from collections.abc import Awaitable, Callable
from functools import cache
from pathlib import Path
from typing import IO, Any
from uuid import UUID

from sqlalchemy import Table, delete, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

import app
import app.kernel.audit  # tables that stand in the kernel
import app.kernel.retention
import app.kernel.seals
from app.kernel.database import Base

_NOTES = "unsealed"  # of what was written lately in this database: nothing for an archive


@cache
def tables() -> tuple[Table, ...]:
    """All tables with rows of counties; one that refers to another comes after it."""
    for models in sorted(Path(app.__path__[0]).glob("*/models.py")):
        importlib.import_module(f"app.{models.parent.name}.models")
    return tuple(filter(_of_counties, Base.metadata.sorted_tables))


def columns(table: Table) -> list[str]:
    """Those that are stored; the rest the database computes."""
    return [column.name for column in table.columns if column.computed is None]


async def counts(session: AsyncSession, county_id: str) -> dict[str, int]:
    """How many rows each table has of the county, those with none left out."""
    numbers = [select(func.count()).where(_county(table) == county_id).select_from(table) for table in tables()]
    row = (await session.execute(select(*(number.scalar_subquery() for number in numbers)))).one()
    return {table.name: number for table, number in zip(tables(), row, strict=True) if number}


async def remove(session: AsyncSession, county_id: str) -> None:
    """Delete every row of the county, and the county."""
    for table in (*reversed(tables()), Base.metadata.tables[_NOTES]):
        await session.execute(delete(table).where(_county(table) == county_id))


async def copy_out(
    session: AsyncSession, table: Table, county_id: str, sink: Callable[[bytes], Awaitable[None]]
) -> None:
    """The county's rows as CSV with headings, in the order of the key. A geometry is hexadecimal EWKB: exact."""
    chosen, key = ", ".join(columns(table)), ", ".join(table.primary_key.columns.keys())
    await (await _driver(session)).copy_from_query(
        f"SELECT {chosen} FROM {table.name} WHERE {_county(table).name} = $1 ORDER BY {key}",
        county_id,
        output=sink,
        format="csv",
        header=True,
    )


async def copy_in(session: AsyncSession, table: Table, source: IO[bytes], headings: list[str]) -> None:
    """Rows as `copy_out` wrote them."""
    await (await _driver(session)).copy_to_table(
        table.name, source=source, columns=headings, format="csv", header=True
    )


def _of_counties(table: Table) -> bool:
    return table.name == "county" or ("county_id" in table.c and table.name != _NOTES)


def _county(table: Table) -> Any:
    return table.c.id if table.name == "county" else table.c.county_id


async def _driver(session: AsyncSession) -> Any:
    """The driver's own connection, in the session's transaction: only it can copy."""
    return (await (await session.connection()).get_raw_connection()).driver_connection


async def of_person(
    session: AsyncSession, table: Table, county_id: str, person_id: UUID, *, column: str, without: list[str]
) -> list[dict[str, Any]]:
    """The rows whose `column` names the person, as JSON; a geometry is GeoJSON."""
    where = f"{_county(table).name} = :county_id AND {column} = :person_id"
    statement = text(f"SELECT to_jsonb(held) - CAST(:without AS text[]) FROM {table.name} AS held WHERE {where}")
    found = await session.execute(statement, {"county_id": county_id, "person_id": person_id, "without": without})
    return list(found.scalars())
