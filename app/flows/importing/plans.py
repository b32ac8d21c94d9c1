"""What a sheet of each kind comes to: what is wrong with it, what it does when carried out, and the way back."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.directory.packing import pack, unpack
from app.directory.service import County
from app.duties.service import DutyCounty
from app.exchange.service import WorkRow
from app.exchange.tables import Finding, Row, Table
from app.exchange.words import ImportState
from app.flows import change_directory
from app.flows.change_directory import Effect
from app.flows.importing.absences import (
    put_calendar,
    read_calendar,
    read_leave,
    record_leave,
    take_calendar_back,
    unrecord_leave,
)
from app.flows.importing.build import build
from app.flows.importing.columns import ImportKind
from app.flows.importing.lookup import Lookup
from app.flows.importing.missing import Compared, asked_ending
from app.flows.importing.reading import Asked, Built
from app.geo.words import Crs
from app.kernel.problems import FieldError

Undo = Callable[[], bytes]
"""Makes what is kept to take it back, which may take a while."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What the rows of a sheet mean, before any of it is done.

    `carry_out` does all of it in the caller's transaction, or raises a `Problem` whose errors `finding` places.
    """

    problems: Sequence[Finding]
    carry_out: Callable[[], Awaitable[tuple[Effect, Undo]]]
    finding: Callable[[FieldError], Finding]
    compared: Compared = field(default_factory=Compared)


class TakeBack(Protocol):
    """As it was before. Raises `CONFLICT` where something has been built on it."""

    async def __call__(
        self, session: AsyncSession, county: County, undo: bytes, *, actor_id: UUID, now: datetime, source: str
    ) -> None: ...


async def plan_of(
    kind: ImportKind,
    session: AsyncSession,
    county: County,
    table: Table,
    lookup: Lookup,
    taken: WorkRow,
    now: datetime,
) -> Plan:
    """What is read with faults is left out, and looked at no further."""
    wrong = {(problem.sheet, problem.row) for problem in table.problems}
    good = [row for row in table.rows if (row.sheet, row.number) not in wrong]
    by = _By(session, county, taken.made_by, now, f"import:{taken.id}")
    if kind == ImportKind.LEAVE:
        return await _leave(by, good, lookup)
    if kind == ImportKind.CALENDAR:
        return await _calendar(by, good)
    broken = [row for row in table.rows if (row.sheet, row.number) in wrong]
    seen = taken.missing if taken.state == ImportState.APPLYING else None
    asked = Asked(
        county.day(now),
        taken.made_by,
        str(taken.options.get("crs") or Crs.WGS84),
        asked_ending(taken.options, seen),
    )
    return _directory(by, await asyncio.to_thread(build, kind, good, lookup, asked, broken))


@dataclass(frozen=True, slots=True)
class _By:
    """In which transaction a plan is carried out, and who answers for it."""

    session: AsyncSession
    county: County
    actor_id: UUID
    now: datetime
    source: str


def _directory(by: _By, built: Built) -> Plan:
    async def carry_out() -> tuple[Effect, Undo]:
        own = DutyCounty(by.county.id, by.county.timezone)
        applied, effect = await change_directory.apply(
            by.session, own, built.changes, actor_id=by.actor_id, now=by.now, source=by.source
        )
        return effect, lambda: pack(applied)

    return Plan(built.problems, carry_out, built.finding, built.compared)


async def _leave(by: _By, rows: Sequence[Row], lookup: Lookup) -> Plan:
    sheet = await read_leave(by.session, by.county, rows, lookup, by=by.actor_id, now=by.now)

    async def carry_out() -> tuple[Effect, Undo]:
        effect, undo = await record_leave(
            by.session, by.county, sheet, actor_id=by.actor_id, now=by.now, source=by.source
        )
        return effect, lambda: undo

    return Plan(sheet.problems, carry_out, _of_file)


async def _calendar(by: _By, rows: Sequence[Row]) -> Plan:
    sheet = await read_calendar(by.session, by.county, rows)

    async def carry_out() -> tuple[Effect, Undo]:
        effect, undo = await put_calendar(
            by.session, by.county, sheet, actor_id=by.actor_id, now=by.now, source=by.source
        )
        return effect, lambda: undo

    return Plan(sheet.problems, carry_out, _of_file)


def _of_file(error: FieldError) -> Finding:
    return Finding("", None, None, error.code, error.text, error.values)


async def take_directory_back(
    session: AsyncSession, county: County, undo: bytes, *, actor_id: UUID, now: datetime, source: str
) -> None:
    own = DutyCounty(county.id, county.timezone)
    await change_directory.take_back(session, own, unpack(undo), actor_id=actor_id, now=now, source=source)


TAKE_BACK: Mapping[str, TakeBack] = {
    ImportKind.LEAVE: unrecord_leave,
    ImportKind.CALENDAR: take_calendar_back,
}
"""Of the kinds that do not change the directory."""
