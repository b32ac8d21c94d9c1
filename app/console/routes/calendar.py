"""The county's calendar: which days are worked, by the nation and by the county. Only the office changes it."""

from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from typing import Annotated

from fastapi import APIRouter, Path, Query
from sqlalchemy.ext.asyncio import AsyncSession

from app.console.routes.context import ContextDep, RequestContext
from app.console.schemas.leave import CalendarDayIn, CalendarDayOut, CalendarOut, CalendarYearIn
from app.directory import service as directory
from app.directory.rights import Ability
from app.duties import calendar
from app.duties.calendar import Changed, SpecialDay
from app.duties.service import DutyCounty
from app.flows import change_calendar
from app.http.abilities import needs
from app.http.wire import Day, Whole
from app.kernel import audit
from app.kernel.language import Text
from app.kernel.problems import NOT_FOUND, Problem, invalid

FromQuery = Annotated[Day | None, Query(alias="from")]

router = APIRouter(prefix="/calendar", tags=["calendar"])

MOST_DAYS = 400
_SPAN = Text("to 不得早于 from，且至多 {most} 天", "`to` not before `from`, and at most {most} days")

YearPath = Annotated[Whole, Path(ge=2000, le=2100)]


@router.get("", summary="Each day, and whether it is worked")
@needs(Ability.READ_RULES)
async def read_calendar(context: ContextDep, from_: FromQuery = None, to: Day | None = None) -> CalendarOut:
    county = await directory.county(context.session, context.scope.county_id)
    first = from_ or county.day(context.now).replace(day=1)
    last = to or first + timedelta(days=30)
    if not timedelta(0) <= last - first < timedelta(days=MOST_DAYS):
        raise invalid("/to", "bad_span", _SPAN, most=MOST_DAYS)
    return CalendarOut(items=await _days(context, first, last))


@router.put("/{day}", summary="Say whether a day is worked here")
@needs(Ability.CHANGE_CALENDAR)
async def put_day(day: Day, body: CalendarDayIn, context: ContextDep) -> CalendarDayOut:
    """Over the national calendar; duties that go by working days are counted anew."""
    special = SpecialDay(day, body.working, body.name, body.name, body.source)

    async def put(session: AsyncSession) -> Changed | None:
        return await calendar.put(session, context.scope.county_id, [special])

    before = (await _days(context, day, day))[0]
    await _change(
        context, put, "calendar.day", str(day), {"before": before.model_dump(), "after": body.model_dump()}
    )
    return (await _days(context, day, day))[0]


@router.delete("/{day}", summary="Take back what the county said of a day")
@needs(Ability.CHANGE_CALENDAR)
async def delete_day(day: Day, context: ContextDep) -> CalendarDayOut:
    async def drop(session: AsyncSession) -> Changed | None:
        return await calendar.drop(session, context.scope.county_id, [day])

    before = (await _days(context, day, day))[0]
    await _change(context, drop, "calendar.day_dropped", str(day), {"before": before.model_dump()})
    return (await _days(context, day, day))[0]


@router.put("/years/{year}", summary="The days off of a year are all known")
@needs(Ability.CHANGE_CALENDAR)
async def put_year(year: YearPath, body: CalendarYearIn, context: ContextDep) -> CalendarOut:
    async def confirm(session: AsyncSession) -> Changed | None:
        return await calendar.confirm_year(session, context.scope.county_id, year, body.source)

    await _change(context, confirm, "calendar.year", str(year), body.model_dump())
    return CalendarOut(items=await _days(context, date(year, 1, 1), date(year, 12, 31)))


async def _change(
    context: RequestContext,
    apply: Callable[[AsyncSession], Awaitable[Changed | None]],
    action: str,
    of: str,
    detail: dict[str, object],
) -> None:
    """Raises `NOT_FOUND` where there was nothing to take back."""
    county = await directory.county(context.session, context.scope.county_id)
    own = DutyCounty(county.id, county.timezone)
    if not await change_calendar.change(context.session, own, apply, context.now):
        raise Problem(NOT_FOUND)
    await audit.record(
        context.session,
        county_id=own.id,
        at=context.now,
        actor_id=context.scope.person_id,
        action=action,
        subject=f"calendar:{of}",
        detail=detail,
    )


async def _days(context: RequestContext, first: date, last: date) -> list[CalendarDayOut]:
    return [
        CalendarDayOut(
            date=day.date,
            working=day.working,
            name=day.name_en if context.language == "en" else day.name,
            source=day.source,
            own=day.own,
            by_office=day.by_office,
            known=day.known,
        )
        for day in await calendar.days(context.session, context.scope.county_id, first, last)
    ]
