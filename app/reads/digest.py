"""周报: what a leader is told on Monday. Who was behind last week below them, where, since when, and what to do.

All leaders of a county are asked about at once; a person stands in the subtrees as on the board (`board.TALLY`).
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from app.directory.scope import topmost
from app.duties.rules import Period
from app.duties.words import PeriodKind
from app.kernel.language import Language, Text
from app.kernel.sql_files import read
from app.kernel.statements import Json, Statement
from app.reads.board import AWAITING, TALLY
from app.reads.to_do import BELOW, ToDo, to_do
from app.reads.visibility import TODAY, serving


class LeaderRow(NamedTuple):
    """Who has a digest, and the subtrees that they answer for."""

    id: UUID
    paths: list[str]


class StandingRow(NamedTuple):
    """How one rule stands in what a leader answers for."""

    leader_id: UUID
    rule_id: UUID
    period_start: date
    rule_version: int
    period_end: date
    closes_at: datetime
    people: int
    met: int
    met_late: int
    open: int
    missed: int
    excused: int
    awaiting_review: int
    at_risk: int
    pending_review: int
    rate: float | None
    name: str
    name_en: str
    period_kind: PeriodKind
    behind_before: int | None
    units: list[Json] | None
    unit_count: int | None
    people_behind: list[Json] | None


SHOWN = 5
"""So many units and people are named; of more there is the number."""

# Who holds a leading post or the county's office, and has not been told of `occasion` yet.
_LEADERS = Statement(
    LeaderRow,
    f"""
WITH {TODAY}
SELECT post.person_id AS id, array_agg(CAST(unit.path AS text)) AS paths
FROM today CROSS JOIN post
JOIN person ON person.county_id = :county_id AND person.id = post.person_id AND {serving("person")}
JOIN unit ON unit.county_id = :county_id AND unit.id = post.unit_id
WHERE post.county_id = :county_id AND post.role IN ('leader', 'office') AND {serving("post")}
  AND NOT EXISTS (
    SELECT FROM notice WHERE notice.county_id = :county_id AND notice.person_id = post.person_id
      AND notice.occasion = :occasion)
  AND NOT EXISTS (
    SELECT FROM deferred_notice AS deferred
    WHERE deferred.county_id = :county_id AND deferred.person_id = post.person_id
      AND deferred.occasion = :occasion)
GROUP BY post.person_id ORDER BY post.person_id LIMIT :limit
""",
)

# Who has not met a duty is behind: for good, or while what is uploaded late still counts in time. Nobody is behind
# with what somebody else has not reviewed.
_BEHIND = f"(status IN ('open', 'missed') AND NOT {AWAITING})"

_STANDINGS = Statement(
    StandingRow,
    read(
        Path(__file__).with_name("digest.sql"),
        below=BELOW,
        is_behind=_BEHIND,
        of="leader_id, rule_id, period_start",
        tally=TALLY,
        shown=str(SHOWN),
    ),
)


@dataclass(frozen=True, slots=True)
class Digest:
    """One leader's week: for each rule what the board says of their people, and what waits for the leader."""

    leader_id: UUID
    week: Period
    timezone: str
    waiting: ToDo = field(default_factory=ToDo)
    rules: list[StandingRow] = field(default_factory=list)

    @property
    def behind(self) -> int:
        return sum(_behind(rule) for rule in self.rules)

    def about(self) -> Json:
        """What a notice keeps of it."""
        return {
            "period": {"id": self.week.id, "start": self.week.start, "end": self.week.end},
            "week": self.week.id,
            "missed": self.behind,
            "rules": [
                {
                    "id": rule.rule_id,
                    "period": {"start": rule.period_start, "end": rule.period_end},
                    "people": rule.people,
                    "met": rule.met,
                    "met_late": rule.met_late,
                    "open": rule.open,
                    "awaiting_review": rule.awaiting_review,
                    "missed": rule.missed,
                    "excused": rule.excused,
                }
                for rule in self.rules
            ],
            "summary": {"name": self.text("zh-CN"), "name_en": self.text("en")},
        }

    def text(self, language: Language) -> str:
        """The week in some lines; an empty one says why."""
        owed = [rule for rule in self.rules if rule.people > rule.excused]
        lines = [line for rule in owed for line in _lines(rule, self.timezone, language)]
        if not owed:
            lines = [(_ALL_EXCUSED if self.rules else _NOBODY).say(language)]
        if said := self.waiting.text(language):
            lines.append(said)
        return "\n".join(lines)


_NOBODY = Text("上周您负责范围内没有人有应完成的任务。", "Nobody below you owed anything last week.")
_ALL_EXCUSED = Text(
    "上周您负责范围内的人员都不作要求（请假、放假等）。",
    "Nothing was owed below you last week: everyone was excused (leave, days off).",
)
_ALL_MET = Text("“{rule}”：应完成 {owing} 人，全部达标。", "{rule}: {owing} owed, all have met it.")
_RULE = Text(
    "“{rule}”：应完成 {owing} 人，达标 {met} 人，未完成 {behind} 人{trend}。",
    "{rule}: {owing} owed, {met} met, {behind} behind{trend}.",
)
_TREND = Text("（上期 {before} 人）", " (the period before: {before})")
_OPEN = Text(
    "其中 {open} 人尚未定论，{closes_at} 前上传的仍按时计入。",
    "Not final for {open} of them: what is uploaded before {closes_at} still counts in time.",
)
_AWAITED = Text(
    "另有 {n} 人已有签到待核实，核实前不算未完成。", "Not counted as behind: {n} whose check-ins await review."
)
_WHERE = Text("所在单位：{units}。", "Where: {units}.")
_WHO = Text("首先联系：{people}。", "Turn to first: {people}.")
_ONE = Text("{name} {n} 人", "{name} {n}")
_STREAK = Text("{name}（连续 {n} 期）", "{name} ({n} periods in a row)")
_MORE = Text("等共 {n} 个", " and others, {n} in all")
_MORE_PEOPLE = Text("等共 {n} 人", " and others, {n} in all")
_COMMA = Text("、", ", ")


def _behind(rule: StandingRow) -> int:
    return int(rule.missed + rule.open - rule.awaiting_review)


def _lines(rule: StandingRow, timezone: str, language: Language) -> list[str]:
    name = rule.name_en if language == "en" else rule.name
    owing, behind, comma = rule.people - rule.excused, _behind(rule), _COMMA.say(language)
    if not behind and not rule.awaiting_review:
        return [_ALL_MET.say(language, rule=name, owing=owing)]
    trend = "" if rule.behind_before is None else _TREND.say(language, before=rule.behind_before)
    lines = [_RULE.say(language, rule=name, owing=owing, met=rule.met + rule.met_late, behind=behind, trend=trend)]
    if rule.awaiting_review:
        lines.append(_AWAITED.say(language, n=rule.awaiting_review))
    if not behind:
        return lines
    if open_ := rule.open - rule.awaiting_review:
        closes_at = f"{rule.closes_at.astimezone(ZoneInfo(timezone)):%m-%d %H:%M}"
        lines.append(_OPEN.say(language, open=open_, closes_at=closes_at))
    units = comma.join(_ONE.say(language, name=unit["name"], n=unit["behind"]) for unit in rule.units or ())
    people = comma.join(
        _STREAK.say(language, name=each["name"], n=each["misses"]) if each["misses"] > 1 else each["name"]
        for each in rule.people_behind or ()
    )
    more_units = _MORE.say(language, n=rule.unit_count) if (rule.unit_count or 0) > SHOWN else ""
    more_people = _MORE_PEOPLE.say(language, n=behind) if behind > SHOWN else ""
    return [
        *lines,
        _WHERE.say(language, units=units + more_units),
        _WHO.say(language, people=people + more_people),
    ]


def occasion(week: Period) -> str:
    return f"digest:{week.id}"


async def digests(
    session: AsyncSession, *, county_id: str, timezone: str, week: Period, now: datetime, limit: int
) -> list[Digest]:
    """Those of the week that have not been told yet, at most so many: every rule whose period ended in it."""
    found = await _LEADERS.all(session, county_id=county_id, occasion=occasion(week), limit=limit, now=now)
    if not found:
        return []
    below = [(leader.id, path) for leader in found for path in topmost(leader.paths)]
    standings = await _STANDINGS.all(
        session,
        county_id=county_id,
        leader_ids=[leader_id for leader_id, _ in below],
        paths=[path for _, path in below],
        before=week.previous.start,
        since=week.start,
        until=week.end,
        today=now.astimezone(ZoneInfo(timezone)).date(),
    )
    by_leader = {leader_id: list(group) for leader_id, group in groupby(standings, attrgetter("leader_id"))}
    waiting = await to_do(session, county_id=county_id, below=below, now=now)
    return [
        Digest(
            leader.id,
            week,
            timezone,
            waiting[leader.id],
            by_leader.get(leader.id, []),
        )
        for leader in found
    ]
