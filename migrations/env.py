"""Runs migrations. The URL comes from `config.attributes["url"]`, else from YEFANG_DATABASE_URL."""

import asyncio
import os
import re
import sys
from typing import Any

from alembic import context
from geoalchemy2 import alembic_helpers
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from app.kernel import roles, sealing, tables
from app.kernel.database import Base

tables.tables()  # all of them, so that Alembic may compare

PARTITION = re.compile(r"track_fix_\d{6}")
UNKNOWN = """\
the database is at revision {revision}, which this version does not know.
If a newer version made it, run that one. If it was made before the first release, there is no way on from there:
nothing was released then, so make it anew: delete it (`make clean` deletes the demo's), create it empty, migrate."""


def include_object(obj: Any, name: str | None, kind: str, reflected: bool, compare_to: Any) -> bool:
    """Leave PostGIS's own tables alone, and the partitions of ours, which come and go with the months."""
    if kind == "table" and reflected and PARTITION.fullmatch(name or ""):
        return False
    return bool(alembic_helpers.include_object(obj, name, kind, reflected, compare_to))  # type: ignore[no-untyped-call]


def migrate(connection: Connection) -> None:
    roles.prepare(connection, context.config.attributes.get("service_url"))
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        include_object=include_object,
        process_revision_directives=alembic_helpers.writer,
        render_item=alembic_helpers.render_item,
        compare_type=True,
    )
    refuse_unknown(context.get_context().get_current_revision())
    with context.begin_transaction():
        context.run_migrations()
        roles.grant(connection)
        sealing.install(connection)


def refuse_unknown(revision: str | None) -> None:
    """Say in plain words what Alembic tells in a trace."""
    if revision is not None and revision not in {each.revision for each in context.script.walk_revisions()}:
        sys.exit(UNKNOWN.format(revision=revision))


async def main() -> None:
    url = context.config.attributes.get("url") or os.environ["YEFANG_DATABASE_URL"]
    engine = create_async_engine(url, poolclass=NullPool)
    async with engine.connect() as connection:
        await connection.run_sync(migrate)
        await connection.commit()
    await engine.dispose()


asyncio.run(main())
