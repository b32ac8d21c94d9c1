"""The county's calendar: which days are worked, by the nation and by the county. Only the office changes it."""

from contextlib import nullcontext
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated

from fastapi import APIRouter, Path, Query
from sqlalchemy.ext.asyncio import AsyncSession

from app.console.routes.context import ContextDep, RequestContext
from app.console.routes.parameters import PreviewQuery
from app.console.schemas.directory_changes import OwedChange
from app.console.schemas.leave import (
    CalendarChanged,
    CalendarDayChanged,
    CalendarDayIn,
    CalendarDayOut,
    CalendarOut,
    CalendarYearIn,
)
from app.directory import service as directory
from app.directory.rights import Ability
from app.duties import calendar
from app.duties.calendar import Changed, SpecialDay
from app.duties.service import DutyCounty
from app.flows import change_calendar
from app.flows.change_calendar import Apply
from app.http.abilities import needs
from app.http.wire import Day, Whole
from app.kernel import audit
from app.kernel.database import rehearsed
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
async def put_day(
    day: Day, body: CalendarDayIn, context: ContextDep, preview: PreviewQuery = False
) -> CalendarDayChanged:
    """Over the national calendar; duties that go by working days are counted anew."""
    special = SpecialDay(day, body.working, body.name, body.name, body.source)

    async def put(session: AsyncSession) -> Changed | None:
        return await calendar.put(session, context.scope.county_id, [special])

    change = _Change(put, "calendar.day", str(day), {"after": body.model_dump()})
    (changed,), effect = await _change(context, change, (day, day), preview)
    return CalendarDayChanged(**changed.model_dump(), **effect)


@router.delete("/{day}", summary="Take back what the county said of a day")
@needs(Ability.CHANGE_CALENDAR)
async def delete_day(day: Day, context: ContextDep, preview: PreviewQuery = False) -> CalendarDayChanged:
    async def drop(session: AsyncSession) -> Changed | None:
        return await calendar.drop(session, context.scope.county_id, [day])

    change = _Change(drop, "calendar.day_dropped", str(day), {})
    (changed,), effect = await _change(context, change, (day, day), preview)
    return CalendarDayChanged(**changed.model_dump(), **effect)


@router.put("/years/{year}", summary="The days off of a year are all known")
@needs(Ability.CHANGE_CALENDAR)
async def put_year(
    year: YearPath, body: CalendarYearIn, context: ContextDep, preview: PreviewQuery = False
) -> CalendarChanged:
    async def confirm(session: AsyncSession) -> Changed | None:
        return await calendar.confirm_year(session, context.scope.county_id, year, body.source)

    change = _Change(confirm, "calendar.year", str(year), body.model_dump())
    items, effect = await _change(context, change, (date(year, 1, 1), date(year, 12, 31)), preview)
    return CalendarChanged(items=items, **effect)


@dataclass(frozen=True, slots=True)
class _Change:
    """What is done to the calendar, and what the audit log says of it beside how the day was."""

    apply: Apply
    action: str
    of: str
    detail: dict[str, object]


async def _change(
    context: RequestContext, change: _Change, days: tuple[date, date], preview: bool
) -> tuple[list[CalendarDayOut], dict[str, int]]:
    """These days as they are then, and what it does to what people owe.

    Raises `NOT_FOUND` where there was nothing to take back.
    """
    county = await directory.county(context.session, context.scope.county_id)
    own = DutyCounty(county.id, county.timezone)
    async with rehearsed(context.session) if preview else nullcontext():
        before = {"before": (await _days(context, *days))[0].model_dump()} if days[0] == days[1] else {}
        effect = await change_calendar.change(context.session, own, change.apply, context.now)
        if effect is None:
            raise Problem(NOT_FOUND)
        await audit.record(
            context.session,
            county_id=own.id,
            at=context.now,
            actor_id=context.scope.person_id,
            action=change.action,
            subject=f"calendar:{change.of}",
            detail=before | change.detail,
        )
        return await _days(context, *days), {name: getattr(effect, name) for name in OwedChange.model_fields}


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
