"""Sealing: a county's evidence is chained by hash, in the order of commits, so that changes behind our back show.

1. A trigger on each sealed table (`Base.sealed`) notes in `unsealed` which rows a statement wrote, changed or
   removed: one row for a statement, whatever its size, and nothing is computed while phones wait.
2. `seal_county`, which a worker calls every second, takes these notes, digests the rows as they are by then, and
   writes one `seal`: digests, the hash before, and the hash of it all.
3. `verifying.py` digests every row anew and compares.

Sealing is the owner's function: the service may call it, and can write neither seals nor notes itself. It is made
from the models at the end of each migration, as the grants are (`roles.py`).

A digest is the SHA-256 of the row as PostgreSQL writes it, without the nulls at its end: a column that is added
later, as the last one of its model and null in older rows, disturbs no seal. (JSON says the same in four times the
time.)
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from geoalchemy2 import Geometry
from sqlalchemy import Column, Connection, Table, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.kernel.cluster import SERVICE
from app.kernel.database import Base, Sealed
from app.kernel.statements import Statement

NOTES_AT_ONCE = 200
"""Notes of statements that go into one seal, and whatever else their transactions noted."""

TRIGGERS = {
    "note_written": ("INSERT", "NEW"),
    "note_changed": ("UPDATE", "NEW"),
    "note_removed": ("DELETE", "OLD"),
}
"""On every sealed table: after what, and which rows are noted then."""

SETTINGS = {"TimeZone": "UTC", "DateStyle": "ISO, YMD", "bytea_output": "hex", "extra_float_digits": "1"}
"""On which the text of a value depends."""


@dataclass(frozen=True, slots=True)
class Part:
    """What is sealed together of each row of a table."""

    name: str
    table: str
    key: str
    content: str
    renewed_by: tuple[str, ...]  # none: sealed when it is written, and never again

    def digests(self, where: str) -> str:
        """SQL for the part's rows, and what they digest to now."""
        return f"""
    SELECT '{self.name}' AS part, {self.key} AS row_id,
      sha256(convert_to(rtrim(CAST(ROW({self.content}) AS text), ',)'), 'UTF8')) AS digest
    FROM {self.table} WHERE {where}"""


@cache
def parts() -> tuple[Part, ...]:
    """Of all tables; their models must have been loaded."""
    models = sorted((each.class_ for each in Base.registry.mappers), key=lambda model: str(model.__tablename__))
    return tuple(part for model in models if model.sealed for part in _parts_of(model.__table__, model.sealed))


def _parts_of(table: Table, sealed: Sealed) -> list[Part]:
    stored = [column for column in table.columns if column.computed is None and column.name != "county_id"]
    said = _content([column for column in stored if column.name not in sealed.state])
    state = _content([column for column in stored if column.name in sealed.state])
    whole = Part(table.name, table.name, sealed.key, said, ())
    changing = Part(f"{table.name}.state", table.name, sealed.key, state, sealed.renewed_by)
    return [whole, changing] if state else [whole]


def _content(columns: Sequence[Column[Any]]) -> str:
    """Geometries to 0.1 m: what was sent is sealed exactly, this was computed from it."""
    return ", ".join(
        f"ST_AsText({column.name}, 6)" if isinstance(column.type, Geometry) else column.name for column in columns
    )


def wanted(notes: str) -> str:
    """SQL for what is to be sealed of these notes: (part, row_id, gone).

    A change counts where its transaction also wrote what explains it, a removal where it left an audit entry; what
    was emptied for somebody to be anonymous always does, for only the owner's function notes that. What else was
    changed or removed is not sealed as such, and so differs from its seal.
    """
    values = ", ".join(f"('{part.name}', '{part.table}', {_array(part.renewed_by)})" for part in parts())
    return f"""
    SELECT DISTINCT part.name AS part, each.row_id, note.op = 'DELETE' AS gone
    FROM {notes} AS note
    JOIN (VALUES {values}) AS part (name, table_name, renewed_by) ON part.table_name = note.table_name
    CROSS JOIN LATERAL unnest(note.row_ids) AS each (row_id)
    WHERE note.op IN ('INSERT', 'EMPTIED') OR EXISTS (
      SELECT FROM {notes} AS why WHERE why.tx = note.tx AND why.op = 'INSERT' AND why.table_name = ANY(
        CASE note.op WHEN 'DELETE' THEN {_array(("audit_entry",))} ELSE part.renewed_by END))"""


def _array(names: tuple[str, ...]) -> str:
    quoted = ", ".join(f"'{name}'" for name in names)
    return f"CAST(ARRAY[{quoted}] AS text[])"


def hashed(row: str) -> str:
    """SQL for the hash of a seal; `row` has its columns. `docs/integrity.md` says the same in words."""
    return f"""sha256({row}.previous || convert_to(concat_ws(E'\\n', {row}.county_id, {row}.number,
      CAST(extract(epoch FROM {row}.sealed_at) * 1000000 AS bigint), (
        SELECT string_agg(part || ' ' || row_id || ' ' || encode(digest, 'hex'), E'\\n' ORDER BY place)
        FROM unnest({row}.parts, {row}.row_ids, {row}.digests) WITH ORDINALITY
          AS each (part, row_id, digest, place))
      ), 'UTF8'))"""


def _seal_function() -> str:
    """`seal_county(county, at, most)`: so many notes, and the others of their transactions, become one seal.

    Returns how many it took. Two at once do not wait for each other: one has nothing to do.
    """
    some = "\n    UNION ALL".join(
        part.digests(
            f"county_id = given_county AND {part.key} IN ("
            f"SELECT row_id FROM wanted WHERE part = '{part.name}' AND NOT gone)"
        )
        for part in parts()
    )
    settings = " ".join(f"SET {name} = '{value}'" for name, value in SETTINGS.items())
    return f"""
CREATE OR REPLACE FUNCTION seal_county(given_county text, given_at timestamptz, most integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp {settings} AS $$
DECLARE
  noted integer;
BEGIN
  IF NOT pg_try_advisory_xact_lock(hashtext('seals'), hashtext(given_county)) THEN
    RETURN 0;
  END IF;
  WITH due AS (
    SELECT tx, id FROM unsealed WHERE county_id = given_county ORDER BY tx FETCH FIRST most ROWS WITH TIES
  ), taken AS (
    DELETE FROM unsealed USING due WHERE county_id = given_county AND unsealed.tx = due.tx AND unsealed.id = due.id
    RETURNING unsealed.tx, table_name, op, row_ids
  ), wanted AS MATERIALIZED ({wanted("taken")}
  ), digests AS ({some}
    UNION ALL
    SELECT part, row_id, '' FROM wanted WHERE gone
  ), last AS (
    SELECT number, hash FROM seal WHERE county_id = given_county ORDER BY number DESC LIMIT 1
  ), made AS (
    SELECT given_county AS county_id, coalesce((SELECT number FROM last), 0) + 1 AS number, given_at AS sealed_at,
      coalesce((SELECT hash FROM last), '') AS previous, array_agg(part) AS parts, array_agg(row_id) AS row_ids,
      array_agg(digest) AS digests
    FROM (SELECT * FROM digests ORDER BY part, row_id) AS sorted HAVING count(*) > 0
  ), kept AS (
    INSERT INTO seal (county_id, number, sealed_at, previous, parts, row_ids, digests, hash)
    SELECT county_id, number, sealed_at, previous, parts, row_ids, digests, {hashed("made")} FROM made
  )
  SELECT count(*) INTO noted FROM taken;
  RETURN noted;
END $$"""


_WATCHED = text("SELECT CAST(CAST(tgrelid AS regclass) AS text) FROM pg_trigger WHERE tgname = 'note_written'")


def install(connection: Connection) -> None:
    """After a migration: sealing is as the models say. The rows of a table that is newly sealed wait for it."""
    if connection.scalar(text("SELECT to_regproc('note_unsealed')")) is None:
        return  # a revision from before there were seals
    connection.exec_driver_sql(_seal_function())
    connection.exec_driver_sql("REVOKE EXECUTE ON FUNCTION seal_county FROM PUBLIC")
    connection.exec_driver_sql(f"GRANT EXECUTE ON FUNCTION seal_county TO {SERVICE}")
    watched = set(connection.scalars(_WATCHED))
    for table, key in {part.table: part.key for part in parts()}.items():
        if table not in watched:
            for statement in _watch(table, key):
                connection.exec_driver_sql(statement)


def _watch(table: str, key: str) -> list[str]:
    argument = key.replace("'", "''")
    return [
        *(
            f"CREATE TRIGGER {name} AFTER {op} ON {table} REFERENCING {rows} TABLE AS those"
            f" FOR EACH STATEMENT EXECUTE FUNCTION note_unsealed('{argument}')"
            for name, (op, rows) in TRIGGERS.items()
        ),
        f"""
INSERT INTO unsealed (county_id, tx, table_name, op, row_ids)
SELECT county_id, CAST(CAST(pg_current_xact_id() AS text) AS bigint), '{table}', 'INSERT', array_agg(row_id)
FROM (
  SELECT county_id, {key} AS row_id, row_number() OVER (PARTITION BY county_id) / 1000 AS lot FROM {table}
) AS here GROUP BY county_id, lot""",
    ]


COUNTIES = Statement(str, "SELECT id FROM counties_to_seal() AS id")
_SEAL = Statement(int, "SELECT seal_county(:county_id, :now, :most) AS taken")


async def seal(session: AsyncSession, county_id: str, now: datetime, *, most: int = NOTES_AT_ONCE) -> int:
    """One seal of the county, of what was noted by now; how many notes went into it."""
    return await _SEAL.one(session, county_id=county_id, now=now, most=most)
