"""The database: one engine a process, one transaction a request, and the only commit."""

import re
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from copy import copy
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ClassVar

import asyncpg
from sqlalchemy import CheckConstraint, MetaData, Text, TextClause, event, text
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.engine import Connection, Dialect, ExceptionContext
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase

Timestamp = TIMESTAMP(timezone=True)


@dataclass(frozen=True, slots=True)
class Sealed:
    """That a table's rows are sealed, so that a change behind the service's back shows: `sealing.py`.

    All columns are sealed as they are when a row is written, once for ever. Those of `state` change in the course
    of things: they are sealed by themselves, and anew where the transaction that changed them also wrote a row of
    one of the tables `renewed_by`, which are sealed too. `key` is SQL for the row's id.
    """

    state: tuple[str, ...] = ()
    renewed_by: tuple[str, ...] = ()
    key: str = "id"


class Base(DeclarativeBase):
    """All tables. Names of constraints follow one pattern, since `constraints.py` translates them."""

    kept: ClassVar[str | None] = None
    """Where age deletes rows, the county setting that says after how many days."""
    lasts: ClassVar[str | None] = None
    """Where it does not, why. Every table has one of the two."""

    may: ClassVar[tuple[str, ...]]
    """What the service, which is not the owner, may do there beside reading. Evidence is only added to."""
    may_update: ClassVar[tuple[str, ...]] = ()
    """Columns that it may update where it may not update all of them."""

    sealed: ClassVar[Sealed | None] = None

    type_annotation_map: ClassVar = {str: Text}
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


@asynccontextmanager
async def rehearsed(session: AsyncSession) -> AsyncIterator[None]:
    """What the block does is done, and taken back when it ends: to say beforehand what it would do."""
    point = await session.begin_nested()
    try:
        yield
    finally:
        await point.rollback()


def one_of(column: str, words: Iterable[str]) -> CheckConstraint:
    """A closed set of words, kept by the database too."""
    return CheckConstraint(f"{column} IN ({', '.join(repr(str(word)) for word in words)})", name=column)


# Null where there is no such table; false before a migration has granted it.
_MAY_READ = "SELECT has_table_privilege(to_regclass('alembic_version'), 'SELECT')"
_IS_OWNER = """
SELECT rolsuper OR coalesce((
  SELECT pg_has_role(relowner, 'USAGE') FROM pg_class WHERE oid = to_regclass('audit_entry')), false)
FROM pg_roles WHERE rolname = current_user"""


_ENTER = text("SELECT set_config('yefang.county', :county_id, true)")


class _Connection(asyncpg.Connection):  # type: ignore[misc]  # asyncpg has no types
    """Says at the beginning of a transaction which county it is about, in the same message."""

    county = ""

    async def execute(self, query: str, *args: object, **options: object) -> str:
        """The driver's own statements go this way: `BEGIN;` among them."""
        if query.startswith("BEGIN"):
            query += f"SET LOCAL yefang.county = '{self.county}';"
        done: str = await super().execute(query, *args, **options)
        return done


def _begin(connection: Connection) -> None:
    driver = connection.connection.driver_connection
    if isinstance(driver, _Connection):
        driver.county = connection.get_execution_options().get("county", "")


def _code(county_id: str | None) -> str:
    """What can be no county's code is none: it may come from an address or a token."""
    return county_id if county_id and re.fullmatch("[0-9]{6}", county_id) else ""


@asynccontextmanager
async def within(session: AsyncSession, county_id: str | None) -> AsyncIterator[None]:
    """What the block does is about another county than the transaction."""
    await session.execute(_ENTER, {"county_id": _code(county_id)})
    yield
    await session.execute(_ENTER, {"county_id": session.info["county"]})


class Database:
    """Hands out transactions. Nothing else in the house commits."""

    _own_s: int | None = None  # of a patient one

    def __init__(
        self, url: str, *, pool_size: int = 10, statement_s: int | None = None, patient_s: int | None = None
    ) -> None:
        """`statement_s`: after so many seconds the database gives a statement up; None: never.

        `patient_s`: the same of a `patient` one.
        """
        self._patient_s = patient_s
        self.engine = create_async_engine(
            url,
            pool_size=pool_size,
            max_overflow=0,
            pool_pre_ping=False,
            hide_parameters=True,  # they hold names and places, and end in traces
            # Measured: recounting a county's week takes 0.4 s, and 12 s with the compiler's help.
            connect_args={
                "connection_class": _Connection,
                "server_settings": {"jit": "off", "statement_timeout": f"{statement_s or 0}s"},
            },
        )
        event.listen(self.engine.sync_engine, "begin", _begin)
        event.listen(self.engine.sync_engine, "do_connect", _connect)
        event.listen(self.engine.sync_engine, "handle_error", _retell)
        self._sessions = async_sessionmaker(self.engine, expire_on_commit=False, autoflush=False)

    def patient(self) -> "Database":
        """The same database, for work whose statements may take long: files that come in or go out."""
        patient = copy(self)
        vars(patient)["_own_s"] = self._patient_s or 0
        return patient

    @asynccontextmanager
    async def transaction(
        self, county_id: str | None = None, *, snapshot: bool = False
    ) -> AsyncIterator[AsyncSession]:
        """A session that is committed when the block ends, and rolled back when it raises.

        It is about one county: as the service it sees and writes rows of that one, and of none where None is named
        (`app/kernel/roles.py`). As a `snapshot` all of its statements see the database as it was at the first.
        """
        options = {"county": _code(county_id)} | ({"isolation_level": "REPEATABLE READ"} if snapshot else {})
        async with self._sessions(info={"county": options["county"]}) as session:
            try:
                await session.connection(execution_options=options)
                if self._own_s is not None:
                    await session.execute(text(f"SET LOCAL statement_timeout = '{self._own_s}s'"))
                yield session
            except BaseException:
                await session.rollback()
                raise
            else:
                await session.commit()

    async def ping(self) -> str | None:
        """The revision of the schema, None where there is none yet; raises when the database is out of reach."""
        async with self._sessions() as session:
            if not (await session.execute(text(_MAY_READ))).scalar_one():
                return None
            return (await session.execute(text("SELECT version_num FROM alembic_version"))).scalar_one_or_none()

    async def has_counties(self) -> bool:
        """Whether any county has been made."""
        async with self._sessions() as session:
            return bool((await session.execute(text("SELECT EXISTS (SELECT FROM every_county())"))).scalar_one())

    async def is_owner(self) -> bool:
        """Whether this connection could change evidence, and so should not be the service's."""
        async with self._sessions() as session:
            return bool((await session.execute(text(_IS_OWNER))).scalar_one())

    async def close(self) -> None:
        await self.engine.dispose()


def _connect(
    dialect: Dialect, _record: object, arguments: list[object], parameters: dict[str, object]
) -> DBAPIConnection:
    """What the network says of the database is told as the database's, apart from trouble with other files."""
    try:
        return dialect.connect(*arguments, **parameters)
    except OSError as error:
        raise OperationalError("connect", None, error) from error


def _retell(context: ExceptionContext) -> None:
    """The same of a connection that breaks; and no trace tells the row that a constraint refused."""
    error = context.original_exception
    if isinstance(error, OSError):
        context.is_disconnect = True
        raise OperationalError("disconnected", None, error, connection_invalidated=True) from error
    cause = error.__cause__
    if isinstance(cause, asyncpg.IntegrityConstraintViolationError) and not isinstance(
        cause,
        asyncpg.ForeignKeyViolationError,  # whose detail is ids
    ):
        cause.detail = None


async def rows(session: AsyncSession, statement: str, **parameters: object) -> list[Any]:
    """All rows of one SQL statement, with attributes named for its columns."""
    return list((await session.execute(_parsed(statement), parameters)).all())


@lru_cache(maxsize=1000)
def _parsed(statement: str) -> TextClause:
    """Finding the parameters in a long statement takes longer than running it."""
    return text(statement)
