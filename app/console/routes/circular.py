"""The circular of a period, for print: the numbers of the board and the list of who is behind, at one moment."""

import asyncio
from dataclasses import asdict
from typing import NamedTuple
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
from app.exchange import apart, own_templates
from app.exchange.apart import FaultyTemplate
from app.exchange.documents import Values, fill
from app.exchange.own_templates import Own
from app.exchange.refusals import Refusal
from app.exchange.words import DocumentKind
from app.http.abilities import needs
from app.http.sessions import of_one_moment, takes_long
from app.kernel.language import Language, Text
from app.kernel.problems import CONFLICT, FieldError, Problem
from app.reads import tree

router = APIRouter(prefix="/exports", tags=["exports"])

_NOT_FILLED = Text(
    "本县的通报模板填不出来，请县办公室更换模板或恢复自带模板。原因：",
    "The county's own template of the circular cannot be filled; its office may change it or go back to the "
    "house's. Why: ",
)


@router.get("/circular.docx", summary="The circular of a period, to be printed", response_class=Response)
@of_one_moment
@takes_long
@needs(Ability.READ)
async def export_circular(
    context: ContextDep, period: PeriodQuery = None, rule: RuleQuery = None, unit: UnitQuery = None
) -> Response:
    """Its numbers are those of `/compliance` by unit, its people those of `/duties` with status missed.

    Made from the county's own template, if it has one in the caller's language.
    """
    county_id = context.scope.county_id
    found = await numbers(context, period, rule, unit)
    own = await own_templates.in_use(context.session, county_id, DocumentKind.CIRCULAR, context.language)
    made = await _made(own, found.values, context.language)
    return await document(
        context,
        made,
        name=f"{found.whose}{circular.NAME.say(context.language)} {found.period}",
        export="circular",
        asked={"period": found.period, "rule": found.rule, "unit": unit},
        rows=found.missed,
        template=own.version if own else None,
    )


class Numbers(NamedTuple):
    """Whose circular it is, of what, and what fills it."""

    whose: str
    period: str
    rule: UUID
    missed: int
    values: Values


async def numbers(
    context: RequestContext, period: str | None = None, rule: UUID | None = None, unit: UUID | None = None
) -> Numbers:
    """The board's, within the caller's scope. Raises what the board does."""
    county = await directory.county(context.session, context.scope.county_id)
    totals = await compliance(context, period, rule, unit)
    how_many = max(totals.total.missed, 1)  # all on one page: it is the same moment
    missed = (await list_duties(context, period, rule, "missed", unit=unit, limit=how_many)).items
    local = context.now.astimezone(ZoneInfo(county.timezone))
    whose = await _whose(context, unit, county.name)
    values = circular.values(whose, totals, missed, local, context.language)
    return Numbers(whose, totals.period.id, totals.rule.id, len(missed), values)


async def _made(own: Own | None, values: Values, language: Language) -> bytes:
    """Raises `CONFLICT` where the county's own template does not bear the values of today."""
    if own is None:
        return await asyncio.to_thread(lambda: fill(circular.house(language), values))
    try:
        return await apart.document(own.content, [values], sample=circular.samples()[0])
    except Refusal as why:
        raise _unfit(why.text, why.values) from None
    except FaultyTemplate as wrong:
        raise _unfit(wrong.faults[0].text, asdict(wrong.faults[0])) from None


def _unfit(why: Text, values: dict[str, object]) -> Problem:
    said = Text(f"{_NOT_FILLED.zh}{why.zh}", f"{_NOT_FILLED.en}{why.en}")
    return Problem(CONFLICT, errors=(FieldError("", "unfit_template", said, values),))


async def _whose(context: RequestContext, unit: UUID | None, county: str) -> str:
    """The unit that it is of: the one asked for, else the caller's; the county's name where these are several."""
    units = (await tree.units(context.session, await context.visible(unit=unit), now=context.now)).items
    tops = [each.name for each in units if each.parent_id is None]
    return tops[0] if len(tops) == 1 else county
