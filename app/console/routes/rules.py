"""Rules: what they say, and the office's changes to them, tried on a past period before they are made."""

from dataclasses import asdict
from uuid import UUID

from fastapi import APIRouter

from app.console.routes.context import ContextDep, RequestContext
from app.console.schemas.rules import (
    Preset,
    PresetList,
    RuleEnd,
    RuleIn,
    RuleTrial,
    RuleVersionOut,
    RuleVersions,
    Terms,
)
from app.directory import service as directory
from app.directory.rights import Ability
from app.duties import changing_rules, presets
from app.duties.rules import Period, RuleTerms, RuleVersion
from app.duties.service import DutyCounty
from app.flows import change_rule
from app.http.abilities import needs
from app.kernel.language import Language, Text
from app.kernel.problems import invalid
from app.reads import named, rule_period, trials
from app.reads.answers.named import Period as AskedPeriod
from app.reads.answers.trials import Trial
from app.tracks.settings import TrackSettings

router = APIRouter(prefix="/rules", tags=["rules"])

_UNKNOWN = Text("所指对象不存在", "Refers to something that is not there")
_TRACKS_OFF = Text(
    "本县未启用轨迹，无法按小时计", "The county keeps no tracks, so that there are no hours to count"
)
_PERIOD = Text(
    "应为已开始的同类周期，例如 {example}", "Must be a period of that kind that has begun, such as {example}"
)


@router.get("/presets", summary="Rules that counties really had")
@needs(Ability.READ_RULES)
async def list_presets(context: ContextDep) -> PresetList:
    return PresetList(items=[Preset(**_terms(each, context.language)) for each in presets.ALL])


@router.get("/{rule_id}", summary="Every version of a rule")
@needs(Ability.READ_RULES)
async def read_rule(rule_id: UUID, context: ContextDep) -> RuleVersions:
    versions = await changing_rules.versions(context.session, await _county(context), rule_id)
    return RuleVersions(items=[_version(each, context.language) for each in reversed(versions)])


@router.post("", status_code=201, summary="Put a new rule in force")
@needs(Ability.CHANGE_RULES)
async def post_rule(body: RuleIn, context: ContextDep) -> RuleVersionOut:
    await _check(context, body)
    version = await change_rule.begin(
        context.session,
        await _county(context),
        body.terms(),
        effective_from=body.effective_from,
        actor_id=context.scope.person_id,
        now=context.now,
    )
    return _version(version, context.language)


@router.post("/preview", summary="Whom a rule would have flagged")
@needs(Ability.CHANGE_RULES)
async def preview_rule(body: RuleTrial, context: ContextDep) -> Trial:
    """Nothing is changed. With `rule_id`, beside how everybody stands under that rule as it is."""
    await _check(context, body)
    county, terms = await _county(context), body.terms()
    period = _tried_on(body, county, context)
    if body.rule_id:
        last = (await changing_rules.versions(context.session, county, body.rule_id))[-1]
        if last.terms.period_kind != terms.period_kind:
            raise invalid("/period", "other_period_kind", changing_rules.OTHER_KIND)
    before = (
        await changing_rules.standing(context.session, county, body.rule_id, period, context.now)
        if body.rule_id
        else None
    )
    after = await changing_rules.preview(context.session, county, terms, period, context.now)
    return await trials.compare(
        context.session,
        await context.visible(),
        AskedPeriod(id=period.id, kind=period.kind, start=period.start, end=period.end, closes_at=after.closes_at),
        before.people if before else None,
        after.people,
    )


@router.put("/{rule_id}", summary="Change a rule from a date on")
@needs(Ability.CHANGE_RULES)
async def put_rule(rule_id: UUID, body: RuleIn, context: ContextDep) -> RuleVersionOut:
    """Periods that have begun keep the version that they began under."""
    await _check(context, body)
    version = await change_rule.change(
        context.session,
        await _county(context),
        rule_id,
        body.terms(),
        effective_from=body.effective_from,
        actor_id=context.scope.person_id,
        now=context.now,
    )
    return _version(version, context.language)


@router.post("/{rule_id}/end", summary="End a rule from a date on")
@needs(Ability.CHANGE_RULES)
async def end_rule(rule_id: UUID, body: RuleEnd, context: ContextDep) -> RuleVersions:
    await change_rule.end(
        context.session,
        await _county(context),
        rule_id,
        effective_until=body.effective_until,
        actor_id=context.scope.person_id,
        now=context.now,
    )
    return await read_rule(rule_id, context)


async def _check(context: RequestContext, body: Terms) -> None:
    """Raises `INVALID` where something is named or counted that is not there."""
    if (
        body.measure == "hours_in_village"
        and not (await directory.county(context.session, context.scope.county_id)).setting(TrackSettings).tracks
    ):
        raise invalid("/measure", "tracks_off", _TRACKS_OFF)
    visible = await context.visible()
    if set(body.unit_ids) - (
        await named.units(context.session, visible, body.unit_ids) if body.unit_ids else set()
    ):
        raise invalid("/unit_ids", "unknown", _UNKNOWN)
    if body.except_ids and set(body.except_ids) - set(
        await named.people(context.session, visible, body.except_ids)
    ):
        raise invalid("/except_ids", "unknown", _UNKNOWN)


async def _county(context: RequestContext) -> DutyCounty:
    county = await directory.county(context.session, context.scope.county_id)
    return DutyCounty(county.id, county.timezone)


def _tried_on(body: RuleTrial, county: DutyCounty, context: RequestContext) -> Period:
    """The period asked for, else the one before the running one. Raises `INVALID` at `/tried_on`."""
    last = Period.of(body.period, county.today(context.now)).previous
    if body.tried_on is None:
        return last
    try:
        period = Period.parse(body.tried_on)
    except ValueError:
        period = None
    if period is None or period.kind != body.period or period.start > county.today(context.now):
        raise invalid("/tried_on", "bad_period", _PERIOD, example=last.id)
    return period


def _version(version: RuleVersion, language: Language) -> RuleVersionOut:
    return RuleVersionOut(
        **_terms(version.terms, language),
        id=version.id,
        version=version.version,
        effective_from=version.effective_from,
        effective_until=version.effective_until,
    )


def _terms(terms: RuleTerms, language: Language) -> dict[str, object]:
    return asdict(terms) | {
        "period": terms.period_kind,
        "night": terms.night and terms.night.as_dict(),
        "text": rule_period.text_of(terms, language),
    }
