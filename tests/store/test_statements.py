"""Every typed statement is read by the database: its columns are those of its row, and of their types."""

import types
from dataclasses import is_dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Literal, NamedTuple, Union, get_args, get_origin, get_type_hints
from uuid import UUID

import asyncpg
import pytest
from sqlalchemy import make_url, text
from sqlalchemy.dialects.postgresql.asyncpg import dialect

from app.kernel.statements import Command, Statement
from tests.support.rooms import import_all

_BY_TYPE: dict[str, tuple[type, ...]] = {
    "bool": (bool,),
    "bytea": (bytes,),
    "date": (date,),
    "float4": (float,),
    "float8": (float,),
    "int2": (int,),
    "int4": (int,),
    "int8": (int,),
    "interval": (timedelta,),
    "json": (dict, list),
    "jsonb": (dict, list),
    "ltree": (str,),
    "name": (str,),
    "numeric": (Decimal,),
    "text": (str,),
    "time": (time,),
    "timestamp": (datetime,),
    "timestamptz": (datetime,),
    "uuid": (UUID,),
    "varchar": (str,),
}


STATEMENTS = {
    f"{module.__name__}.{name}": value
    for module in import_all()
    for name, value in vars(module).items()
    if isinstance(value, Statement | Command)
}


@pytest.fixture(scope="module")
async def connection(server, template):
    async with server.database(template) as url:
        opened = await asyncpg.connect(
            make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
        )
        yield opened
        await opened.close()


@pytest.mark.parametrize("name", STATEMENTS)
async def test_the_row_is_what_the_statement_gives(connection, name):
    statement = STATEMENTS[name]
    prepared = await connection.prepare(str(text(statement.sql).compile(dialect=dialect())))
    assert wrong(statement, prepared.get_attributes()) == []


class Good(NamedTuple):
    day: date
    people: int | None
    names: list[str]


GOOD = "SELECT DATE '2026-11-26' AS day, 1 AS people, ARRAY['x'] AS names"


@pytest.mark.parametrize(
    ("row", "sql"),
    [
        (Good, GOOD),
        (int, "SELECT count(*) FROM county"),
        (UUID, "SELECT id FROM person WHERE county_id = :county_id"),
    ],
)
async def test_a_right_row_passes(connection, row, sql):
    assert wrong(Statement(row, sql), await _attributes(connection, sql)) == []


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT DATE '2026-11-26' AS day, ARRAY['x'] AS names, 1 AS people",
        "SELECT DATE '2026-11-26' AS day, 1 AS people",
        "SELECT DATE '2026-11-26' AS day, 'x' AS people, ARRAY['x'] AS names",
        "SELECT DATE '2026-11-26' AS day, 1 AS people, ARRAY[1] AS names",
        "SELECT now() AS day, 1 AS people, ARRAY['x'] AS names",
    ],
)
async def test_a_wrong_row_is_found(connection, sql):
    assert wrong(Statement(Good, sql), await _attributes(connection, sql))


async def _attributes(connection, sql):
    return (await connection.prepare(str(text(sql).compile(dialect=dialect())))).get_attributes()


def wrong(statement, attributes):
    """What of the row is not as the statement gives it."""
    if isinstance(statement, Command):
        return [f"{each.name} is read by nobody" for each in attributes]
    row = statement.row
    if not is_dataclass(row) and not hasattr(row, "_fields"):
        annotations = {attributes[0].name: row} if len(attributes) == 1 else {}
    else:
        annotations = {name: hint for name, hint in get_type_hints(row).items() if name in statement.columns}
    if tuple(annotations) != tuple(each.name for each in attributes):
        return [f"{row.__qualname__} has {tuple(annotations)}, not {tuple(each.name for each in attributes)}"]
    return [
        f"{each.name} is {each.type.name}, not {annotations[each.name]}"
        for each in attributes
        if not fits(each.type, annotations[each.name])
    ]


def fits(kind, annotation):
    """Whether values of the database's type are of the annotated one, nulls aside."""
    origin = get_origin(annotation)
    if annotation is Any:
        return True
    if origin in (Union, types.UnionType):
        return any(fits(kind, each) for each in get_args(annotation) if each is not type(None))
    if origin is Literal:
        return all(type(each) in _BY_TYPE[kind.name] for each in get_args(annotation))
    if kind.kind == "array":
        (of, *_) = get_args(annotation) or (None,)
        (plain, *_) = [each for each in get_args(of) if each is not type(None)] or [of]
        return origin in (list, tuple) and _fits_plain(kind.name.removesuffix("[]"), plain)
    return _fits_plain(kind.name, origin or annotation)


def _fits_plain(name, annotation):
    if isinstance(annotation, type) and issubclass(annotation, str) and str in _BY_TYPE.get(name, ()):
        return True  # one of a closed set of words
    return (get_origin(annotation) or annotation) in _BY_TYPE.get(name, ())
