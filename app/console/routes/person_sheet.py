"""个人履职情况表: one person's sheet, to be looked at and to be printed."""

import asyncio
from typing import Annotated
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query
from fastapi.responses import Response

from app.console import person_sheet as paper
from app.console.exports import Said
from app.console.routes.context import ContextDep
from app.console.routes.documents import document
from app.console.routes.flags import offer
from app.directory import merging
from app.directory import service as directory
from app.directory.rights import Ability
from app.exchange.documents import fill
from app.http.abilities import needs
from app.http.sessions import of_one_moment, takes_long
from app.http.wire import Day
from app.reads import person_sheet
from app.reads.answers.person_sheet import PersonSheet

router = APIRouter(prefix="/people/{person_id}", tags=["directory"])

_FromQuery = Annotated[
    Day | None, Query(alias="from", description="the first day; default: the Monday twelve weeks before `to`")
]
_ToQuery = Annotated[Day | None, Query(description="the last day; default: the Sunday of this week")]


@router.get("/sheet", summary="What a person owed in some days, what was done, and why the rest did not count")
@of_one_moment
@takes_long
@needs(Ability.READ)
async def read_person_sheet(
    person_id: UUID, context: ContextDep, from_: _FromQuery = None, to: _ToQuery = None
) -> PersonSheet:
    """Every duty whose period touches the days, which are 366 at most. Figures are the board's at that moment."""
    county = await directory.county(context.session, context.scope.county_id)
    today = context.now.astimezone(ZoneInfo(county.timezone)).date()
    days = person_sheet.days_asked(from_, to, today)
    found = await merging.staying(context.session, county.id, person_id)
    sheet = await person_sheet.sheet(
        context.session,
        await context.visible(),
        context.scope,
        county,
        found,
        days,
        now=context.now,
        language=context.language,
    )
    await offer(context, sheet.flags)
    await context.seen(found, {"sheet": f"{days[0]}/{days[1]}"})
    return sheet


@router.get("/sheet.docx", summary="The same, to be printed", response_class=Response)
@of_one_moment
@takes_long
@needs(Ability.READ)
async def export_person_sheet(
    person_id: UUID, context: ContextDep, from_: _FromQuery = None, to: _ToQuery = None
) -> Response:
    sheet = await read_person_sheet(person_id, context, from_, to)
    county = await directory.county(context.session, context.scope.county_id)
    said = Said(context.language, ZoneInfo(county.timezone))
    made = await asyncio.to_thread(
        lambda: fill(paper.house(said.language), paper.values(county.name, sheet, said))
    )
    return await document(
        context,
        made,
        name=f"{sheet.person.name}{paper.NAME.say(said.language)} {sheet.from_} {sheet.to}",
        export="person-sheet",
        asked={"person": sheet.person.id, "from": sheet.from_, "to": sheet.to},
        rows=len(sheet.check_ins),
    )
