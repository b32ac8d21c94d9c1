"""Notices: what people were told, what did not arrive, the county's channels, its words and its hours."""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, TypedDict
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Request

from app.console.routes.context import ContextDep, RequestContext, shows
from app.console.routes.parameters import CursorQuery, LimitQuery, PersonQuery, UnitQuery
from app.console.schemas.notices import (
    ChannelIn,
    ChannelList,
    ChannelOut,
    ChannelTested,
    NoticeSettingsIn,
    Preview,
    PreviewIn,
    ResendIn,
    Resent,
    TemplateList,
    TemplateOut,
    TemplateText,
    TemplateTexts,
    WordsIn,
    WordsOut,
)
from app.directory import service as directory
from app.directory.rights import Ability
from app.http.abilities import needs
from app.http.services import services
from app.kernel import audit
from app.kernel.audit import Looked
from app.kernel.language import Language, Text
from app.kernel.paging import DEFAULT_LIMIT
from app.kernel.problems import CONFLICT, NOT_FOUND, Problem, invalid
from app.notices import county_channels, own_words
from app.notices.county_channels import CountyChannel
from app.notices.own_words import EXAMPLE, MOST_BODY, MOST_TITLE
from app.notices.rules import NoticeSettings
from app.notices.templates import KINDS, Words, lock_screen, template, words
from app.notices.words import DeliveryStatus
from app.reads import notices
from app.reads.answers.notices import DeliveryOfPerson, DeliveryPage, DeliverySummary, ToldPage

router = APIRouter(tags=["notices"])


async def _set_up(request: Request) -> frozenset[str]:
    return services(request).channel_kinds


SetUpDep = Annotated[frozenset[str], Depends(_set_up)]
ChannelPath = Annotated[str, Path(pattern="^[a-z][a-z0-9_]{0,30}$")]
_NOT_DEAD = Text("只有未能送达的才能重发", "Only what could not be delivered is sent again")
_REMINDERS = Text(
    "应为 0 到 1 之间的比例，或 last_working_day", "Must be shares between 0 and 1, or last_working_day"
)


@router.get("/people/{person_id}/notices", summary="What a person was told, and when")
@needs(Ability.READ)
async def told(
    person_id: UUID, context: ContextDep, cursor: CursorQuery = None, limit: LimitQuery = DEFAULT_LIMIT
) -> ToldPage:
    await context.visible(person=person_id)
    await context.shown(Looked.NOTICES, [person_id])
    return await notices.of_person(
        context.session,
        county_id=context.scope.county_id,
        person_id=person_id,
        cursor=cursor,
        limit=limit,
        language=context.language,
    )


@router.get("/deliveries", summary="What went out, or did not; the latest first")
@needs(Ability.READ)
@shows(Looked.NOTICES)
async def list_deliveries(
    context: ContextDep,
    status: DeliveryStatus | None = None,
    channel: str | None = None,
    unit: UnitQuery = None,
    person: PersonQuery = None,
    cursor: CursorQuery = None,
    limit: LimitQuery = DEFAULT_LIMIT,
) -> DeliveryPage:
    return await notices.deliveries(
        context.session,
        await context.visible(unit=unit, person=person),
        status=status,
        channel=channel,
        person_id=person,
        cursor=cursor,
        limit=limit,
        language=context.language,
    )


@router.get("/deliveries/summary", summary="How much stands where, by channel")
@needs(Ability.MANAGE_NOTICES)
async def summarize_deliveries(context: ContextDep) -> DeliverySummary:
    return await notices.summary(context.session, context.scope.county_id, context.now)


@router.post("/deliveries/resend", summary="Send all dead letters of a channel again")
@needs(Ability.MANAGE_NOTICES)
async def resend_all(body: ResendIn, context: ContextDep) -> Resent:
    return Resent(resent=await county_channels.resend(context.session, **_by(context), channel=body.channel))


@router.post("/deliveries/{delivery_id}/resend", summary="Send one again")
@needs(Ability.MANAGE_NOTICES)
async def resend(delivery_id: UUID, context: ContextDep) -> DeliveryOfPerson:
    """409 unless it is dead."""
    visible = await context.visible()
    await notices.delivery(context.session, visible, delivery_id, context.language)
    if not await county_channels.resend(context.session, **_by(context), delivery_id=delivery_id):
        raise Problem(CONFLICT, _NOT_DEAD)
    return await notices.delivery(context.session, visible, delivery_id, context.language)


@router.get("/notice-channels", summary="By which channels people are told, in order")
@needs(Ability.MANAGE_NOTICES)
async def list_channels(context: ContextDep, set_up: SetUpDep) -> ChannelList:
    found = await county_channels.ways(context.session, context.scope.county_id)
    return ChannelList(items=[_channel(way, context, set_up) for way in found])


@router.put("/notice-channels/{name}", summary="Change a channel, or make one")
@needs(Ability.MANAGE_NOTICES)
async def put_channel(
    request: Request, name: ChannelPath, body: ChannelIn, context: ContextDep, set_up: SetUpDep
) -> ChannelOut:
    known = {way.name: way for way in await county_channels.ways(context.session, context.scope.county_id)}
    terms = body.model_dump(exclude={"url"})
    if before := known.get(name):  # what is not said stays
        terms |= {term: getattr(before, term) for term in terms if term not in body.model_fields_set}
    outbound = services(request).outbound
    await county_channels.put(
        context.session, **_by(context), name=name, url=body.url, terms=terms, outbound=outbound
    )
    return await _one_channel(context, name, set_up)


@router.post("/notice-channels/{name}/test", summary="Send yourself a notice by it")
@needs(Ability.MANAGE_NOTICES)
async def test_channel(name: ChannelPath, context: ContextDep, set_up: SetUpDep) -> ChannelTested:
    await _one_channel(context, name, set_up)
    county_id, own_id = context.scope.county_id, context.scope.person_id
    sent = await county_channels.test(
        context.session, county_id=county_id, name=name, reader_id=own_id, now=context.now
    )
    return ChannelTested(sent=sent)


@router.post("/notice-channels/{name}/resume", summary="End a channel's pause")
@needs(Ability.MANAGE_NOTICES)
async def resume_channel(name: ChannelPath, context: ContextDep, set_up: SetUpDep) -> ChannelOut:
    await county_channels.resume(context.session, **_by(context), name=name)
    return await _one_channel(context, name, set_up)


@router.get("/notice-templates", summary="The words of every kind of notice")
@needs(Ability.MANAGE_NOTICES)
async def list_templates(context: ContextDep) -> TemplateList:
    own = await own_words.of_county(context.session, context.scope.county_id)
    return TemplateList(items=[_template(kind, own) for kind in KINDS])


@router.put("/notice-templates/{kind}/{language}", summary="The county's own words")
@needs(Ability.MANAGE_NOTICES)
async def put_template(kind: str, language: Language, body: WordsIn, context: ContextDep) -> TemplateOut:
    said = _checked(kind, body)
    await own_words.put(context.session, **_by(context), kind=kind, language=language, said=said)
    return _template(kind, await own_words.of_county(context.session, context.scope.county_id))


@router.delete("/notice-templates/{kind}/{language}", summary="Back to the house's")
@needs(Ability.MANAGE_NOTICES)
async def reset_template(kind: str, language: Language, context: ContextDep) -> TemplateOut:
    _known(kind)
    await own_words.reset(context.session, **_by(context), kind=kind, language=language)
    return _template(kind, await own_words.of_county(context.session, context.scope.county_id))


@router.post("/notice-templates/preview", summary="How words would read")
@needs(Ability.MANAGE_NOTICES)
async def preview(body: PreviewIn, _look: ContextDep) -> Preview:
    said = _checked(body.kind, body)
    shown = words(body.kind, EXAMPLE, body.language, said)
    locked = lock_screen(body.kind, EXAMPLE, body.language, said)
    return Preview(**shown._asdict(), lock_screen=WordsOut(**locked._asdict()))


@router.get("/notice-settings", summary="Quiet hours, reminders, digest, summary, budget")
@needs(Ability.MANAGE_NOTICES)
async def get_settings(context: ContextDep) -> NoticeSettingsIn:
    county = await directory.county(context.session, context.scope.county_id)
    return NoticeSettingsIn(**asdict(NoticeSettings.lenient(county.raw_settings)))


@router.put("/notice-settings", summary="Change them")
@needs(Ability.MANAGE_NOTICES)
async def put_settings(body: NoticeSettingsIn, context: ContextDep) -> NoticeSettingsIn:
    county = await directory.county(context.session, context.scope.county_id)
    now_set = asdict(NoticeSettings.lenient(county.raw_settings))
    changed = now_set | body.model_dump(exclude_unset=True)
    try:
        NoticeSettings.of(changed)
    except ValueError:  # all else has been checked by its type
        raise invalid("/reminders", "bad_reminder", _REMINDERS) from None
    await directory.change_settings(context.session, context.scope.county_id, changed)
    await audit.record(
        context.session,
        county_id=context.scope.county_id,
        at=context.now,
        actor_id=context.scope.person_id,
        action="notice_settings.changed",
        subject=f"county:{context.scope.county_id}",
        detail=changed,
    )
    return NoticeSettingsIn(**changed)


class _By(TypedDict):
    county_id: str
    actor_id: UUID
    now: datetime


def _by(context: RequestContext) -> _By:
    return {"county_id": context.scope.county_id, "actor_id": context.scope.person_id, "now": context.now}


def _channel(way: CountyChannel, context: RequestContext, set_up: frozenset[str]) -> ChannelOut:
    told = {
        "set_up": way.kind in set_up,
        "address": way.masked,
        "paused_reason_text": notices.reason_text(way.paused_reason, context.language),
    }
    return ChannelOut(**{name: getattr(way, name) for name in ChannelOut.model_fields if name not in told}, **told)


async def _one_channel(context: RequestContext, name: str, set_up: frozenset[str]) -> ChannelOut:
    for way in await county_channels.ways(context.session, context.scope.county_id):
        if way.name == name:
            return _channel(way, context, set_up)
    raise Problem(NOT_FOUND)


def _known(kind: str) -> None:
    if kind not in KINDS:
        raise Problem(NOT_FOUND)


def _checked(kind: str, said: WordsIn) -> Words:
    """Raises `INVALID` at the title or the body."""
    _known(kind)
    for name, most in (("title", MOST_TITLE), ("body", MOST_BODY)):
        if wrong := own_words.problem_with(kind, getattr(said, name), most=most):
            raise invalid(f"/{name}", "bad_words", wrong.text, **wrong.values)
    return Words(said.title, said.body)


def _template(kind: str, own: dict[tuple[str, str], Words]) -> TemplateOut:
    languages: tuple[Language, ...] = ("zh-CN", "en")
    texts = {
        language: TemplateText(
            house=WordsOut(**template(kind, language)._asdict()),
            own=WordsOut(**said._asdict()) if (said := own.get((kind, language))) else None,
        )
        for language in languages
    }
    return TemplateOut(kind=kind, placeholders=own_words.placeholders(kind), texts=TemplateTexts(**texts))
