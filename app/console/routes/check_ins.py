"""Check-ins of the people in scope. Every look at someone else's is in the audit log."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from app.checkins.words import Standing
from app.console.routes.context import ContextDep, shows
from app.console.routes.parameters import CursorQuery, LimitQuery, PersonQuery, UnitQuery, VillageQuery, bbox
from app.directory.rights import Ability
from app.http.abilities import needs
from app.http.wire import MomentQuery
from app.kernel.audit import Looked
from app.kernel.paging import DEFAULT_LIMIT
from app.reads import visits
from app.reads.answers.check_ins import CheckInDetail, CheckInPage

router = APIRouter(prefix="/check-ins", tags=["check-ins"])


@router.get("", summary="Check-ins; `standing=held&order=oldest` is the review queue")
@needs(Ability.READ)
@shows(Looked.CHECK_INS, asked=False)
async def list_check_ins(
    context: ContextDep,
    from_: Annotated[MomentQuery | None, Query(alias="from", description="captured then or later")] = None,
    to: Annotated[MomentQuery | None, Query(description="captured before")] = None,
    unit: UnitQuery = None,
    village: VillageQuery = None,
    person: PersonQuery = None,
    standing: Standing | None = None,
    box: Annotated[str | None, Query(alias="bbox", description="west,south,east,north in degrees")] = None,
    order: visits.Order = "newest",
    cursor: CursorQuery = None,
    limit: LimitQuery = DEFAULT_LIMIT,
) -> CheckInPage:
    filters = visits.CheckInFilter(from_, to, village, person, standing, bbox(box))
    visible = await context.visible(unit=unit, village=village, person=person)
    listed = await visits.check_ins(
        context.session, visible, filters, order=order, cursor=cursor, limit=limit, language=context.language
    )
    asked = filters.given() | ({"unit": unit} if unit else {})
    await context.seen(person, asked | ({Looked.CHECK_INS.value: True} if person else {}))
    return listed


@router.get("/{check_in_id}", summary="A check-in with all that the phone said")
@needs(Ability.READ)
async def read_check_in(check_in_id: UUID, context: ContextDep) -> CheckInDetail:
    found = await visits.check_in(context.session, await context.visible(), check_in_id, language=context.language)
    await context.seen(found.person.id, {"check_in": check_in_id})
    return found
