"""Who may do what in the database: the owner makes tables, the service reads and writes in them what it needs.

`yefang migrate` runs as a superuser, who then steps down to the owner, or as the owner; `yefang serve` and
`worker` run as the service. That one can neither alter nor remove evidence, nor turn off what watches over it:
each table says in its model what the service may do there (`Base.may`), and every migration ends by granting that.

As a second lock beside the county that every statement names, the service sees rows of one county at a time, and
none where its transaction names no county. `sign_in` and `push_owner`, in which the county is looked up, have no
such policy; what else is asked across counties are functions that run as the owner.
"""

import sys
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, Table, text
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Mapper

from app.kernel.cluster import OWNER, ROLE_SQL, SERVICE
from app.kernel.database import Base

ASKED_FIRST = ("geometry_overlaps(geometry, geometry)", "arrayoverlap(anyarray, anyarray)")
"""What `&&` of shapes and of arrays is: its errors tell nothing of what it was given, and the database is told so.

Only such functions are asked before a policy, and so looked up in an index. An update of PostGIS forgets it until
the next migration.
"""

_PREPARE = [
    *ROLE_SQL.splitlines(),
    *(f"CREATE EXTENSION IF NOT EXISTS {name}" for name in ("postgis", "ltree", "btree_gist")),
    *(f"ALTER FUNCTION {name} LEAKPROOF" for name in ASKED_FIRST),
    f"GRANT USAGE, CREATE ON SCHEMA public TO {OWNER}",
    "REVOKE CREATE ON SCHEMA public FROM PUBLIC",
    # What was made before there were roles, or by hand.
    f"""
DO $$ DECLARE ours record; BEGIN
  FOR ours IN
    SELECT CASE relkind WHEN 'S' THEN 'SEQUENCE' WHEN 'v' THEN 'VIEW' ELSE 'TABLE' END AS kind,
      CAST(CAST(oid AS regclass) AS text) AS name
    FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'S')
      AND relowner <> '{OWNER}'::regrole AND NOT EXISTS (
        SELECT FROM pg_depend WHERE classid = 'pg_class'::regclass AND objid = pg_class.oid
          AND (deptype = 'e' OR relkind = 'S' AND deptype IN ('a', 'i')))
    UNION ALL
    SELECT 'FUNCTION', CAST(CAST(oid AS regprocedure) AS text) FROM pg_proc
    WHERE pronamespace = 'public'::regnamespace AND proowner <> '{OWNER}'::regrole AND NOT EXISTS (
      SELECT FROM pg_depend WHERE classid = 'pg_proc'::regclass AND objid = pg_proc.oid AND deptype = 'e')
  LOOP
    EXECUTE format('ALTER %s %s OWNER TO {OWNER}', ours.kind, ours.name);
  END LOOP;
END $$""",
]

_MISSING = f"""\
the role {SERVICE}, as which the service runs, is not there, and {{user}} may not make it. As a superuser:
  CREATE ROLE {SERVICE} LOGIN PASSWORD '...';
then `yefang migrate` again, and run `serve` and `worker` with a YEFANG_DATABASE_URL of {SERVICE}.
Or run `yefang migrate` once with a superuser's YEFANG_MIGRATION_URL, which does all of it."""


def as_service(url: str) -> str:
    """The same database, as the service connects to it: not as its owner."""
    return make_url(url).set(username=SERVICE).render_as_string(hide_password=False)


# Null where there is no such role.
_MEMBER = text("SELECT pg_has_role(oid, 'MEMBER') FROM pg_roles WHERE rolname = :role")
_LEAKPROOF = text("""
SELECT bool_and(coalesce((SELECT proleakproof FROM pg_proc WHERE oid = to_regprocedure(name)), false))
FROM unnest(CAST(:names AS text[])) AS name""")
_UNGUARDED = f"""\
the rows of {{table}} are not kept apart by county in the database, only by what each statement names.
For that second lock run as a superuser, then migrate again:
  ALTER FUNCTION {"; ALTER FUNCTION ".join(f"{name} LEAKPROOF" for name in ASKED_FIRST)};"""
_GUARDED = text("SELECT true FROM pg_policies WHERE tablename = :name AND policyname = 'own_county'")
_COLUMNS = text("""
SELECT relname, attname FROM pg_class JOIN pg_attribute ON attrelid = oid
WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND attnum > 0""")


def prepare(connection: Connection, service_url: str | None = None) -> None:
    """Before a migration: both roles are there, what is ours is the owner's, and so is what follows.

    `service_url`: as the service will connect; where a superuser migrates, its password is set for the role.
    Who may make no roles is told what to do.
    """
    superuser, user = connection.execute(
        text("SELECT rolsuper, rolname FROM pg_roles WHERE rolname = current_user")
    ).one()
    if superuser:
        for statement in _PREPARE:
            connection.exec_driver_sql(statement)
        service = make_url(service_url) if service_url else None
        if service and service.username == SERVICE and service.password:
            _set_password(connection, str(service.password))
    elif connection.scalar(_MEMBER, {"role": SERVICE}) is None:
        sys.exit(_MISSING.format(user=user))
    if connection.scalar(_MEMBER, {"role": OWNER}):
        connection.exec_driver_sql(f"SET ROLE {OWNER}")


def _set_password(connection: Connection, password: str) -> None:
    statement = connection.scalar(
        text("SELECT format('ALTER ROLE %I PASSWORD %L', CAST(:role AS text), CAST(:password AS text))"),
        {"role": SERVICE, "password": password},
    )
    connection.exec_driver_sql(str(statement).replace("%", "%%"))


def grant(connection: Connection) -> None:
    """After a migration: the service may do in each table that is there what its model says, and nothing else."""
    there = {(table, column) for table, column in connection.execute(_COLUMNS)}
    tables = {table for table, _ in there}
    connection.exec_driver_sql(f"GRANT USAGE ON SCHEMA public TO {SERVICE}")
    if "alembic_version" in tables:
        connection.exec_driver_sql(f"GRANT SELECT ON alembic_version TO {SERVICE}")
    for mapper in Base.registry.mappers:
        name = mapper.class_.__tablename__
        if name in tables:
            allowed = ", ".join(_existing(mapper, there))
            connection.exec_driver_sql(f"REVOKE ALL ON {name} FROM {SERVICE}, PUBLIC")
            connection.exec_driver_sql(f"GRANT {allowed} ON {name} TO {SERVICE}")
            _guard(connection, mapper.class_.__table__)


def _guard(connection: Connection, table: Table) -> None:
    """The service sees and writes rows of the county that its transaction names (`Database.transaction`).

    What it compares is known when a statement begins: where that names the same county, as every one does, the
    planner makes one question of the two, asked once and not for each row.
    """
    column = "id" if table.name == "county" else "county_id"
    if column not in table.primary_key.columns or connection.scalar(_GUARDED, {"name": table.name}):
        return
    if _searched(table) and not connection.scalar(_LEAKPROOF, {"names": list(ASKED_FIRST)}):
        print(_UNGUARDED.format(table=table.name), file=sys.stderr)  # noqa: T201 - for who migrates
    else:
        connection.exec_driver_sql(f"ALTER TABLE {table.name} ENABLE ROW LEVEL SECURITY")
        connection.exec_driver_sql(
            f"CREATE POLICY own_county ON {table.name} USING ({column} = current_setting('yefang.county', true))"
        )


def _searched(table: Table) -> bool:
    """Whether it is looked through by where or by what of many: without that index a visit takes seconds."""
    using = {index.dialect_options["postgresql"]["using"] for index in table.indexes}
    return table.name != "unit" and bool(using & {"gist", "gin"})  # of units a county has a few hundred


def _existing(mapper: Mapper[Any], there: set[tuple[str, str]]) -> Iterator[str]:
    """What the model says, without columns that this revision of the schema does not have."""
    name = mapper.class_.__tablename__
    yield from ("SELECT", *mapper.class_.may)
    columns = [column for column in mapper.class_.may_update if (name, column) in there]
    if columns:
        yield f"UPDATE ({', '.join(columns)})"
