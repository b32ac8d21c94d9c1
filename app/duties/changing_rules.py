"""A rule is put in force, followed by a new version, or ended; and tried on a period before it is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.duties.rules import Period, RuleTerms, RuleVersion
from app.duties.service import DutyCounty, RulePeriod, closes_at, put_rule, version_of
from app.duties.store import duties as store
from app.duties.store import rules as store_rules
from app.kernel.database import rehearsed
from app.kernel.language import Text
from app.kernel.problems import NOT_FOUND, Problem, invalid

_TOO_EARLY = Text(
    "不能早于 {earliest}：已经开始的周期不再更改", "Not before {earliest}: what has begun does not change"
)
OTHER_KIND = Text("周期不同，应另立规则", "Another kind of period is another rule")
_ENDED = Text("该规则已停止", "The rule has ended")


@dataclass(frozen=True, slots=True)
class Outcome:
    """How everybody would have stood in a period that closes, or closed, then."""

    people: Sequence["Tried"]
    closes_at: datetime


@dataclass(frozen=True, slots=True)
class Tried:
    """How one person would have stood."""

    person_id: UUID
    status: str
    required: int
    done: int


async def versions(session: AsyncSession, county: DutyCounty, rule_id: UUID) -> list[RuleVersion]:
    """Every version of a rule, the oldest first. Raises `NOT_FOUND`."""
    found = await store_rules.RULES.all(session, county_id=county.id)
    own = [version_of(row) for row in found if row.id == rule_id]
    if not own:
        raise Problem(NOT_FOUND)
    return own


async def begin(
    session: AsyncSession, county: DutyCounty, terms: RuleTerms, *, effective_from: date, now: datetime
) -> RuleVersion:
    """A new rule, at the earliest for the running period. Raises `INVALID` at `/effective_from`."""
    earliest = Period.of(terms.period_kind, county.today(now)).start
    if effective_from < earliest:
        raise invalid("/effective_from", "too_early", _TOO_EARLY, earliest=earliest)
    rule_id = await put_rule(session, county_id=county.id, terms=terms, effective_from=effective_from)
    return RuleVersion(rule_id, 1, terms, effective_from, None)


async def change(
    session: AsyncSession,
    county: DutyCounty,
    rule_id: UUID,
    terms: RuleTerms,
    *,
    effective_from: date,
    now: datetime,
) -> RuleVersion:
    """The next version, for periods that begin on or after `effective_from`, which is yet to come.

    Raises `NOT_FOUND`, and `INVALID` at the field at fault.
    """
    last = (await versions(session, county, rule_id))[-1]
    if last.terms.period_kind != terms.period_kind:
        raise invalid("/period", "other_period_kind", OTHER_KIND)
    earliest = max(county.today(now), last.effective_from) + timedelta(days=1)
    if effective_from < earliest:
        raise invalid("/effective_from", "too_early", _TOO_EARLY, earliest=earliest)
    if last.effective_until:
        raise invalid("/effective_from", "ended", _ENDED)
    await put_rule(session, county_id=county.id, rule_id=rule_id, terms=terms, effective_from=effective_from)
    return RuleVersion(rule_id, last.version + 1, terms, effective_from, None)


async def end(
    session: AsyncSession, county: DutyCounty, rule_id: UUID, *, effective_until: date, now: datetime
) -> None:
    """No period that begins on or after `effective_until` is owed by it. Raises as `change` does."""
    last = (await versions(session, county, rule_id))[-1]
    earliest = max(county.today(now), last.effective_from) + timedelta(days=1)
    if effective_until < earliest:
        raise invalid("/effective_until", "too_early", _TOO_EARLY, earliest=earliest)
    ended = await store_rules.CLOSE_RULE.run(
        session, county_id=county.id, id=rule_id, effective_until=effective_until
    )
    if not ended:
        raise invalid("/effective_until", "ended", _ENDED)


async def preview(
    session: AsyncSession, county: DutyCounty, terms: RuleTerms, period: Period, now: datetime
) -> Outcome:
    """How everyone would have stood in a period under these terms. Nothing of it stays."""
    async with rehearsed(session):
        rule_id = await put_rule(session, county_id=county.id, terms=terms, effective_from=period.start)
        return await standing(session, county, rule_id, period, now)


async def standing(
    session: AsyncSession, county: DutyCounty, rule_id: UUID, period: Period, now: datetime
) -> Outcome:
    """How everyone stands in a period under the rule as it is."""
    found = await store.LOOK_AT_PERIOD.all(
        session,
        county_id=county.id,
        timezone=county.timezone,
        now=now,
        closing=True,
        rule_id=rule_id,
        start=period.start,
    )
    return Outcome(
        [Tried(row.person_id, row.status, row.required, row.done) for row in found],
        await closes_at(session, county, RulePeriod(rule_id, period.start)),
    )
