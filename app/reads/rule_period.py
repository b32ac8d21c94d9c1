"""The rules of a county, and which period of which rule a screen is about."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from operator import attrgetter
from typing import Protocol
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from app.duties import service as duties
from app.duties.counting.measures import DAILY
from app.duties.rules import Period, RuleTerms, RuleVersion
from app.duties.service import DutyCounty, RulePeriod, version_of
from app.duties.store.rules import VersionRow
from app.duties.words import PeriodKind
from app.kernel.language import Language, Text
from app.kernel.problems import NOT_FOUND, Problem, invalid
from app.kernel.statements import Statement
from app.reads.answers.board import EvidenceRule, RuleList
from app.reads.answers.named import NightHours, Rule
from app.reads.answers.named import Period as AskedPeriod


@dataclass(frozen=True, slots=True)
class CountyRuleRow(VersionRow):
    """And the zone of its county."""

    timezone: str


_RULES = Statement(
    CountyRuleRow,
    """
SELECT rule.*, county.timezone
FROM county JOIN duty_rule AS rule
  ON rule.county_id = :county_id AND (CAST(:rule_id AS uuid) IS NULL OR rule.id = :rule_id)
WHERE county.id = :county_id ORDER BY rule.id, rule.version
""",
)

_BAD_PERIOD = Text(
    "应为 2026-W47、2026-11、2026-Q4、2026-H2 或 2026", "Must be 2026-W47, 2026-11, 2026-Q4, 2026-H2 or 2026"
)
_OTHER_KIND = Text("与该规则的周期不符，应如 {example}", "The rule has another kind of period, such as {example}")
_MEASURES = {
    "nights": Text("夜访 {n} 晚（{window}）", "Night visits ({window}), at least {n}"),
    "visits": Text("走访 {n} 次", "Visits, at least {n}"),
    "distinct_households": Text("走访 {n} 户", "Different households, at least {n}"),
    "village_days": Text("驻村 {n} 天", "Days in the village, at least {n}"),
    "nights_in_village": Text("驻村 {n} 夜（{window}）", "Nights in the village ({window}), at least {n}"),
    "hours_in_village": Text("按轨迹在村 {n} 小时", "Hours in the village by the track, at least {n}"),
}
_WHERE = {
    "assigned": Text("在所联系的村", "in an assigned village"),
    "unit": Text("在本责任单位的村", "in a village of the person's units"),
    "county": Text("在全县任一村", "in any village of the county"),
}
_RULE = Text("{each}每{kind}至少{amount}，{where}{terms}。", "{amount} a {kind}{each}, {where}{terms}. ")
_EACH = Text("每户", " for each household")
_HOUSEHOLD = Text("，须入户", ", at a household")
_FORM = Text("，须填夜访表", ", with the form of a night visit")
_DWELL = Text("，当日（当晚）在村停留至少 {minutes} 分钟", ", staying at least {minutes} minutes")
_SOME = Text("只适用于指定单位或除外部分人员。", "Only for the units named, or not for everybody. ")
_SHARES = {
    ("days", "calendar"): Text(
        "不足整期的按在岗天数折算。", "Who is there for a part owes in proportion to the days. "
    ),
    ("days", "working"): Text(
        "不足整期的按在岗工作日折算。", "Who is there for a part owes in proportion to the working days. "
    ),
    ("cap", "calendar"): Text("不超过在岗天数。", "Never more than the days there. "),
    ("cap", "working"): Text("不超过在岗工作日数。", "Never more than the working days there. "),
    ("whole", "working"): Text(
        "期内没有工作日的不作要求。", "Nothing is owed in a period without a working day. "
    ),
}
_SHIFT = Text(
    "期满遇放假，顺延至假后第一个工作日结束。",
    "Where days off follow, it closes when the first working day has ended. ",
)
_GRACE = Text(
    "期满后 {hours} 小时内上传的仍按时计入。", "Uploads up to {hours} h after the period count in time. "
)
_SOURCE = Text("依据：{source}", "Source: {source}")


@dataclass(frozen=True, slots=True)
class RuleInPeriod:
    """One period of one rule in a county: what the board is asked about."""

    timezone: str
    rule: RuleVersion
    period: Period
    closes_at: datetime
    today: date  # as of which day

    @property
    def from_at(self) -> datetime:
        """The first moment that belongs to the period; the tail of the night before it does not."""
        return self.rule.terms.ends_at(self.period.previous, self.timezone)

    @property
    def until_at(self) -> datetime:
        """The first moment that no longer does."""
        return self.rule.terms.ends_at(self.period, self.timezone)

    def parameters(self) -> dict[str, object]:
        return {"rule_id": self.rule.id, "start": self.period.start, "today": self.today}

    def said(self) -> AskedPeriod:
        """The period as it is answered."""
        period = self.period
        return AskedPeriod(
            id=period.id, kind=period.kind, start=period.start, end=period.end, closes_at=self.closes_at
        )


class OfRule(Protocol):
    """A duty, as far as it says what it answers."""

    @property
    def rule_id(self) -> UUID: ...
    @property
    def rule_version(self) -> int: ...
    @property
    def start(self) -> date: ...


async def ask(
    session: AsyncSession, *, county_id: str, rule_id: UUID | None, period: str | None, now: datetime
) -> RuleInPeriod:
    """What is asked; the county's first rule and the current period unless said otherwise.

    Raises `NOT_FOUND` for an unknown rule, `INVALID` for a period that is none or of another kind than the rule's.
    """
    found = await _RULES.all(session, county_id=county_id, rule_id=rule_id)
    if not found:
        raise Problem(NOT_FOUND)
    timezone = found[0].timezone
    versions = [version_of(row) for row in found if row.id == found[0].id]
    kind = versions[0].terms.period_kind
    current = Period.of(kind, now.astimezone(ZoneInfo(timezone)).date())
    asked = current if period is None else _parsed(period)
    if asked.kind != kind:
        raise invalid("/period", "other_period_kind", _OTHER_KIND, example=current.id)
    return await _question(session, county_id, timezone, _in_force(versions, asked), asked, now)


async def of_duty(session: AsyncSession, *, county_id: str, duty: OfRule, now: datetime) -> RuleInPeriod:
    """What a duty (a row of `board.duty`) answers: its period, under the rule version that it goes by."""
    found = await _RULES.all(session, county_id=county_id, rule_id=duty.rule_id)
    row = next(row for row in found if row.version == duty.rule_version)
    return await _question(
        session, county_id, row.timezone, version_of(row), Period.of(row.period_kind, duty.start), now
    )


async def _question(
    session: AsyncSession, county_id: str, timezone: str, rule: RuleVersion, period: Period, now: datetime
) -> RuleInPeriod:
    if rule.terms.shift_closing:  # past days off, which the database knows
        county = DutyCounty(county_id, timezone)
        closes_at = await duties.closes_at(session, county, RulePeriod(rule.id, period.start))
    else:
        closes_at = rule.terms.ends_at(period, timezone) + timedelta(hours=rule.terms.grace_h)
    today = rule.terms.day_of(now, timezone)
    return RuleInPeriod(timezone, rule, period, closes_at.astimezone(ZoneInfo(timezone)), today)


async def rules(session: AsyncSession, *, county_id: str, now: datetime, language: Language) -> RuleList:
    """The county's rules, each in the version that governs the current period, the first one first."""
    found = await _RULES.all(session, county_id=county_id, rule_id=None)
    if not found:
        return RuleList(items=[])
    today = now.astimezone(ZoneInfo(found[0].timezone)).date()
    in_force = [
        _in_force([version_of(row) for row in group], today) for _, group in groupby(found, attrgetter("id"))
    ]
    return RuleList(items=[Rule(**said(rule, language)) for rule in in_force])


async def in_words(
    session: AsyncSession, *, county_id: str, versions: Collection[tuple[UUID, int]], language: Language
) -> list[EvidenceRule]:
    """These versions of rules (id and number), each with its text, the first rule first."""
    found = await _RULES.all(session, county_id=county_id, rule_id=None)
    return [
        EvidenceRule(**said(rule, language), text=text_of(rule.terms, language))
        for rule in (version_of(row) for row in found if (row.id, row.version) in versions)
    ]


def said(rule: RuleVersion, language: Language) -> dict[str, object]:
    """What a `Rule` is made of: a rule version in the caller's language."""
    terms = rule.terms
    return {
        "id": rule.id,
        "version": rule.version,
        "name": terms.name_en if language == "en" else terms.name,
        "measure": terms.measure,
        "period": terms.period_kind,
        "required": terms.required,
        "night_window": NightHours(**terms.night.as_dict()) if terms.night else None,
        "categories": terms.categories,
    }


def text_of(terms: RuleTerms, language: Language) -> str:
    """The rule in a sentence or two, with where it is written down."""
    window = terms.night and "–".join(terms.night.as_dict().values())
    also = [
        _HOUSEHOLD.say(language) if terms.household_required else "",
        _FORM.say(language) if terms.form_required else "",
        _DWELL.say(language, minutes=terms.min_dwell_min) if terms.min_dwell_min else "",
    ]
    share = _SHARES.get((terms.share, terms.days))
    limited = terms.measure in DAILY and terms.share != "cap" and (terms.required > 1 or terms.per == "household")
    return (
        _RULE.say(
            language,
            kind=PeriodKind.of(terms.period_kind).say(language),
            each=_EACH.say(language) if terms.per == "household" else "",
            amount=_MEASURES[terms.measure].say(language, n=terms.required, window=window),
            where=_WHERE[terms.counts_in].say(language),
            terms="".join(also),
        )
        + (share.say(language) if share else "")
        + (_SHARES["cap", terms.days].say(language) if limited else "")
        + (_SOME.say(language) if terms.unit_ids or terms.except_ids else "")
        + _GRACE.say(language, hours=terms.grace_h)
        + (_SHIFT.say(language) if terms.shift_closing else "")
        + _SOURCE.say(language, source=terms.source)
    )


def _parsed(written: str) -> Period:
    try:
        return Period.parse(written)
    except ValueError:
        raise invalid("/period", "bad_period", _BAD_PERIOD) from None


def _in_force(versions: list[RuleVersion], of: Period | date) -> RuleVersion:
    """The version that governs a period; the latest where none does, since nobody owes anything then."""
    period = of if isinstance(of, Period) else Period.of(versions[0].terms.period_kind, of)
    return next((version for version in versions if version.governs(period)), versions[-1])
