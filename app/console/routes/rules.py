"""Rules: what they say, and the office's changes to them, tried on a past period before they are made."""

from dataclasses import asdict
from uuid import UUID

from fastapi import APIRouter

from app.asgi.abilities import needs
from app.console.routes.look import Look, LookDep
from app.console.schemas.rules import (
    PresetList,
    RuleEnd,
    RuleIn,
    RuleTrial,
    RuleVersionOut,
    RuleVersions,
    Terms,
    Trial,
)
from app.directory import service as directory
from app.directory.rights import Ability
from app.duties import changing_rules, presets
from app.duties.rules import Period, RuleTerms, RuleVersion
from app.duties.service import DutyCounty
from app.flows import change_rule
from app.kernel.language import Language, Text
from app.kernel.problems import invalid
from app.reads import named, question, trials
from app.tracks.settings import TrackSettings

router = APIRouter(prefix="/rules", tags=["rules"])

_UNKNOWN = Text("所指对象不存在", "Refers to something that is not there")
_TRACKS_OFF = Text(
    "本县未启用轨迹，无法按小时计", "The county keeps no tracks, so that there are no hours to count"
)
_PERIOD = Text(
    "应为已开始的同类周期，例如 {example}", "Must be a period of that kind that has begun, such as {example}"
)


@router.get("/presets", response_model=PresetList, summary="Rules that counties really had")
@needs(Ability.READ_RULES)
async def list_presets(look: LookDep) -> dict[str, object]:
    return {"items": [_terms(each, look.language) for each in presets.ALL]}


@router.get("/{rule_id}", response_model=RuleVersions, summary="Every version of a rule")
@needs(Ability.READ_RULES)
async def read_rule(rule_id: UUID, look: LookDep) -> dict[str, object]:
    versions = await changing_rules.versions(look.session, await _county(look), rule_id)
    return {"items": [_version(each, look.language) for each in reversed(versions)]}


@router.post("", status_code=201, response_model=RuleVersionOut, summary="Put a new rule in force")
@needs(Ability.CHANGE_RULES)
async def post_rule(body: RuleIn, look: LookDep) -> dict[str, object]:
    await _check(look, body)
    version = await change_rule.begin(
        look.session,
        await _county(look),
        body.terms(),
        effective_from=body.effective_from,
        actor_id=look.scope.person_id,
        now=look.now,
    )
    return _version(version, look.language)


@router.post("/preview", response_model=Trial, summary="Whom a rule would have flagged")
@needs(Ability.CHANGE_RULES)
async def preview_rule(body: RuleTrial, look: LookDep) -> dict[str, object]:
    """Nothing is changed. With `rule_id`, beside how everybody stands under that rule as it is."""
    await _check(look, body)
    county, terms = await _county(look), body.terms()
    period = _tried_on(body, county, look)
    if body.rule_id:
        last = (await changing_rules.versions(look.session, county, body.rule_id))[-1]
        if last.terms.period_kind != terms.period_kind:
            raise invalid("/period", "other_period_kind", changing_rules.OTHER_KIND)
    before = (
        await changing_rules.standing(look.session, county, body.rule_id, period, look.now)
        if body.rule_id
        else None
    )
    after = await changing_rules.preview(look.session, county, terms, period, look.now)
    return {
        "period": {
            "id": period.id,
            "kind": period.kind,
            "start": period.start,
            "end": period.end,
            "closes_at": after.closes_at,
        },
        **await trials.compare(look.session, await look.sight(), before.people if before else None, after.people),
    }


@router.put("/{rule_id}", response_model=RuleVersionOut, summary="Change a rule from a date on")
@needs(Ability.CHANGE_RULES)
async def put_rule(rule_id: UUID, body: RuleIn, look: LookDep) -> dict[str, object]:
    """Periods that have begun keep the version that they began under."""
    await _check(look, body)
    version = await change_rule.change(
        look.session,
        await _county(look),
        rule_id,
        body.terms(),
        effective_from=body.effective_from,
        actor_id=look.scope.person_id,
        now=look.now,
    )
    return _version(version, look.language)


@router.post("/{rule_id}/end", response_model=RuleVersions, summary="End a rule from a date on")
@needs(Ability.CHANGE_RULES)
async def end_rule(rule_id: UUID, body: RuleEnd, look: LookDep) -> dict[str, object]:
    await change_rule.end(
        look.session,
        await _county(look),
        rule_id,
        effective_until=body.effective_until,
        actor_id=look.scope.person_id,
        now=look.now,
    )
    return await read_rule(rule_id, look)


async def _check(look: Look, body: Terms) -> None:
    """Raises `INVALID` where something is named or counted that is not there."""
    if (
        body.measure == "hours_in_village"
        and not (await directory.county(look.session, look.scope.county_id)).setting(TrackSettings).tracks
    ):
        raise invalid("/measure", "tracks_off", _TRACKS_OFF)
    sight = await look.sight()
    if set(body.unit_ids) - (await named.units(look.session, sight, body.unit_ids) if body.unit_ids else set()):
        raise invalid("/unit_ids", "unknown", _UNKNOWN)
    if body.except_ids and set(body.except_ids) - set(await named.people(look.session, sight, body.except_ids)):
        raise invalid("/except_ids", "unknown", _UNKNOWN)


async def _county(look: Look) -> DutyCounty:
    county = await directory.county(look.session, look.scope.county_id)
    return DutyCounty(county.id, county.timezone)


def _tried_on(body: RuleTrial, county: DutyCounty, look: Look) -> Period:
    """The period asked for, else the one before the running one. Raises `INVALID` at `/tried_on`."""
    last = Period.of(body.period, county.today(look.now)).previous
    if body.tried_on is None:
        return last
    try:
        period = Period.parse(body.tried_on)
    except ValueError:
        period = None
    if period is None or period.kind != body.period or period.start > county.today(look.now):
        raise invalid("/tried_on", "bad_period", _PERIOD, example=last.id)
    return period


def _version(version: RuleVersion, language: Language) -> dict[str, object]:
    return _terms(version.terms, language) | {
        "id": version.id,
        "version": version.version,
        "effective_from": version.effective_from,
        "effective_until": version.effective_until,
    }


def _terms(terms: RuleTerms, language: Language) -> dict[str, object]:
    return asdict(terms) | {
        "period": terms.period_kind,
        "night": terms.night and terms.night.as_dict(),
        "text": question.text_of(terms, language),
    }
