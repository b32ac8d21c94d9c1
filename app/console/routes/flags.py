"""Flags: what was missed, and what the leaders who answer for it say."""

from typing import Any, Literal
from uuid import UUID

from fastapi import APIRouter

from app.console.routes.look import Look, LookDep
from app.console.routes.parameters import CursorQuery, LimitQuery, UnitQuery
from app.console.schemas.appeals import FlagDetail
from app.console.schemas.board import Decision, FlagPage
from app.console.schemas.named import FlagStatus
from app.directory.leaders import standing
from app.directory.scope import stands_above
from app.duties import service as duties
from app.kernel.language import Text
from app.kernel.paging import DEFAULT_LIMIT
from app.kernel.problems import FORBIDDEN, Problem
from app.reads import flags

router = APIRouter(prefix="/flags", tags=["flags"])

_PEER = Text("应由其上级处理", "Those above the person settle it")
_OWN = Text("不能处理关于本人的预警", "Nobody settles a flag about themselves")


@router.get("", response_model=FlagPage, summary="The flags of the people in scope, the latest first")
async def list_flags(
    look: LookDep,
    status: FlagStatus | None = None,
    unit: UnitQuery = None,
    cursor: CursorQuery = None,
    limit: LimitQuery = DEFAULT_LIMIT,
) -> dict[str, Any]:
    return await flags.flags(
        look.session,
        await look.sight(unit=unit),
        status=status,
        cursor=cursor,
        limit=limit,
        now=look.now,
        language=look.language,
    )


@router.get("/{flag_id}", response_model=FlagDetail, summary="A flag with all that was done about it")
async def read_flag(flag_id: UUID, look: LookDep) -> dict[str, Any]:
    return await flags.flag(look.session, await look.sight(), flag_id, now=look.now, language=look.language)


@router.post(
    "/{flag_id}/acknowledge", response_model=FlagDetail, summary="Say that a flag was seen, and what is done"
)
async def acknowledge(flag_id: UUID, decision: Decision, look: LookDep) -> dict[str, Any]:
    return await _decide(look, flag_id, "acknowledged", decision.reason)


@router.post("/{flag_id}/clear", response_model=FlagDetail, summary="Settle a flag")
async def clear(flag_id: UUID, decision: Decision, look: LookDep) -> dict[str, Any]:
    return await _decide(look, flag_id, "cleared", decision.reason)


async def _decide(
    look: Look, flag_id: UUID, to: Literal["acknowledged", "cleared"], reason: str
) -> dict[str, Any]:
    """By whoever stands above the person; 409 when the flag is past that."""
    sight = await look.sight()
    before = await flags.flag(look.session, sight, flag_id, now=look.now, language=look.language)
    if before["person"]["id"] == look.scope.person_id:
        raise Problem(FORBIDDEN, _OWN)
    person_id = before["person"]["id"]
    of = await standing(look.session, county_id=look.scope.county_id, person_id=person_id, now=look.now)
    if not stands_above(look.scope, of):
        raise Problem(FORBIDDEN, _PEER)
    await duties.decide_flag(
        look.session,
        county_id=look.scope.county_id,
        flag_id=flag_id,
        to=to,
        actor_id=look.scope.person_id,
        reason=reason,
        now=look.now,
    )
    return await flags.flag(look.session, sight, flag_id, now=look.now, language=look.language)
