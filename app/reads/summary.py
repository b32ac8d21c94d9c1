"""每日汇总: what a person is told once a day. What is new, what climbed, what waits, and what was put off.

All readers of a county are asked about at once. Flags are those put before the reader, by rule and by the unit
below the reader in which the person stands.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple, TypeVar
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.directory.rights import LEADING
from app.directory.scope import topmost
from app.kernel.language import Language, Text
from app.kernel.statements import Json, Statement
from app.notices import own_words
from app.notices.summaries import Reader
from app.notices.templates import Words, words
from app.reads.reviews_due import ReviewsDue, reviews_due
from app.reads.to_do import BELOW, ToDo, to_do
from app.reads.visibility import TODAY, serving

R = TypeVar("R")


class LeaderRow(NamedTuple):
    """A reader, and the subtrees that they answer for."""

    id: UUID
    paths: list[str]


class FlagsRow(NamedTuple):
    """A reader's flags by rule and unit."""

    reader_id: UUID
    rule_id: UUID
    path: str
    rule_version: int
    raised: int
    climbed: int
    waiting: int
    rule_name: str
    rule_name_en: str
    unit_id: UUID | None
    unit_name: str | None


class WithdrawnRow(NamedTuple):
    """How many of a reader's flags were withdrawn."""

    id: UUID
    n: int


class DeferredRow(NamedTuple):
    """What was put off to a reader's summary."""

    person_id: UUID
    kind: str
    about: Json


SHOWN_UNITS, SHOWN_NOTICES = 5, 20
"""So many are named; of more there is the number."""

# Asked first, for on most days most people have none: a flag put before them, or a notice that was put off.
_WITH_NEWS = Statement(
    UUID,
    """
SELECT reader.id FROM unnest(CAST(:ids AS uuid[]), CAST(:sinces AS timestamptz[])) AS reader (id, since)
WHERE EXISTS (
    SELECT FROM flag
    JOIN flag_recipient AS told ON told.county_id = :county_id AND told.flag_id = flag.id
    WHERE flag.county_id = :county_id AND flag.status = 'open' AND flag.told_at > reader.since
      AND told.person_id = reader.id)
  OR EXISTS (
    SELECT FROM deferred_notice AS deferred WHERE deferred.county_id = :county_id
      AND deferred.person_id = reader.id AND deferred.summary_id IS NULL)
""",
)

_LEADERS = Statement(
    LeaderRow,
    f"""
WITH {TODAY}
SELECT post.person_id AS id, array_agg(CAST(unit.path AS text)) AS paths
FROM today CROSS JOIN post
JOIN unit ON unit.county_id = :county_id AND unit.id = post.unit_id
WHERE post.county_id = :county_id AND post.person_id = ANY(CAST(:ids AS uuid[]))
  AND post.role = ANY(CAST(:leading AS text[])) AND {serving("post")}
GROUP BY post.person_id
""",
)

# Of flags that somebody has settled meanwhile nothing is said: they are nobody's to act on.
_FLAGS = Statement(
    FlagsRow,
    f"""
WITH {BELOW}, reader AS (
  SELECT * FROM unnest(CAST(:ids AS uuid[]), CAST(:sinces AS timestamptz[])) AS reader (id, since)
), put AS (
  SELECT reader.id AS reader_id, duty.rule_id, duty.rule_version, below.path,
    flag.told_at > reader.since AS fresh, flag.told_at > flag.opened_at AS climbed
  FROM reader
  JOIN flag_recipient AS told ON told.county_id = :county_id AND told.person_id = reader.id
  JOIN flag ON flag.county_id = :county_id AND flag.id = told.flag_id AND flag.status = 'open'
  JOIN duty ON duty.county_id = :county_id AND duty.id = flag.duty_id
  LEFT JOIN below ON below.leader_id = reader.id AND below.person_id = flag.person_id
), tally AS (
  SELECT reader_id, rule_id, path, max(rule_version) AS rule_version,
    count(*) FILTER (WHERE fresh AND NOT climbed) AS raised, count(*) FILTER (WHERE fresh AND climbed) AS climbed,
    count(*) AS waiting
  FROM put GROUP BY reader_id, rule_id, path
)
SELECT tally.*, rule.name AS rule_name, rule.name_en AS rule_name_en, unit.id AS unit_id, unit.name AS unit_name
FROM tally
JOIN duty_rule AS rule
  ON rule.county_id = :county_id AND rule.id = tally.rule_id AND rule.version = tally.rule_version
LEFT JOIN unit ON unit.county_id = :county_id AND unit.path = tally.path
ORDER BY reader_id, rule.name, rule_id, raised + climbed DESC, waiting DESC, tally.path
""",
)

_WITHDRAWN = Statement(
    WithdrawnRow,
    """
SELECT reader.id, count(*) AS n
FROM unnest(CAST(:ids AS uuid[]), CAST(:sinces AS timestamptz[])) AS reader (id, since)
JOIN flag_recipient AS told ON told.county_id = :county_id AND told.person_id = reader.id
JOIN flag ON flag.county_id = :county_id AND flag.id = told.flag_id
  AND flag.status = 'withdrawn' AND flag.changed_at > reader.since
GROUP BY reader.id
""",
)

# Not what asked the reader to decide on something that has been decided since.
_DEFERRED = Statement(
    DeferredRow,
    """
SELECT deferred.person_id, deferred.kind, deferred.about FROM deferred_notice AS deferred
WHERE deferred.county_id = :county_id AND deferred.person_id = ANY(CAST(:ids AS uuid[]))
  AND deferred.summary_id IS NULL
  AND (deferred.kind <> 'leave_asked' OR EXISTS (
    SELECT FROM leave WHERE leave.county_id = :county_id AND leave.status = 'asked'
      AND leave.id = CAST(deferred.about ->> 'leave_id' AS uuid)))
  AND (deferred.kind <> 'appeal_filed' OR EXISTS (
    SELECT FROM appeal WHERE appeal.county_id = :county_id AND appeal.status = 'open'
      AND appeal.id = CAST(deferred.about ->> 'appeal_id' AS uuid)))
ORDER BY deferred.person_id, deferred.created_at, deferred.id
""",
)

_LANGUAGES: tuple[Language, ...] = ("zh-CN", "en")
_RAISED = Text("新预警 {n} 条：", "New flags: {n}")
_CLIMBED = Text("预警升级 {n} 条：", "Flags put before a higher level: {n}")
_OF_RULE = Text("“{rule}”{n} 条：{units}", "{rule} {n}: {units}")
_OF_UNIT = Text("{name} {n}", "{name} {n}")
_ELSEWHERE = Text("其他单位", "other units")
_MORE_UNITS = Text("等共 {n} 个单位", " and others, {n} units in all")
_WITHDRAWN_SINCE = Text("已撤销预警 {n} 条（补传、请假或申诉后重新统计）。", "Withdrawn after a recount: {n}.")
_OTHERS = Text("其他通知 {n} 条：", "Other notices: {n}")
_MORE_NOTICES = Text("……共 {n} 条", "… {n} in all")
_SENTENCE = Text("{said}。", "{said}.")
_COMMA = Text("、", ", ")
_HEAD_RAISED = Text("新预警 {n}", "new flags {n}")
_HEAD_CLIMBED = Text("升级 {n}", "escalated {n}")
_HEAD_WAITING = Text("待办 {n}", "to do {n}")
_HEAD_OTHERS = Text("通知 {n}", "notices {n}")


@dataclass(frozen=True, slots=True)
class Summary:
    """One reader's day. `flags` are rows of `_FLAGS`; `deferred` what is said of each, in both languages."""

    reader_id: UUID
    day: date
    since: datetime
    waiting: ToDo = field(default_factory=ToDo)
    flags: Sequence[FlagsRow] = ()
    withdrawn: int = 0
    deferred: Sequence[Json] = ()
    reviews: ReviewsDue | None = None

    @property
    def raised(self) -> int:
        return sum(row.raised for row in self.flags)

    @property
    def climbed(self) -> int:
        return sum(row.climbed for row in self.flags)

    @property
    def has_news(self) -> bool:
        """What only waits still has been told before, and what was withdrawn is nobody's to act on."""
        newly_due = self.reviews is not None and self.reviews.put_at > self.since
        return bool(self.raised or self.climbed or self.deferred or newly_due)

    def about(self) -> Json:
        """What a notice keeps of it: its words, and the ids that lead from them to lists."""
        waiting = self.waiting
        return {
            "day": self.day,
            "since": self.since,
            "headline": {"name": self.headline("zh-CN"), "name_en": self.headline("en")},
            "summary": {"name": self.text("zh-CN"), "name_en": self.text("en")},
            "raised": self.raised,
            "climbed": self.climbed,
            "withdrawn": self.withdrawn,
            "flags": [_by_rule(group) for group in _grouped(self.flags)],
            "waiting": {
                "flags": waiting.flags,
                "check_ins": waiting.held,
                "leave": waiting.leave,
                "appeals": waiting.appeals,
                "overdue_appeals": waiting.overdue,
            },
            "reviews": self.reviews
            and {
                name: waiting and asdict(waiting)
                for name, waiting in (("own", self.reviews.own), ("below", self.reviews.below))
            },
            "notices": list(self.deferred),
        }

    def headline(self, language: Language) -> str:
        """Numbers only: it may stand on a locked screen."""
        counts = (
            (_HEAD_RAISED, self.raised),
            (_HEAD_CLIMBED, self.climbed),
            (_HEAD_WAITING, self.waiting.total),
            (_HEAD_OTHERS, len(self.deferred)),
        )
        return _COMMA.say(language).join(text.say(language, n=count) for text, count in counts if count)

    def text(self, language: Language) -> str:
        """The day in some lines."""
        lines = [
            *_news(self.flags, "raised", _RAISED, language),
            *_news(self.flags, "climbed", _CLIMBED, language),
        ]
        if self.withdrawn:
            lines.append(_WITHDRAWN_SINCE.say(language, n=self.withdrawn))
        if waiting := self.waiting.text(language):
            lines.append(waiting)
        if self.reviews:
            lines += [_SENTENCE.say(language, said=line) for line in self.reviews.lines(language)]
        if self.deferred:
            said = "body_en" if language == "en" else "body"
            lines.append(_OTHERS.say(language, n=len(self.deferred)))
            lines += [f"· {each[said]}" for each in self.deferred[:SHOWN_NOTICES]]
            if len(self.deferred) > SHOWN_NOTICES:
                lines.append(_MORE_NOTICES.say(language, n=len(self.deferred)))
        return "\n".join(lines)


def _grouped(flags: Sequence[FlagsRow]) -> list[list[FlagsRow]]:
    return [list(group) for _, group in groupby(flags, attrgetter("rule_id"))]


def _by_rule(group: Sequence[FlagsRow]) -> Json:
    rule = group[0]
    return {
        "rule": {"id": rule.rule_id, "name": rule.rule_name, "name_en": rule.rule_name_en},
        **{name: sum(getattr(row, name) for row in group) for name in ("raised", "climbed", "waiting")},
        "units": [
            {"id": row.unit_id, "name": row.unit_name}
            | {name: getattr(row, name) for name in ("raised", "climbed", "waiting")}
            for row in group
            if row.unit_id
        ],
    }


def _news(flags: Sequence[FlagsRow], what: str, head: Text, language: Language) -> list[str]:
    """A line for each rule, with the units that have most of them first."""
    lines = []
    for group in _grouped(flags):
        some = sorted((row for row in group if getattr(row, what)), key=lambda row: -getattr(row, what))
        if some:
            n = sum(getattr(row, what) for row in some)
            rule = some[0].rule_name_en if language == "en" else some[0].rule_name
            lines.append("　" + _OF_RULE.say(language, rule=rule, n=n, units=_units(some, what, language)))
    total = sum(getattr(row, what) for row in flags)
    return [head.say(language, n=total), *lines] if total else []


def _units(some: Sequence[FlagsRow], what: str, language: Language) -> str:
    named = _COMMA.say(language).join(
        _OF_UNIT.say(language, name=row.unit_name or _ELSEWHERE.say(language), n=getattr(row, what))
        for row in some[:SHOWN_UNITS]
    )
    return named + (_MORE_UNITS.say(language, n=len(some)) if len(some) > SHOWN_UNITS else "")


async def daily(
    session: AsyncSession, *, county_id: str, readers: Sequence[Reader], day: date, now: datetime
) -> list[Summary]:
    """The summaries of those for whom there is news."""
    if not readers:
        return []
    news = await _WITH_NEWS.all(session, county_id=county_id, **_asked(readers))
    reviews = await reviews_due(session, county_id=county_id, now=now)
    with_news = set(news) | {
        reader.person_id
        for reader in readers
        if reader.person_id in reviews and reviews[reader.person_id].put_at > reader.since
    }
    readers = [reader for reader in readers if reader.person_id in with_news]
    if not readers:
        return []
    asked = {"county_id": county_id, **_asked(readers)}
    leaders = await _LEADERS.all(session, county_id=county_id, ids=asked["ids"], leading=list(LEADING), now=now)
    below = [(leader.id, path) for leader in leaders for path in topmost(leader.paths)]
    paths = {"leader_ids": [leader_id for leader_id, _ in below], "paths": [path for _, path in below]}
    flags = _by_reader(await _FLAGS.all(session, **asked, **paths), lambda row: row.reader_id)
    withdrawn = {row.id: row.n for row in await _WITHDRAWN.all(session, **asked)}
    waiting = await to_do(session, county_id=county_id, below=below, now=now)
    own = await own_words.of_county(session, county_id)
    deferred = _by_reader(
        await _DEFERRED.all(session, county_id=county_id, ids=asked["ids"]), lambda row: row.person_id
    )
    found = (
        Summary(
            reader.person_id,
            day,
            reader.since,
            waiting.get(reader.person_id, ToDo()),
            flags.get(reader.person_id, ()),
            withdrawn.get(reader.person_id, 0),
            [_said(row, own) for row in deferred.get(reader.person_id, ())],
            reviews.get(reader.person_id),
        )
        for reader in readers
    )
    return [summary for summary in found if summary.has_news]


def _asked(readers: Sequence[Reader]) -> dict[str, object]:
    return {"ids": [reader.person_id for reader in readers], "sinces": [reader.since for reader in readers]}


def _by_reader(found: Sequence[R], reader: Callable[[R], UUID]) -> dict[UUID, list[R]]:
    return {reader_id: list(group) for reader_id, group in groupby(found, reader)}


def _said(row: DeferredRow, own: Mapping[tuple[str, str], Words]) -> Json:
    """A notice that was put off: what it says, and what it is about, but for the words themselves."""
    said = {
        language: words(row.kind, row.about, language, own.get((row.kind, language))) for language in _LANGUAGES
    }
    return {
        "kind": row.kind,
        "title": said["zh-CN"].title,
        "title_en": said["en"].title,
        "body": said["zh-CN"].body,
        "body_en": said["en"].body,
        "about": row.about,
    }
