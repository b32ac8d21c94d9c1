"""预警: a flag is raised when a duty is found missed, and withdrawn when it turns out not to be. Both are told."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from app.duties import store_flags
from app.duties.rules import Period
from app.duties.store import ask
from app.kernel import audit
from app.kernel.problems import CONFLICT, Problem
from app.notices import service as notices
from app.notices.service import NewNotice

_BEFORE: dict[str, list[str]] = {"acknowledged": ["open"], "cleared": ["open", "acknowledged"]}


async def follow(
    session: AsyncSession, *, county_id: str, timezone: str, turned: Sequence[Any], now: datetime
) -> int:
    """Bring the flags of duties whose status has just turned in line; returns how many were raised.

    `turned` are rows of a recount (`id`, `before`, `status`), saved in this transaction.
    """
    missed = [row.id for row in turned if row.status == "missed" and row.before != "missed"]
    mended = [row.id for row in turned if row.status != "missed" and row.before == "missed"]
    if mended:
        withdrawn = await ask(session, store_flags.WITHDRAW_FLAGS, county_id=county_id, duty_ids=mended, now=now)
        await _tell(session, county_id, [row.id for row in withdrawn], "flag_withdrawn", now)
    if not missed:
        return 0
    today = now.astimezone(ZoneInfo(timezone)).date()
    raised = await ask(
        session, store_flags.RAISE_FLAGS, county_id=county_id, duty_ids=missed, today=today, now=now
    )
    await _tell(session, county_id, [row.id for row in raised], "flag_raised", now)
    return len(raised)


async def decide(
    session: AsyncSession,
    *,
    county_id: str,
    flag_id: UUID,
    to: Literal["acknowledged", "cleared"],
    actor_id: UUID,
    reason: str,
    now: datetime,
) -> None:
    """A leader acknowledges or clears a flag, with a reason. Raises `CONFLICT` when it is past that."""
    found = await ask(
        session,
        store_flags.DECIDE_FLAG,
        county_id=county_id,
        flag_id=flag_id,
        to=to,
        of=_BEFORE[to],
        actor_id=actor_id,
        reason=reason,
        now=now,
    )
    if not found:
        raise Problem(CONFLICT)
    await audit.record(
        session,
        county_id=county_id,
        at=now,
        actor_id=actor_id,
        action=f"flag.{to}",
        subject=f"flag:{flag_id}",
        detail={"reason": reason},
    )


async def _tell(session: AsyncSession, county_id: str, flag_ids: Sequence[UUID], kind: str, now: datetime) -> None:
    """Tell the leaders who answer for the person, and the person."""
    if not flag_ids:
        return
    flags = await ask(session, store_flags.FLAGS, county_id=county_id, flag_ids=flag_ids)
    to_person = "duty_missed" if kind == "flag_raised" else kind
    await notices.tell(
        session,
        county_id=county_id,
        now=now,
        notices=[
            NewNotice(
                person_id=person_id,
                kind=to_person if person_id == flag.person_id else kind,
                # A flag may be raised, withdrawn and raised again.
                occasion=f"{kind}:{flag.id}:{now:%Y%m%dT%H%M%S}",
                about=_about(flag),
            )
            for flag in flags
            for person_id in {flag.person_id, *flag.recipients}
        ],
    )


def _about(flag: Any) -> dict[str, Any]:
    period = Period.of(flag.period_kind, flag.period_start)
    return {
        "flag_id": flag.id,
        "duty_id": flag.duty_id,
        "person": {"id": flag.person_id, "name": flag.name},
        "rule": {"id": flag.rule_id, "name": flag.rule_name, "name_en": flag.rule_name_en},
        "period": {"id": period.id, "start": period.start, "end": period.end},
        "required": flag.required,
        "done": flag.done,
        "misses": flag.misses,
    }
