"""Who is behind: rules, compliance, duties with their evidence."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from app.console.routes.context import ContextDep, shows
from app.console.routes.parameters import (
    CursorQuery,
    LimitQuery,
    PeriodQuery,
    PersonQuery,
    RuleQuery,
    UnitQuery,
    VillageQuery,
    statuses,
)
from app.directory.rights import Ability
from app.directory.words import Category
from app.http.abilities import needs
from app.kernel.audit import Looked
from app.kernel.paging import DEFAULT_LIMIT
from app.reads import board, compliance_tree, rule_period, visits
from app.reads.answers.board import Compliance, ComplianceTree, DutyDetail, DutyPage, RuleList
from app.reads.board import Grouping

router = APIRouter(tags=["board"])


@router.get("/rules", summary="The rules in force, the first one first")
@needs(Ability.READ_RULES)
async def list_rules(context: ContextDep) -> RuleList:
    return await rule_period.rules(
        context.session, county_id=context.scope.county_id, now=context.now, language=context.language
    )


@router.get(
    "/compliance",
    response_model_exclude_unset=True,
    summary="How many people stand where, in one period of one rule",
)
@needs(Ability.READ)
async def compliance(
    context: ContextDep,
    period: PeriodQuery = None,
    rule: RuleQuery = None,
    unit: UnitQuery = None,
    group_by: Annotated[
        Grouping,
        Query(
            description="unit: the units below `unit` (default: below the caller's own), each with its subtree;"
            " village: those in the caller's scope, with whoever is assigned in the period"
        ),
    ] = "unit",
) -> Compliance:
    asked = await context.question(period, rule)
    visible = await context.visible(unit=unit)
    return await board.compliance(context.session, visible, asked, group_by=group_by, language=context.language)


@router.get("/compliance-tree", summary="The whole tree of units in sight, each with the totals of its subtree")
@needs(Ability.READ)
async def read_compliance_tree(
    context: ContextDep, period: PeriodQuery = None, rule: RuleQuery = None, unit: UnitQuery = None
) -> ComplianceTree:
    asked = await context.question(period, rule)
    visible = await context.visible(unit=unit)
    return await compliance_tree.compliance_tree(context.session, visible, asked, language=context.language)


@router.get("/duties", summary="The people who owe, the worst first")
@needs(Ability.READ)
@shows(Looked.DUTIES)
async def list_duties(
    context: ContextDep,
    period: PeriodQuery = None,
    rule: RuleQuery = None,
    status: Annotated[str | None, Query(description="such as missed,open; default: all")] = None,
    awaiting_review: Annotated[
        bool | None, Query(description="only those that held check-ins could meet, or none of them")
    ] = None,
    unit: UnitQuery = None,
    village: VillageQuery = None,
    category: Category | None = None,
    person: PersonQuery = None,
    cursor: CursorQuery = None,
    limit: LimitQuery = DEFAULT_LIMIT,
) -> DutyPage:
    filters = board.DutyFilter(statuses(status), awaiting_review, category, village, person)
    asked = await context.question(period, rule)
    visible = await context.visible(unit=unit, village=village, person=person)
    return await board.duties(
        context.session,
        visible,
        asked,
        filters,
        cursor=cursor,
        limit=limit,
        now=context.now,
        language=context.language,
    )


@router.get(
    "/duties/{duty_id}",
    summary="A duty with its evidence: the rule, and every check-in considered",
)
@needs(Ability.READ)
async def read_duty(duty_id: UUID, context: ContextDep) -> DutyDetail:
    duty = await visits.duty(
        context.session, await context.visible(), duty_id, now=context.now, language=context.language
    )
    await context.seen(duty.person.id, {"duty": duty_id})
    return duty
