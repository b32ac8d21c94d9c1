"""Writes `docs/database.md`: every table as its model says it, drawn room by room. `--check` only compares."""

import inspect
from collections.abc import Iterator
from itertools import groupby
from typing import Any

from sqlalchemy import Column, ForeignKeyConstraint, Table, UniqueConstraint
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Mapper

from app.kernel.database import Base
from dev.generated import ROOT, load_everything, write

PAGE = ROOT / "docs" / "database.md"
SHORT = {"timestamp with time zone": "timestamptz", "timestamp without time zone": "timestamp"}

HEAD = """# The database

Made by `make spec` from the tables' models; change it there. Each room of [the house](architecture.md) opens its
own tables; others ask its service, and only reads join across rooms.

- **key**: the primary key. It begins with `county_id` wherever rows belong to a county, so that the same schema
  can be spread over servers by county.
- **grows**: *yes* where rows belong to a county; *no* for `county` itself and for
  [`sign_in`](decisions/0005-sign-in-is-a-reference-table.md), which every server would have whole.
- **service**: what `yefang_app`, as which the service runs, may do beside reading, and which columns it may update
  where it may not update all. All else is the owner's ([set-up](setup.md#roles-of-the-database)).
- **kept**: the county setting that says for how many days; *always* where no row is deleted because of its age.

In the drawings `PK` and `FK` mark the columns of keys, and a table without columns belongs to another room. Lines
are foreign keys, named by their columns; `county_id`, which begins each of them, is left out.
"""


def main() -> None:
    load_everything()
    mappers = sorted(Base.registry.mappers, key=lambda each: (room(each), each.class_.__tablename__))
    parts = [section(name, list(tables)) for name, tables in groupby(mappers, room)]
    write({PAGE: "\n".join([HEAD, *parts])})


def room(mapper: Mapper[Any]) -> str:
    return str(mapper.class_.__module__.split(".")[1])


def section(name: str, mappers: list[Mapper[Any]]) -> str:
    """One room: what each table is for, then the drawing."""
    module = inspect.getmodule(mappers[0].class_)
    about = (inspect.getdoc(module) or "").split("\n")[0]
    lines = [
        f"## {name}",
        about,
        "",
        "| table | what for | key | grows | service | kept |",
        "|---|---|---|---|---|---|",
    ]
    for mapper in mappers:
        table = table_of(mapper)
        what = " ".join((inspect.getdoc(mapper.class_) or "").split())
        key = ", ".join(f"`{column.name}`" for column in table.primary_key)
        kept = f"`{mapper.class_.kept}`" if mapper.class_.kept else "always"
        grows = "yes" if "county_id" in table.primary_key.columns else "no"
        lines.append(f"| `{table.name}` | {what} | {key} | {grows} | {allowed(mapper)} | {kept} |")
    drawing = [line for mapper in mappers for line in drawn(table_of(mapper))]
    return "\n".join([*lines, "", "```mermaid", "erDiagram", *drawing, "```", ""])


def allowed(mapper: Mapper[Any]) -> str:
    """What the service may do there."""
    some = ", ".join(f"`{column}`" for column in mapper.class_.may_update)
    return ", ".join([*map(str.lower, mapper.class_.may), *([f"update of {some}"] if some else [])])


def table_of(mapper: Mapper[Any]) -> Table:
    table = mapper.local_table
    assert isinstance(table, Table)  # noqa: S101 - of our models all are
    return table


def drawn(table: Table) -> Iterator[str]:
    """A table as Mermaid draws it: its columns, then its foreign keys."""
    yield f"    {table.name} {{"
    for column in table.columns:
        marks = [mark for mark, is_one in (("PK", column.primary_key), ("FK", column.foreign_keys)) if is_one]
        yield f"        {written(column)} {column.name} {', '.join(marks)}".rstrip()
    yield "    }"
    for key in sorted(table.foreign_key_constraints, key=lambda each: each.column_keys):
        yield f'    {key.referred_table.name} {ends(key)} {table.name} : "{called(key)}"'


def written(column: Column[Any]) -> str:
    """The column's type in one word."""
    name = column.type.compile(dialect=postgresql.dialect()).lower()
    return SHORT.get(name, name).split("(")[0].replace(" ", "_")


def ends(key: ForeignKeyConstraint) -> str:
    """One (or none, where a column may be null) on the side referred to; on the other many, or at most one."""
    optional = any(column.nullable for column in key.columns)
    alone = {frozenset(key.table.primary_key)} | {
        frozenset(each.columns) for each in key.table.constraints if isinstance(each, UniqueConstraint)
    }
    return f"{'|o' if optional else '||'}--{'o|' if frozenset(key.columns) in alone else 'o{'}"


def called(key: ForeignKeyConstraint) -> str:
    return ", ".join(name for name in key.column_keys if name != "county_id") or "county_id"


if __name__ == "__main__":
    main()
