"""Verifying: what is sealed is digested anew from the rows as they are, and compared; and the chain is walked.

Everything is computed here, from statements of the code: what the database is told to say of itself is not asked.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import cache
from typing import NamedTuple
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.kernel.sealing import SETTINGS, TRIGGERS, hashed, parts, wanted
from app.kernel.statements import Statement
from app.kernel.words import Word


class Tampered(Word):
    """篡改: what was done to evidence behind the service's back."""

    CHANGED = "changed", "记录被改动", "a row was changed"
    REMOVED = "removed", "记录被删除", "a row was removed"
    PUT_IN = "put_in", "记录被塞入", "a row was put in"
    SEAL_CHANGED = "seal_changed", "封存被改动", "a seal was changed"
    SEAL_MISSING = "seal_missing", "封存缺失", "a seal is missing"
    LINK_BROKEN = "link_broken", "封存链断裂", "a seal does not follow the one before"
    HEAD_DIFFERS = "head_differs", "与留存的链头不符", "the chain is not the one whose head was exported"
    UNWATCHED = "unwatched", "监视触发器被停用", "a trigger that watches over a table is off"


class Found(NamedTuple):
    """One thing that is not as it was sealed."""

    part: str  # the table; with `.state` what of it may change
    row_id: UUID
    what: str


class LinkRow(NamedTuple):
    """A seal that is not what, or where, it should be."""

    number: int
    what: str


class Head(NamedTuple):
    """The last link of a chain: who keeps it elsewhere can tell a chain that was made anew."""

    number: int
    hash: bytes
    sealed_at: datetime


class Tally(NamedTuple):
    """How much is sealed, how much of it was removed with a record, and how much waits."""

    sealed: int
    removed: int
    waiting: int


class WatchRow(NamedTuple):
    """A trigger that is there and on."""

    table_name: str
    name: str


@dataclass(frozen=True, slots=True)
class Altered:
    """A finding: in which table, or of the chain itself, and which row or seal."""

    county_id: str
    what: Tampered
    table: str
    id: str  # of the row; of a seal its number, of a trigger its name

    def as_dict(self) -> dict[str, str]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class CountyReport:
    """What was found in a county, and how much was looked at."""

    county_id: str
    altered: tuple[Altered, ...]
    tally: Tally
    head: Head | None


@cache
def _rows() -> Statement[Found]:
    """Rows that are not as their last seal has them. What waits to be sealed is passed over."""
    here = "\n  UNION ALL".join(part.digests("county_id = :county_id") for part in parts())
    return Statement(
        Found,
        f"""
WITH sealed AS (
  SELECT DISTINCT ON (each.part, each.row_id) each.part, each.row_id, each.digest
  FROM seal CROSS JOIN LATERAL unnest(parts, row_ids, digests) AS each (part, row_id, digest)
  WHERE county_id = :county_id ORDER BY each.part, each.row_id, number DESC
), noted AS (
  SELECT * FROM unsealed WHERE county_id = :county_id
), waiting AS MATERIALIZED ({wanted("noted")}
), here AS ({here}
)
SELECT part, row_id, CASE WHEN here.digest IS NULL THEN 'removed'
  WHEN coalesce(sealed.digest, '') = '' THEN 'put_in' ELSE 'changed' END AS what
FROM sealed FULL JOIN here USING (part, row_id) LEFT JOIN waiting USING (part, row_id)
WHERE here.digest IS DISTINCT FROM nullif(sealed.digest, '') AND waiting.part IS NULL
ORDER BY part, row_id
""",
    )


_LINKS = Statement(
    LinkRow,
    f"""
SELECT number, what FROM (
  SELECT number, CASE WHEN number <> coalesce(lag(number) OVER earlier, 0) + 1 THEN 'seal_missing'
    WHEN previous <> coalesce(lag(hash) OVER earlier, '') THEN 'link_broken'
    WHEN hash IS DISTINCT FROM {hashed("seal")} THEN 'seal_changed' END AS what
  FROM seal WHERE county_id = :county_id WINDOW earlier AS (ORDER BY number)
) AS link WHERE what IS NOT NULL ORDER BY number
""",
)
_TALLY = Statement(
    Tally,
    """
SELECT count(*) FILTER (WHERE digest <> '') AS sealed, count(*) FILTER (WHERE digest = '') AS removed,
  (SELECT coalesce(sum(cardinality(row_ids)), 0) FROM unsealed WHERE county_id = :county_id)::bigint AS waiting
FROM seal CROSS JOIN LATERAL unnest(digests) AS digest WHERE county_id = :county_id
""",
)
_WAITING = Statement(
    int,
    "SELECT CAST(coalesce(sum(cardinality(row_ids)), 0) AS bigint) AS waiting FROM unsealed"
    " WHERE county_id = :county_id",
)
_HEAD = Statement(
    Head,
    "SELECT number, hash, sealed_at FROM seal WHERE county_id = :county_id ORDER BY number DESC LIMIT 1",
)
_HASH = Statement(bytes, "SELECT hash FROM seal WHERE county_id = :county_id AND number = :number")
_ON = Statement(
    WatchRow,
    """
SELECT CAST(CAST(tgrelid AS regclass) AS text) AS table_name, CAST(tgname AS text) AS name FROM pg_trigger
WHERE NOT tgisinternal AND tgenabled IN ('O', 'A')
""",
)
_SETTING = ", ".join(f"set_config('{name}', '{value}', true)" for name, value in SETTINGS.items())
_SET = Statement(str, f"SELECT concat_ws(', ', {_SETTING}) AS settings")
_KEEPERS = {("check_in", "keep_evidence"), ("check_in", "keep_person")}


async def head(session: AsyncSession, county_id: str) -> Head | None:
    """None before anything was sealed."""
    return await _HEAD.first(session, county_id=county_id)


async def waiting(session: AsyncSession, county_id: str) -> int:
    """How many rows are not sealed yet; a row that was changed since counts again."""
    return await _WAITING.one(session, county_id=county_id)


async def tally(session: AsyncSession, county_id: str) -> Tally:
    return await _TALLY.one(session, county_id=county_id)


async def verify(session: AsyncSession, county_id: str, kept: Head | None = None) -> CountyReport:
    """All that is not as it was sealed. `kept`: a head that was exported earlier. The caller reads a snapshot."""
    await _SET.one(session)
    rows = await _rows().all(session, county_id=county_id)
    links = await _LINKS.all(session, county_id=county_id)
    altered = [
        *(Altered(county_id, Tampered.of(link.what), "seal", str(link.number)) for link in links),
        *_once(county_id, rows),
    ]
    if kept and await _HASH.first(session, county_id=county_id, number=kept.number) != kept.hash:
        altered.append(Altered(county_id, Tampered.HEAD_DIFFERS, "seal", str(kept.number)))
    return CountyReport(county_id, tuple(altered), await tally(session, county_id), await head(session, county_id))


def _once(county_id: str, rows: Sequence[Found]) -> list[Altered]:
    """A row of which both parts differ is named once, and first for what is worse."""
    found: dict[tuple[str, UUID], Altered] = {}
    for row in rows:
        table = row.part.removesuffix(".state")
        found.setdefault((table, row.row_id), Altered(county_id, Tampered.of(row.what), table, str(row.row_id)))
    return list(found.values())


async def unwatched(session: AsyncSession) -> list[Altered]:
    """Triggers that should be on and are not, of all counties."""
    on = {(row.table_name, row.name) for row in await _ON.all(session)}
    expected = {(part.table, name) for part in parts() for name in TRIGGERS} | _KEEPERS
    return [Altered("", Tampered.UNWATCHED, table, name) for table, name in sorted(expected - on)]
