"""Imports as jobs: a file is checked, applied and taken back; any process may work on it, one at a time."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.exchange.store import document_templates
from app.exchange.store import jobs as store
from app.exchange.store.jobs import JobRow as JobRow
from app.exchange.store.jobs import WaitingRow as WaitingRow
from app.exchange.store.jobs import WorkRow as WorkRow
from app.exchange.words import ImportState
from app.kernel.ids import new_id
from app.kernel.language import Text
from app.kernel.problems import CONFLICT, NOT_FOUND, Problem

LEASE = timedelta(minutes=2)
"""A worker that has said nothing for so long is taken for dead, and its job for anybody's."""

Names = dict[tuple[str, str], UUID | None]
"""Platform and name, with the department where it is given -> the person who is meant; None is left out."""

_NOT_NOW = Text("这次导入现在是“{state}”，不能这样做", "The import is {state} now; this cannot be done")


async def add(
    session: AsyncSession,
    county_id: str,
    *,
    kind: str,
    file_name: str,
    content: bytes,
    options: Mapping[str, object],
    made_by: UUID,
    now: datetime,
) -> UUID:
    """A job that waits to be checked."""
    made = new_id()
    await store.ADD.run(
        session,
        county_id=county_id,
        id=made,
        kind=kind,
        file_name=file_name,
        content=content,
        options=json.dumps(dict(options)),
        made_by=made_by,
        now=now,
    )
    return made


async def job(session: AsyncSession, county_id: str, job_id: UUID) -> JobRow:
    """Raises `NOT_FOUND`."""
    found = await store.ONE.first(session, county_id=county_id, id=job_id)
    if found is None:
        raise Problem(NOT_FOUND)
    return found


async def listed(session: AsyncSession, county_id: str, *, before: UUID | None, limit: int) -> list[JobRow]:
    """The newest first."""
    return await store.LISTED.all(session, county_id=county_id, id=before, limit=limit)


async def content(session: AsyncSession, county_id: str, job_id: UUID) -> bytes:
    """The file as it came."""
    return await store.CONTENT.one(session, county_id=county_id, id=job_id)


async def missing(session: AsyncSession, county_id: str, job_id: UUID) -> list[dict[str, Any]]:
    """What is there and not in the file, as it was checked. Raises `NOT_FOUND`."""
    found = await store.MISSING.first(session, county_id=county_id, id=job_id)
    if found is None:
        raise Problem(NOT_FOUND)
    return list(found["items"])


async def waiting(session: AsyncSession, *, now: datetime) -> WaitingRow | None:
    """The oldest job of any county that nobody works on."""
    return await store.WAITING.first(session, now=now)


async def take(session: AsyncSession, county_id: str, job_id: UUID, *, now: datetime) -> WorkRow | None:
    """Hold a job that waits, for `LEASE`; None where another holds it."""
    return await store.TAKE.first(session, county_id=county_id, id=job_id, now=now, until=now + LEASE)


async def say_progress(session: AsyncSession, work: WorkRow, progress: int, *, now: datetime) -> None:
    """Percent done; the hold is prolonged."""
    await store.PROGRESS.run(session, county_id=work.county_id, id=work.id, progress=progress, until=now + LEASE)


async def settle(
    session: AsyncSession,
    work: WorkRow,
    state: ImportState,
    *,
    rows: int,
    findings: Mapping[str, object],
    changes: Mapping[str, object],
    missing: Sequence[Mapping[str, object]],
    undo: bytes | None,
    now: datetime,
) -> None:
    """What has come of it; nobody holds it any more."""
    await store.SETTLE.run(
        session,
        county_id=work.county_id,
        id=work.id,
        state=state,
        rows=rows,
        findings=json.dumps(findings, ensure_ascii=False, default=str),
        changes=json.dumps(changes, ensure_ascii=False, default=str),
        missing=json.dumps(missing, ensure_ascii=False, default=str),
        undo=undo,
        now=now,
    )


async def move(
    session: AsyncSession, county_id: str, job_id: UUID, state: ImportState, *, from_: ImportState, now: datetime
) -> None:
    """Raises `NOT_FOUND`, and `CONFLICT` where it is in another state by now."""
    moved = await store.MOVE.run(
        session, county_id=county_id, id=job_id, state=state, from_states=[from_], now=now
    )
    if not moved:
        raise _not_now((await job(session, county_id, job_id)).state)


async def read_as(session: AsyncSession, county_id: str, job_id: UUID, crs: str, *, now: datetime) -> None:
    """Its coordinates mean something else: it is checked once more. Raises as `move`."""
    if not await store.READ_AS.run(session, county_id=county_id, id=job_id, crs=crs, now=now):
        raise _not_now((await job(session, county_id, job_id)).state)


@dataclass(frozen=True, slots=True)
class Undo:
    """How to take an import of a kind back."""

    kind: str
    undo: bytes


async def undo_of(session: AsyncSession, county_id: str, job_id: UUID) -> Undo:
    """How to take it back; the job is locked. Raises `NOT_FOUND`, `CONFLICT` where it was not applied."""
    found = await store.LOCK_UNDO.first(session, county_id=county_id, id=job_id)
    if found is None:
        raise Problem(NOT_FOUND)
    if found.state != ImportState.APPLIED or found.undo is None:
        raise _not_now(found.state)
    return Undo(found.kind, found.undo)


async def headings(session: AsyncSession, county_id: str, kind: str) -> dict[str, str]:
    """What the county's own headings mean: heading -> column."""
    return {
        row.heading: row.column_key for row in await store.HEADINGS.all(session, county_id=county_id, kind=kind)
    }


async def remember_headings(session: AsyncSession, county_id: str, kind: str, meaning: Mapping[str, str]) -> None:
    """From now on these mean that."""
    if meaning:
        await store.PUT_HEADINGS.run(
            session, county_id=county_id, kind=kind, headings=list(meaning), keys=list(meaning.values())
        )


async def names(session: AsyncSession, county_id: str) -> Names:
    """Who is meant by names in reports of other platforms, as the county has said."""
    found = await store.NAMES.all(session, county_id=county_id)
    return {(row.source, row.written): row.person_id for row in found}


async def remember_names(session: AsyncSession, county_id: str, said: Names) -> None:
    """From now on these mean them."""
    if said:
        await store.PUT_NAMES.run(
            session,
            county_id=county_id,
            sources=[source for source, _ in said],
            written=[written for _, written in said],
            person_ids=list(said.values()),
        )


def _not_now(state: str) -> Problem:
    words = {str(each): each.text for each in ImportState}[state]
    return Problem(CONFLICT, Text(_NOT_NOW.zh.format(state=words.zh), _NOT_NOW.en.format(state=words.en)))


async def take_over(session: AsyncSession, county_id: str, *, from_id: UUID, into_id: UUID) -> None:
    """What a record made, and names that mean it, when it goes into another of the same person."""
    of = {"county_id": county_id, "from_id": from_id, "into_id": into_id}
    await store.TAKE_OVER.run(session, **of)
    await document_templates.TAKE_OVER.run(session, **of)


async def forget_names(session: AsyncSession, county_id: str, person_ids: Sequence[UUID]) -> None:
    """How other platforms write these people."""
    await store.FORGET_NAMES.run(session, county_id=county_id, ids=list(person_ids))
