"""Who looked at whom, and the head of the county's chain of seals: what the office answers for."""

from datetime import datetime, time, timedelta
from typing import Annotated
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query

from app.console.routes.context import ContextDep
from app.console.routes.parameters import CursorQuery, LimitQuery, PersonQuery, UnitQuery
from app.directory import service as directory
from app.directory.rights import Ability
from app.http.abilities import needs
from app.http.wire import Day
from app.kernel.paging import DEFAULT_LIMIT
from app.reads import looks
from app.reads.answers.looks import LookAtPage, SealHead

router = APIRouter(tags=["looks and seals"])


@router.get("/looks", summary="Who was shown what of whom")
@needs(Ability.READ_LOOKS)
async def list_looks(
    context: ContextDep,
    unit: UnitQuery = None,
    person: PersonQuery = None,
    by: Annotated[UUID | None, Query(description="only looks of this person's")] = None,
    day: Annotated[Day | None, Query(description="only those of this day, in the county's time")] = None,
    cursor: CursorQuery = None,
    limit: LimitQuery = DEFAULT_LIMIT,
) -> LookAtPage:
    zone = ZoneInfo((await directory.county(context.session, context.scope.county_id)).timezone)
    begins = datetime.combine(day, time(), zone) if day else None
    return await looks.looks(
        context.session,
        await context.visible(unit=unit, person=person),
        person_id=person,
        actor_id=by,
        between=(begins, begins + timedelta(days=1)) if begins else None,
        cursor=cursor,
        limit=limit,
    )


@router.get("/seals/head", summary="The last link of the county's chain of seals, to be kept elsewhere")
@needs(Ability.READ_LOOKS)
async def read_seal_head(context: ContextDep) -> SealHead:
    return await looks.seal_head(context.session, context.scope.county_id)
