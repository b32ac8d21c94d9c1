"""Versions of rules as rows of `duty_rule`: written, and read back."""

from dataclasses import fields
from datetime import date
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.duties.rules import NightWindow, RuleTerms, RuleVersion
from app.duties.store import rules as store_rules
from app.duties.store.rules import VersionRow
from app.kernel.ids import new_id


async def put_rule(
    session: AsyncSession,
    *,
    county_id: str,
    terms: RuleTerms,
    effective_from: date,
    rule_id: UUID | None = None,
) -> UUID:
    """A new rule, or the next version of `rule_id`, for the periods that begin on or after `effective_from`.

    The version before ends there. Raises ValueError when the kind of period changes: that is another rule.
    """
    new = rule_id or new_id()
    key: dict[str, object] = {"county_id": county_id, "id": new, "effective_from": effective_from}
    ended = await store_rules.END_RULE.all(session, **key)
    if any(kind != terms.period_kind for kind in ended):
        raise ValueError(terms.period_kind)
    await store_rules.PUT_RULE.all(
        session,
        **key,
        **_columns_of(terms),
    )
    return new


def version_of(row: VersionRow) -> RuleVersion:
    """From a row of `duty_rule`."""
    values = {name: getattr(row, name) for name in _PLAIN_TERMS}
    return RuleVersion(
        id=row.id,
        version=row.version,
        terms=RuleTerms(
            **values | {name: tuple(values[name]) for name in _LISTS},
            night=NightWindow(row.night_start, row.night_until)
            if row.night_start is not None and row.night_until is not None
            else None,
        ),
        effective_from=row.effective_from,
        effective_until=row.effective_until,
    )


_LISTS = ("categories", "unit_ids", "except_ids")
_PLAIN_TERMS = tuple(field.name for field in fields(RuleTerms) if field.name != "night")


def _columns_of(terms: RuleTerms) -> dict[str, object]:
    values = {name: getattr(terms, name) for name in _PLAIN_TERMS}
    return (
        values
        | {name: list(values[name]) for name in _LISTS}
        | {"night_start": terms.night and terms.night.start, "night_until": terms.night and terms.night.until}
    )
