"""A fix that follows a check-in which came without one."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request

from app.checkins import rejudging
from app.checkins import service as checkins
from app.directory.rights import Ability
from app.flows.add_position import Added, add_position
from app.http.abilities import needs
from app.http.caller import LanguageDep, ScopeDep
from app.http.services import services
from app.http.sessions import SessionDep
from app.kernel.language import Text
from app.kernel.problems import invalid
from app.phone.schemas.checkins import PositionIn
from app.phone.schemas.positions import PositionedOut
from app.reads import own_check_ins

router = APIRouter(tags=["check-ins"])

_UNSET = Text(
    "坐标为 0 或未设置的值，不是定位；请在取得定位后再上传",
    "These coordinates are zeros, or stand for none: send the position when there is one",
)


@router.put(
    "/check-ins/{check_in_id}/position",
    response_model=PositionedOut,
    summary="Give a check-in the position that it came without, once; 409 when it has another one",
)
@needs(Ability.OWN_AFTERWARDS)
async def put_position(
    request: Request,
    check_in_id: UUID,
    position: PositionIn,
    own: ScopeDep,
    session: SessionDep,
    language: LanguageDep,
) -> dict[str, object]:
    handed = services(request)
    now = handed.clock()
    mine: dict[str, Any] = {"county_id": own.county_id, "person_id": own.person_id, "check_in_id": check_in_id}
    captured_at = await rejudging.captured_at(session, **mine)
    fix = position.fix(captured_at, came_at=now)
    if fix is None:
        raise invalid("", "unset_position", _UNSET)
    added = Added(**mine, captured_at=captured_at, fix=fix)
    owed = await add_position(session, handed.fences, added, now=now)
    check_in = await checkins.one(session, **mine, language=language)
    marked = await own_check_ins.marks(
        session,
        county_id=own.county_id,
        person_id=own.person_id,
        visits={check_in_id: check_in["visited_at"]},
        now=now,
    )
    said = marked[check_in_id].as_dict(language)
    return check_in | said | {"duties": [duty.as_dict(language, now) for duty in owed]}
