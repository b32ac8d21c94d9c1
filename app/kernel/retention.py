"""What is deleted for its age: until which day, table by table. `docs/privacy.md` has the times."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import PrimaryKeyConstraint
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel import audit
from app.kernel.database import Base, Timestamp
from app.kernel.statements import Command, Statement


class Deletion(Base):
    """到期删除: rows of a table from before the day `until` are deleted, all of them since `done_at`.

    What was counted from them is settled: see `SETTLED`.
    """

    __tablename__ = "deletion"
    may = ("INSERT", "UPDATE")
    lasts = "one row for each table: says what is no longer there, and why"
    __table_args__ = (PrimaryKeyConstraint("county_id", "table_name"),)

    county_id: Mapped[str]
    table_name: Mapped[str]
    until: Mapped[date]  # in the county's zone
    done_at: Mapped[datetime | None] = mapped_column(Timestamp)


COUNTED_FROM = ("check_in", "stay", "leave", "duty")
"""Tables whose rows a duty is counted from, and its own."""

SETTLED = f"""(SELECT max(until) FROM deletion
  WHERE county_id = :county_id AND table_name IN {COUNTED_FROM!r})"""
"""SQL for the day before which periods are not counted any more: what they were counted from may be deleted."""


@dataclass(frozen=True, slots=True)
class Deleted:
    """How many rows of a table of a county went that were from before the day `until`."""

    county_id: str
    table_name: str
    until: date
    rows: int


class Line(NamedTuple):
    """Until when a table's rows are deleted, and whether all of them are."""

    table_name: str
    until: date
    done: bool


LINES = Statement(
    Line,
    "SELECT table_name, until, done_at IS NOT NULL AS done FROM deletion WHERE county_id = :county_id",
)
# Never back: what is gone stays gone, whatever the county sets later.
ADVANCE = Command("""
INSERT INTO deletion (county_id, table_name, until)
SELECT :county_id, due.* FROM unnest(CAST(:table_names AS text[]), CAST(:until AS date[])) AS due
ON CONFLICT (county_id, table_name) DO UPDATE SET until = excluded.until, done_at = NULL
WHERE deletion.until < excluded.until
""")
# One worker at a time: evidence is counted before it goes, and no other may have taken it meanwhile.
TURN = Statement(
    date, "SELECT until FROM deletion WHERE county_id = :county_id AND table_name = :table_name FOR UPDATE"
)
DONE = Command("""
UPDATE deletion SET done_at = :now
WHERE county_id = :county_id AND table_name = :table_name AND until = :until
""")


async def lines(session: AsyncSession, county_id: str) -> dict[str, Line]:
    """By table."""
    return {line.table_name: line for line in await LINES.all(session, county_id=county_id)}


async def settled_before(session: AsyncSession, county_id: str) -> date:
    """Periods that began before this day are not counted any more."""
    counted = [line.until for name, line in (await lines(session, county_id)).items() if name in COUNTED_FROM]
    return max(counted, default=date.min)


async def advance(session: AsyncSession, county_id: str, until: Mapping[str, date]) -> None:
    """Say of these tables until when their rows are being deleted. Committed before the first of them goes."""
    if until:
        await ADVANCE.run(session, county_id=county_id, table_names=list(until), until=list(until.values()))


async def take_turn(session: AsyncSession, county_id: str, table_name: str) -> None:
    """Nobody else deletes from the table until this transaction has ended."""
    await TURN.one(session, county_id=county_id, table_name=table_name)


async def note(session: AsyncSession, deleted: Deleted, now: datetime) -> None:
    """Leave a row in the audit log, in the transaction of the deletion; of evidence, before that goes."""
    if deleted.rows:
        await audit.record(
            session,
            county_id=deleted.county_id,
            at=now,
            actor_id=None,
            action="retention.deleted",
            subject=f"table:{deleted.table_name}",
            detail={"until": deleted.until, "rows": deleted.rows},
        )


async def done(session: AsyncSession, county_id: str, table_name: str, until: date, now: datetime) -> None:
    """Nothing from before that day is left."""
    await DONE.run(session, county_id=county_id, table_name=table_name, until=until, now=now)
