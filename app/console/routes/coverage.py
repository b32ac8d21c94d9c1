"""Who was not visited, who was not heard from, and what night visits found."""

from typing import Annotated

from fastapi import APIRouter, Query

from app.console.routes.context import ContextDep, shows
from app.console.routes.parameters import CursorQuery, LimitQuery, UnitQuery, VillageQuery
from app.directory.rights import Ability
from app.http.abilities import needs
from app.http.wire import Whole
from app.kernel.audit import Looked
from app.kernel.paging import DEFAULT_LIMIT
from app.reads import coverage, night_forms, silence
from app.reads.answers.coverage import Coverage, NightVisits, Silence
from app.reads.night_forms import Grouping

router = APIRouter(tags=["coverage"])

_MOST_DAYS = 3660


@router.get("/coverage", summary="Households that nobody visited, the longest ago first")
@needs(Ability.READ)
@shows(Looked.COVERAGE)
async def read_coverage(
    context: ContextDep,
    not_visited_for_days: Annotated[
        Whole, Query(ge=1, le=_MOST_DAYS, description="times 24 hours, until now")
    ] = 30,
    unit: UnitQuery = None,
    village: VillageQuery = None,
    cursor: CursorQuery = None,
    limit: LimitQuery = DEFAULT_LIMIT,
) -> Coverage:
    return await coverage.not_visited(
        context.session,
        await context.visible(unit=unit, village=village),
        days=not_visited_for_days,
        village_id=village,
        cursor=cursor,
        limit=limit,
        now=context.now,
    )


@router.get("/silence", summary="People not heard from, never first")
@needs(Ability.READ)
@shows(Looked.DUTIES)
async def read_silence(
    context: ContextDep,
    hours: Annotated[Whole, Query(ge=1, le=24 * _MOST_DAYS)] = 48,
    unit: UnitQuery = None,
    cursor: CursorQuery = None,
    limit: LimitQuery = DEFAULT_LIMIT,
) -> Silence:
    return await silence.silent(
        context.session,
        await context.visible(unit=unit),
        hours=hours,
        cursor=cursor,
        limit=limit,
        now=context.now,
        language=context.language,
    )


@router.get(
    "/night-visits",
    response_model_exclude_unset=True,
    summary="What the forms of counted night visits found in a period",
)
@needs(Ability.READ)
@shows(Looked.COVERAGE)
async def read_night_visits(
    context: ContextDep,
    period: Annotated[
        str | None, Query(description="2026-W47, 2026-11, 2026-Q4, 2026-H2 or 2026; default: this week")
    ] = None,
    group_by: Grouping = "village",
    unit: UnitQuery = None,
) -> NightVisits:
    return await night_forms.rates(
        context.session,
        await context.visible(unit=unit),
        period=period,
        group_by=group_by,
        now=context.now,
        language=context.language,
    )
