"""Tracking apps of the people in scope: their keys, and what they sent in vain."""

from uuid import UUID

from fastapi import APIRouter, Request

from app.access import client_keys
from app.access import quarantine as kept
from app.console.routes.context import ContextDep, RequestContext, shows
from app.console.routes.parameters import CursorQuery, LimitQuery, PersonQuery, UnitQuery
from app.console.schemas.clients import CountyQuarantinePage, QuarantinedOfPerson
from app.directory.rights import Ability
from app.flows import client_keys as flow
from app.http.abilities import needs
from app.http.client_keys import ClientKeyIn, ClientKeyIssued, ClientKeyList, issued
from app.kernel.audit import Looked
from app.kernel.language import Text
from app.kernel.paging import DEFAULT_LIMIT
from app.reads import quarantine
from app.reads.answers.named import PersonRef

router = APIRouter(tags=["tracking apps"])

_OFFICE_ONLY = Text("只有办公室可以管理他人的密钥", "Only the office manages the keys of others")
_OWN = Text("本人的密钥请在“我的应用”中管理", "Keys of your own are yours to make: use your own page")


@router.get("/quarantine", summary="What tracking apps sent and nobody can take")
@needs(Ability.READ)
@shows(Looked.QUARANTINE, asked=False)
async def list_quarantine(
    context: ContextDep,
    unit: UnitQuery = None,
    person: PersonQuery = None,
    cursor: CursorQuery = None,
    limit: LimitQuery = DEFAULT_LIMIT,
) -> CountyQuarantinePage:
    visible = await context.visible(unit=unit, person=person)
    listed, after = await quarantine.quarantined(
        context.session, visible, person_id=person, cursor=cursor, limit=limit
    )
    await context.seen(person, {"quarantine": person or unit or "all"})  # bodies may hold places
    return CountyQuarantinePage(
        items=[
            QuarantinedOfPerson(
                **kept.view(row, context.language),
                person=PersonRef(id=row.person_id, name=row.name, category=row.category),
            )
            for row in listed
        ],
        next_cursor=after,
    )


@router.get("/people/{person_id}/client-keys", summary="The keys of a person's apps")
@needs(Ability.READ)
async def list_client_keys(person_id: UUID, context: ContextDep) -> ClientKeyList:
    await context.visible(person=person_id)
    found = await client_keys.of_person(
        context.session, county_id=context.scope.county_id, person_id=person_id, language=context.language
    )
    return ClientKeyList(items=found)


@router.post(
    "/people/{person_id}/client-keys",
    status_code=201,
    summary="Make a key for a person's app; the person is told",
)
@needs(Ability.MANAGE_CLIENT_KEYS)
async def issue_client_key(
    request: Request, person_id: UUID, wanted: ClientKeyIn, context: ContextDep
) -> ClientKeyIssued:
    await _manages(context, person_id)
    new = await flow.issue_for(
        context.session,
        context.scope,
        person_id=person_id,
        client=wanted.client,
        device_id=wanted.device_id,
        now=context.now,
    )
    return ClientKeyIssued(**issued(request, new))


@router.delete("/people/{person_id}/client-keys/{key_id}", status_code=204, summary="End a key")
@needs(Ability.MANAGE_CLIENT_KEYS)
async def revoke_client_key(person_id: UUID, key_id: UUID, context: ContextDep) -> None:
    await _manages(context, person_id)
    await flow.revoke_for(context.session, context.scope, person_id=person_id, key_id=key_id, now=context.now)


async def _manages(context: RequestContext, person_id: UUID) -> None:
    """Whoever holds a key of somebody can sign them in: not a leader's business.

    Raises `NOT_FOUND` outside the scope, `FORBIDDEN` for anyone but the office.
    """
    await context.visible(person=person_id)
    context.must_hold(_OFFICE_ONLY)
    await context.where(person=person_id, own=_OWN)
