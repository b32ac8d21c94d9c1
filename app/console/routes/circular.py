"""The circular of a period, for print: the numbers of the board and the list of who is behind, at one moment."""

import asyncio
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter
from fastapi.responses import Response

from app.console import circular
from app.console.routes.board import compliance, list_duties
from app.console.routes.context import ContextDep, RequestContext
from app.console.routes.documents import document
from app.console.routes.parameters import PeriodQuery, RuleQuery, UnitQuery
from app.directory import service as directory
from app.directory.rights import Ability
from app.exchange.documents import fill
from app.http.abilities import needs
from app.http.sessions import of_one_moment
from app.reads import tree

router = APIRouter(prefix="/exports", tags=["exports"])


@router.get("/circular.docx", summary="The circular of a period, to be printed", response_class=Response)
@of_one_moment
@needs(Ability.READ)
async def export_circular(
    context: ContextDep, period: PeriodQuery = None, rule: RuleQuery = None, unit: UnitQuery = None
) -> Response:
    """Its numbers are those of `/compliance` by unit, its people those of `/duties` with status missed."""
    county = await directory.county(context.session, context.scope.county_id)
    totals = await compliance(context, period, rule, unit)
    how_many = max(totals.total.missed, 1)  # all on one page: it is the same moment
    missed = (await list_duties(context, period, rule, "missed", unit=unit, limit=how_many)).items
    local = context.now.astimezone(ZoneInfo(county.timezone))
    whose = await _whose(context, unit, county.name)
    values = circular.values(whose, totals, missed, local, context.language)
    made = await asyncio.to_thread(lambda: fill(circular.house(context.language), values))
    return await document(
        context,
        made,
        name=f"{whose}{circular.NAME.say(context.language)} {totals.period.id}",
        export="circular",
        asked={"period": totals.period.id, "rule": totals.rule.id, "unit": unit},
        rows=len(missed),
    )


async def _whose(context: RequestContext, unit: UUID | None, county: str) -> str:
    """The unit that it is of: the one asked for, else the caller's; the county's name where these are several."""
    units = (await tree.units(context.session, await context.visible(unit=unit), now=context.now)).items
    tops = [each.name for each in units if each.parent_id is None]
    return tops[0] if len(tops) == 1 else county
