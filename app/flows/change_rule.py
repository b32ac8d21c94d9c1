"""The office puts a rule in force, changes it from a date on, or ends it; each with a line in the audit log."""

from dataclasses import asdict
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.duties import changing_rules
from app.duties.rules import RuleTerms, RuleVersion
from app.duties.service import DutyCounty
from app.kernel import audit


async def begin(
    session: AsyncSession,
    county: DutyCounty,
    terms: RuleTerms,
    *,
    effective_from: date,
    actor_id: UUID,
    now: datetime,
) -> RuleVersion:
    """See `changing_rules.begin`."""
    version = await changing_rules.begin(session, county, terms, effective_from=effective_from, now=now)
    await _trace(session, county, version, actor_id, now)
    return version


async def change(
    session: AsyncSession,
    county: DutyCounty,
    rule_id: UUID,
    terms: RuleTerms,
    *,
    effective_from: date,
    actor_id: UUID,
    now: datetime,
) -> RuleVersion:
    """See `changing_rules.change`."""
    version = await changing_rules.change(session, county, rule_id, terms, effective_from=effective_from, now=now)
    await _trace(session, county, version, actor_id, now)
    return version


async def end(
    session: AsyncSession,
    county: DutyCounty,
    rule_id: UUID,
    *,
    effective_until: date,
    actor_id: UUID,
    now: datetime,
) -> None:
    """See `changing_rules.end`."""
    await changing_rules.end(session, county, rule_id, effective_until=effective_until, now=now)
    await audit.record(
        session,
        county_id=county.id,
        at=now,
        actor_id=actor_id,
        action="rule.ended",
        subject=f"rule:{rule_id}",
        detail={"effective_until": effective_until},
    )


async def _trace(
    session: AsyncSession, county: DutyCounty, version: RuleVersion, actor_id: UUID, now: datetime
) -> None:
    await audit.record(
        session,
        county_id=county.id,
        at=now,
        actor_id=actor_id,
        action="rule.put",
        subject=f"rule:{version.id}",
        detail={"version": version.version, "from": version.effective_from, "terms": asdict(version.terms)},
    )
