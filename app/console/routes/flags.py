"""Flags: what was missed, and what the leaders who answer for it say."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query

from app.console.routes.context import ContextDep, RequestContext, shows
from app.console.routes.parameters import CursorQuery, LimitQuery, PersonQuery, UnitQuery
from app.console.schemas.flags import MOST_LEVEL, Answer, Answered, Decision, Match, PastFlag
from app.directory.rights import Ability
from app.duties import service as duties
from app.duties.flags import BEFORE
from app.duties.flags import Decision as Decided
from app.duties.words import FlagStatus
from app.http.abilities import needs
from app.kernel.audit import Looked
from app.kernel.language import Text
from app.kernel.paging import DEFAULT_LIMIT
from app.kernel.problems import CONFLICT, FORBIDDEN, Problem
from app.reads import flag_totals, flags
from app.reads.answers.appeals import FlagDetail
from app.reads.answers.board import Flag, FlagPage
from app.reads.answers.flags import FlagTotals
from app.reads.answers.named import PersonRef
from app.reads.flags import FlagFilter

router = APIRouter(prefix="/flags", tags=["flags"])

_PEER = Text("应由其上级处理", "Those above the person settle it")
_RuleQuery = Annotated[UUID | None, Query(description="only of duties by this rule")]
_LevelQuery = Annotated[
    int | None, Query(ge=1, le=MOST_LEVEL, description="only those on this step of the county's ladder")
]
_MineQuery = Annotated[bool, Query(description="only those put before the caller")]
_OWN = Text("不能处理关于本人的预警", "Nobody settles a flag about themselves")


def _filters(
    context: ContextDep,
    status: FlagStatus | None = None,
    person: PersonQuery = None,
    rule: _RuleQuery = None,
    level: _LevelQuery = None,
    mine: _MineQuery = False,
) -> FlagFilter:
    return FlagFilter(status, person, rule, level, context.scope.person_id if mine else None)


_Filters = Annotated[FlagFilter, Depends(_filters)]


@router.get("", summary="The flags of the people in scope, the latest first")
@needs(Ability.READ)
@shows(Looked.FLAGS)
async def list_flags(
    context: ContextDep,
    filters: _Filters,
    unit: UnitQuery = None,
    cursor: CursorQuery = None,
    limit: LimitQuery = DEFAULT_LIMIT,
) -> FlagPage:
    listed = await flags.flags(
        context.session,
        await context.visible(unit=unit, person=filters.person_id),
        filters=filters,
        cursor=cursor,
        limit=limit,
        now=context.now,
        language=context.language,
    )
    await offer(context, listed.items)
    return listed


@router.get("/totals", summary="How many flags there are, by status, rule, level, unit")
@needs(Ability.READ)
async def total_flags(
    context: ContextDep,
    filters: _Filters,
    unit: UnitQuery = None,
) -> FlagTotals:
    return await flag_totals.totals(
        context.session,
        await context.visible(unit=unit, person=filters.person_id),
        filters,
        now=context.now,
        language=context.language,
    )


@router.post("/acknowledge", summary="Say of many that they were seen, and what is done")
@needs(Ability.SETTLE_FLAGS)
async def acknowledge_many(answer: Answer, context: ContextDep) -> Answered:
    return await _answer(context, answer, "acknowledged")


@router.post("/clear", summary="Settle many flags")
@needs(Ability.SETTLE_FLAGS)
async def clear_many(answer: Answer, context: ContextDep) -> Answered:
    return await _answer(context, answer, "cleared")


@router.get("/{flag_id}", summary="A flag with all that was done about it")
@needs(Ability.READ)
@shows(Looked.FLAGS)
async def read_flag(flag_id: UUID, context: ContextDep) -> FlagDetail:
    return await _one(context, flag_id)


@router.post("/{flag_id}/acknowledge", summary="Say that a flag was seen, and what is done")
@needs(Ability.SETTLE_FLAGS)
async def acknowledge(flag_id: UUID, decision: Decision, context: ContextDep) -> FlagDetail:
    return await _decide(context, flag_id, "acknowledged", decision.reason)


@router.post("/{flag_id}/clear", summary="Settle a flag")
@needs(Ability.SETTLE_FLAGS)
async def clear(flag_id: UUID, decision: Decision, context: ContextDep) -> FlagDetail:
    return await _decide(context, flag_id, "cleared", decision.reason)


async def _decide(context: RequestContext, flag_id: UUID, to: Decided, reason: str) -> FlagDetail:
    """By whoever stands above the person; 409 when the flag is past that."""
    visible = await context.visible()
    before = await flags.flag(context.session, visible, flag_id, now=context.now, language=context.language)
    if before.person.id == context.scope.person_id:
        raise Problem(FORBIDDEN, _OWN)
    if not await context.above(Ability.SETTLE_FLAGS, [before.person.id]):
        raise Problem(FORBIDDEN, _PEER)
    if not await _settle(context, [flag_id], to, reason):
        raise Problem(CONFLICT)
    return await _one(context, flag_id)


async def _one(context: RequestContext, flag_id: UUID) -> FlagDetail:
    found = await flags.flag(
        context.session, await context.visible(), flag_id, now=context.now, language=context.language
    )
    await offer(context, [found])
    return found


async def _answer(context: RequestContext, answer: Answer, to: Decided) -> Answered:
    """One answer to all that are meant and in sight, of people above whom the caller stands."""
    match = answer.match or Match()
    statuses = BEFORE[to] if answer.ids else _statuses(match, to)
    found = await flag_totals.chosen(
        context.session,
        await context.visible(unit=match.unit, person=match.person),
        ids=answer.ids,
        filters=_filters(context, match.status, match.person, match.rule, match.level, match.mine),
        statuses=None if answer.ids else statuses,
        as_of=match.as_of,
    )
    above = await context.above(Ability.SETTLE_FLAGS, {flag.person_id for flag in found})
    others = [flag for flag in found if flag.person_id in above]
    due = [flag.id for flag in others if flag.status in statuses]
    done = await _settle(context, due, to, answer.reason)
    return Answered(
        done=len(done),
        past=[
            PastFlag(
                id=flag.id,
                status=flag.status,
                person=PersonRef(id=flag.person_id, name=flag.person_name, category=flag.category),
            )
            for flag in others
            if flag.id not in done
        ],
        not_yours=[flag.id for flag in found if flag.person_id not in above],
        not_found=sorted(set(answer.ids or ()) - {flag.id for flag in found}),
    )


def _statuses(match: Match, to: Decided) -> list[str]:
    """Those that the answer is for, of those that were listed."""
    return [status for status in BEFORE[to] if match.status in (None, status)]


async def offer(context: RequestContext, found: Sequence[Flag]) -> None:
    """Say of each flag whether the caller may settle it."""
    above = await context.above(Ability.SETTLE_FLAGS, {flag.person.id for flag in found})
    for flag in found:
        flag.may_settle = flag.status in BEFORE["cleared"] and flag.person.id in above


async def _settle(context: RequestContext, flag_ids: Sequence[UUID], to: Decided, reason: str) -> set[UUID]:
    return await duties.decide_flags(
        context.session,
        county_id=context.scope.county_id,
        flag_ids=flag_ids,
        to=to,
        actor_id=context.scope.person_id,
        reason=reason,
        now=context.now,
    )
