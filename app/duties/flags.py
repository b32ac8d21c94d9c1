"""预警: a flag is raised when a duty is found missed, and withdrawn when it turns out not to be.

It is put before those who answer for the person, further up the more misses in a row there are and the longer
nobody acknowledges it. The person is told of each of these; leaders find them in their daily
summary, which goes by the flags themselves. Each leaves an entry in the audit log under `flag:<id>`.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from app.directory import service as directory
from app.directory.leaders import LeaderQuery, answering
from app.directory.service import County
from app.duties.escalation import Ladder
from app.duties.rules import Period
from app.duties.store import flags as store_flags
from app.duties.store.duties import CountedRow
from app.duties.store.flags import FlagRow, RaisedRow
from app.kernel.language import Text
from app.notices import service as notices
from app.notices.service import NewNotice

log = structlog.get_logger()

Decision = Literal["acknowledged", "cleared"]
BEFORE: dict[Decision, tuple[str, ...]] = {"acknowledged": ("open",), "cleared": ("open", "acknowledged")}
"""From which statuses a flag gets there."""


async def follow(session: AsyncSession, *, county_id: str, turned: Sequence[CountedRow], now: datetime) -> int:
    """Bring the flags of duties whose status has just turned in line; returns how many were raised.

    `turned` are rows of a recount (`id`, `before`, `status`), saved in this transaction.
    """
    missed = [row.id for row in turned if row.status == "missed" and row.before != "missed"]
    mended = [row.id for row in turned if row.status != "missed" and row.before == "missed"]
    if not missed and not mended:
        return 0
    county = await directory.county(session, county_id)
    if mended:
        withdrawn = await store_flags.WITHDRAW_FLAGS.all(session, county_id=county_id, duty_ids=mended, now=now)
        await _tell(session, county, withdrawn, "flag_withdrawn", now)
    if not missed:
        return 0
    ladder = ladder_of(county)
    raised = await store_flags.RAISE_FLAGS.all(
        session,
        county_id=county_id,
        duty_ids=missed,
        ladder=[step.misses for step in ladder.steps],
        now=now,
    )
    await _put_before(session, county, ladder, raised, now)
    await _say_who_did_not_review(session, county, [row for row in raised if row.unreviewed], now)
    await _tell(session, county, [row.id for row in raised], "duty_missed", now)
    return len(raised)


async def escalate(session: AsyncSession, county_id: str, now: datetime, *, limit: int) -> int:
    """Put what nobody acknowledged one step up, at most `limit` flags; returns how many.

    By state: a step is due when the time has passed since the last one was told. So any number of workers may do
    it, each flag goes up once, and after a long stop it goes up one step, whose leaders have their full time.
    """
    county = await directory.county(session, county_id)
    ladder = ladder_of(county)
    escalated = await store_flags.ESCALATE_FLAGS.all(
        session,
        county_id=county_id,
        since=now - ladder.after,
        steps=len(ladder.steps),
        limit=limit,
        now=now,
    )
    await _put_before(session, county, ladder, escalated, now)
    await _tell(session, county, [row.id for row in escalated], "flag_escalated", now)
    return len(escalated)


def ladder_of(county: County) -> Ladder:
    """The county's; the usual one where its setting cannot be read, since flags must be raised at any rate."""
    try:
        return Ladder.of(county.raw_settings)
    except ValueError:
        log.warning("bad_setting", county_id=county.id, setting="escalation")
        return Ladder()


async def decide(
    session: AsyncSession,
    *,
    county_id: str,
    flag_ids: Sequence[UUID],
    to: Decision,
    actor_id: UUID,
    reason: str,
    now: datetime,
) -> set[UUID]:
    """A leader acknowledges or clears flags, with one reason; which ones, the others being past that."""
    found = await store_flags.DECIDE_FLAGS.all(
        session,
        county_id=county_id,
        flag_ids=list(flag_ids),
        to=to,
        of=list(BEFORE[to]),
        actor_id=actor_id,
        reason=reason,
        now=now,
    )
    return set(found)


async def _put_before(
    session: AsyncSession,
    county: County,
    ladder: Ladder,
    flags: Sequence[store_flags.RaisedRow | store_flags.EscalatedRow],
    now: datetime,
) -> None:
    """Those who answer for the person on the step that the flag stands on. `flags`: `id`, `person_id`, `level`."""
    steps = [ladder.step(flag.level) for flag in flags]
    asked = [
        LeaderQuery(flag.person_id, step.levels, step.office) for flag, step in zip(flags, steps, strict=True)
    ]
    found = await answering(session, county_id=county.id, asked=asked, today=county.day(now))
    told = [(flag.id, each.person_id) for flag, who in zip(flags, found, strict=True) for each in who]
    if told:
        await store_flags.PUT_BEFORE.run(
            session,
            county_id=county.id,
            flag_ids=[flag_id for flag_id, _ in told],
            person_ids=[leader for _, leader in told],
        )


async def _say_who_did_not_review(
    session: AsyncSession, county: County, flags: Sequence[RaisedRow], now: datetime
) -> None:
    """Of duties that waited for a review in vain: those who answer for the person then."""
    asked = [LeaderQuery(flag.person_id) for flag in flags]
    found = await answering(session, county_id=county.id, asked=asked, today=county.day(now)) if asked else []
    whose = [(flag.id, each.person_id) for flag, who in zip(flags, found, strict=True) for each in who]
    if whose:
        await store_flags.UNREVIEWED.all(
            session,
            county_id=county.id,
            flag_ids=[flag_id for flag_id, _ in whose],
            person_ids=[reviewer for _, reviewer in whose],
        )


async def _tell(session: AsyncSession, county: County, flag_ids: Sequence[UUID], kind: str, now: datetime) -> None:
    """Tell the person."""
    if not flag_ids:
        return
    ladder = ladder_of(county)
    flags = await store_flags.FLAGS.all(session, county_id=county.id, flag_ids=flag_ids)
    await notices.tell(
        session,
        county_id=county.id,
        now=now,
        notices=[
            NewNotice(
                person_id=flag.person_id,
                kind=kind,
                # A flag may be raised, withdrawn and raised again.
                occasion=f"{kind}:{flag.id}:{now:%Y%m%dT%H%M%S}",
                about=_about(flag, ladder),
            )
            for flag in flags
        ],
    )


_NEVER_REVIEWED = Text(
    "有签到到期仍未核实，核实通过后会重新统计。",
    "Check-ins that could meet it were never reviewed; once they are, it counts. ",
)
_NEVER_REVIEWED_BY = Text(
    "有签到到期仍未核实，应由{names}核实，核实通过后会重新统计。",
    "Check-ins that could meet it were never reviewed, which was for {names} to do; once they are, it counts. ",
)
_AWAITED = Text("有签到待核实，暂不定论。", "Check-ins that could meet it await review.")
_COMMA = Text("、", ", ")


def _of_review(flag: FlagRow) -> dict[str, str]:
    """What is to be said of check-ins that await review, and could meet the duty."""
    if not flag.reviewable:
        return {"name": "", "name_en": ""}
    names = [each["name"] for each in flag.unreviewed_by or ()]
    text = _AWAITED if flag.duty_status == "open" else _NEVER_REVIEWED_BY if names else _NEVER_REVIEWED
    return {
        "name": text.say("zh-CN", names=_COMMA.say("zh-CN").join(names)),
        "name_en": text.say("en", names=_COMMA.say("en").join(names)),
    }


def _about(flag: FlagRow, ladder: Ladder) -> dict[str, object]:
    period = Period.of(flag.period_kind, flag.period_start)
    put_before = ladder.step(flag.level).name
    return {
        "flag_id": flag.id,
        "duty_id": flag.duty_id,
        "person": {"id": flag.person_id, "name": flag.name},
        "rule": {"id": flag.rule_id, "name": flag.rule_name, "name_en": flag.rule_name_en},
        "period": {"id": period.id, "start": period.start, "end": period.end},
        "required": flag.required,
        "done": flag.done,
        "misses": flag.misses,
        "review": _of_review(flag),
        "level": flag.level,
        "put_before": {"name": put_before.zh, "name_en": put_before.en},
    }
