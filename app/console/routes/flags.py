"""Flags: what was missed, and what the leaders who answer for it say."""

from collections.abc import Collection, Sequence
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from app.asgi.abilities import needs
from app.console.routes.look import Look, LookDep
from app.console.routes.parameters import CursorQuery, LimitQuery, UnitQuery
from app.console.schemas.appeals import FlagDetail
from app.console.schemas.board import Decision, FlagPage
from app.console.schemas.flags import MOST_LEVEL, Answer, Answered, FlagTotals, Match
from app.directory.leaders import standings
from app.directory.rights import Ability
from app.duties import service as duties
from app.duties.flags import BEFORE
from app.duties.flags import Decision as Decided
from app.duties.words import FlagStatus
from app.kernel.language import Text
from app.kernel.paging import DEFAULT_LIMIT
from app.kernel.problems import CONFLICT, FORBIDDEN, Problem
from app.reads import flag_totals, flags
from app.reads.flags import Wanted

router = APIRouter(prefix="/flags", tags=["flags"])

_PEER = Text("应由其上级处理", "Those above the person settle it")
_RuleQuery = Annotated[UUID | None, Query(description="only of duties by this rule")]
_LevelQuery = Annotated[
    int | None, Query(ge=1, le=MOST_LEVEL, description="only those on this step of the county's ladder")
]
_MineQuery = Annotated[bool, Query(description="only those put before the caller")]
_OWN = Text("不能处理关于本人的预警", "Nobody settles a flag about themselves")


@router.get("", response_model=FlagPage, summary="The flags of the people in scope, the latest first")
@needs(Ability.READ)
async def list_flags(
    look: LookDep,
    status: FlagStatus | None = None,
    unit: UnitQuery = None,
    rule: _RuleQuery = None,
    level: _LevelQuery = None,
    mine: _MineQuery = False,
    cursor: CursorQuery = None,
    limit: LimitQuery = DEFAULT_LIMIT,
) -> dict[str, object]:
    return await flags.flags(
        look.session,
        await look.sight(unit=unit),
        wanted=_wanted(look, status, rule, level, mine),
        cursor=cursor,
        limit=limit,
        now=look.now,
        language=look.language,
    )


@router.get("/totals", response_model=FlagTotals, summary="How many flags there are, by status, rule, level, unit")
@needs(Ability.READ)
async def total_flags(
    look: LookDep,
    status: FlagStatus | None = None,
    unit: UnitQuery = None,
    rule: _RuleQuery = None,
    level: _LevelQuery = None,
    mine: _MineQuery = False,
) -> dict[str, object]:
    return await flag_totals.totals(
        look.session,
        await look.sight(unit=unit),
        _wanted(look, status, rule, level, mine),
        now=look.now,
        language=look.language,
    )


@router.post("/acknowledge", response_model=Answered, summary="Say of many that they were seen, and what is done")
@needs(Ability.SETTLE_FLAGS)
async def acknowledge_many(answer: Answer, look: LookDep) -> dict[str, object]:
    return await _answer(look, answer, "acknowledged")


@router.post("/clear", response_model=Answered, summary="Settle many flags")
@needs(Ability.SETTLE_FLAGS)
async def clear_many(answer: Answer, look: LookDep) -> dict[str, object]:
    return await _answer(look, answer, "cleared")


@router.get("/{flag_id}", response_model=FlagDetail, summary="A flag with all that was done about it")
@needs(Ability.READ)
async def read_flag(flag_id: UUID, look: LookDep) -> dict[str, object]:
    return await flags.flag(look.session, await look.sight(), flag_id, now=look.now, language=look.language)


@router.post(
    "/{flag_id}/acknowledge", response_model=FlagDetail, summary="Say that a flag was seen, and what is done"
)
@needs(Ability.SETTLE_FLAGS)
async def acknowledge(flag_id: UUID, decision: Decision, look: LookDep) -> dict[str, object]:
    return await _decide(look, flag_id, "acknowledged", decision.reason)


@router.post("/{flag_id}/clear", response_model=FlagDetail, summary="Settle a flag")
@needs(Ability.SETTLE_FLAGS)
async def clear(flag_id: UUID, decision: Decision, look: LookDep) -> dict[str, object]:
    return await _decide(look, flag_id, "cleared", decision.reason)


def _wanted(look: Look, status: str | None, rule: UUID | None, level: int | None, mine: bool) -> Wanted:
    return Wanted(status, rule, level, look.scope.person_id if mine else None)


async def _decide(look: Look, flag_id: UUID, to: Decided, reason: str) -> dict[str, object]:
    """By whoever stands above the person; 409 when the flag is past that."""
    sight = await look.sight()
    before = await flags.flag(look.session, sight, flag_id, now=look.now, language=look.language)
    if before["person"]["id"] == look.scope.person_id:
        raise Problem(FORBIDDEN, _OWN)
    if not await _above(look, [before["person"]["id"]]):
        raise Problem(FORBIDDEN, _PEER)
    if not await _settle(look, [flag_id], to, reason):
        raise Problem(CONFLICT)
    return await flags.flag(look.session, sight, flag_id, now=look.now, language=look.language)


async def _answer(look: Look, answer: Answer, to: Decided) -> dict[str, object]:
    """One answer to all that are meant and in sight, of people above whom the caller stands."""
    match = answer.match or Match()
    statuses = BEFORE[to] if answer.ids else _statuses(match, to)
    found = await flag_totals.chosen(
        look.session,
        await look.sight(unit=match.unit),
        ids=answer.ids,
        wanted=_wanted(look, match.status, match.rule, match.level, match.mine),
        statuses=None if answer.ids else statuses,
        as_of=match.as_of,
    )
    above = await _above(look, {flag.person_id for flag in found})
    others = [flag for flag in found if flag.person_id in above]
    due = [flag.id for flag in others if flag.status in statuses]
    done = await _settle(look, due, to, answer.reason)
    return {
        "done": len(done),
        "past": [
            {
                "id": flag.id,
                "status": flag.status,
                "person": {"id": flag.person_id, "name": flag.person_name, "category": flag.category},
            }
            for flag in others
            if flag.id not in done
        ],
        "not_yours": [flag.id for flag in found if flag.person_id not in above],
        "not_found": sorted(set(answer.ids or ()) - {flag.id for flag in found}),
    }


def _statuses(match: Match, to: Decided) -> list[str]:
    """Those that the answer is for, of those that were listed."""
    return [status for status in BEFORE[to] if match.status in (None, status)]


async def _above(look: Look, person_ids: Collection[UUID]) -> set[UUID]:
    """Of these people those above whom the caller stands."""
    found = await standings(look.session, county_id=look.scope.county_id, person_ids=person_ids, now=look.now)
    return {of.person_id for of in found if look.scope.may(look.ability, of)}


async def _settle(look: Look, flag_ids: Sequence[UUID], to: Decided, reason: str) -> set[UUID]:
    return await duties.decide_flags(
        look.session,
        county_id=look.scope.county_id,
        flag_ids=flag_ids,
        to=to,
        actor_id=look.scope.person_id,
        reason=reason,
        now=look.now,
    )
