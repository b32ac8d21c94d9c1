"""Personal data: the office publishes the notice, hands out copies, and makes people anonymous who have left."""

from dataclasses import asdict
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import FileResponse

from app.access import privacy
from app.console.routes.context import ContextDep
from app.console.routes.parameters import PreviewQuery
from app.console.schemas.privacy import AnonymiseDone, AnonymiseIn, PrivacyNotice, PrivacyNoticeIn
from app.directory import service as directory
from app.directory.rights import Ability
from app.flows import anonymise_person, privacy_notice
from app.flows.anonymise_person import Wanted
from app.http.abilities import needs
from app.http.own_data import ZIP, copy_of
from app.http.services import services
from app.http.wire import Plain
from app.reads import former_people
from app.reads.answers.former_people import FormerPeople

router = APIRouter(tags=["personal data"])


@router.get("/privacy-notice", summary="What people are told of their data")
@needs(Ability.MANAGE_PERSONAL_DATA)
async def read_privacy_notice(context: ContextDep) -> PrivacyNotice:
    standing = await privacy.standing(context.session, context.scope.county_id, context.scope.person_id)
    if standing.notice is None:
        county = await directory.county(context.session, context.scope.county_id)
        draft = privacy_notice.draft(county)
        return PrivacyNotice(version=0, text=draft.zh, text_en=draft.en, published_at=None)
    notice = standing.notice
    return PrivacyNotice(
        version=notice.version, text=notice.text, text_en=notice.text_en, published_at=notice.published_at
    )


@router.post("/privacy-notice", status_code=201, summary="Its next version: everybody is asked")
@needs(Ability.MANAGE_PERSONAL_DATA)
async def publish_privacy_notice(body: PrivacyNoticeIn, context: ContextDep) -> PrivacyNotice:
    await privacy_notice.publish(
        context.session,
        context.scope.county_id,
        body.text,
        body.text_en,
        actor_id=context.scope.person_id,
        now=context.now,
    )
    return await read_privacy_notice(context)


@router.get("/former-people", summary="Who has left, and is not anonymous yet")
@needs(Ability.MANAGE_PERSONAL_DATA)
async def list_former_people(
    context: ContextDep, q: Annotated[Plain, Query(max_length=100, description="part of a name")] = ""
) -> FormerPeople:
    return await former_people.former_people(context.session, await context.visible(), words=q, now=context.now)


@router.get(
    "/people/{person_id}/data.zip",
    response_class=FileResponse,
    responses=ZIP,
    summary="All that is held of a person, to be handed to them",
)
@needs(Ability.MANAGE_PERSONAL_DATA)
async def read_data_of_person(person_id: UUID, request: Request, context: ContextDep) -> FileResponse:
    await context.where(person=person_id)
    return await copy_of(
        request, county_id=context.scope.county_id, person_id=person_id, actor_id=context.scope.person_id
    )


@router.post("/people/{person_id}/anonymisation", summary="Who has left is made anonymous, for good")
@needs(Ability.MANAGE_PERSONAL_DATA)
async def anonymise(
    person_id: UUID, body: AnonymiseIn, request: Request, context: ContextDep, preview: PreviewQuery = False
) -> AnonymiseDone:
    """409 while they serve or may still upload, and while appeals, flags or duties of theirs are open."""
    await context.where(person=person_id)
    wanted = Wanted(context.scope.county_id, person_id, body.reason, context.scope.person_id)
    if preview:
        return AnonymiseDone(**asdict(await anonymise_person.preview(context.session, wanted, now=context.now)))
    handed = services(request)
    done = await anonymise_person.anonymise(handed.database, handed.photo_objects, wanted, now=context.now)
    return AnonymiseDone(**asdict(done))
