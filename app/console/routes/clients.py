"""Tracking apps of the people in scope: their keys, and what they sent in vain."""

from uuid import UUID

from fastapi import APIRouter, Request

from app.access import client_keys
from app.asgi.abilities import needs
from app.asgi.client_keys import ClientKeyIn, ClientKeyIssued, ClientKeyList, issued
from app.console.routes.look import Look, LookDep
from app.console.routes.parameters import CursorQuery, LimitQuery
from app.console.schemas.clients import CountyQuarantinePage
from app.directory.rights import Ability
from app.flows import client_keys as flow
from app.kernel.language import Text
from app.kernel.paging import DEFAULT_LIMIT
from app.reads import quarantine

router = APIRouter(tags=["tracking apps"])

_OFFICE_ONLY = Text("只有县办公室可以管理他人的密钥", "Only the county office manages the keys of others")


@router.get(
    "/quarantine", response_model=CountyQuarantinePage, summary="What tracking apps sent and nobody can take"
)
@needs(Ability.READ)
async def list_quarantine(
    look: LookDep, person: UUID | None = None, cursor: CursorQuery = None, limit: LimitQuery = DEFAULT_LIMIT
) -> dict[str, object]:
    sight = await look.sight(person=person)
    listed = await quarantine.quarantined(
        look.session, sight, person_id=person, cursor=cursor, limit=limit, language=look.language
    )
    await look.seen(person, {"quarantine": person or "all"})  # bodies may hold places
    return listed


@router.get("/people/{person_id}/client-keys", response_model=ClientKeyList, summary="The keys of a person's apps")
@needs(Ability.READ)
async def list_client_keys(person_id: UUID, look: LookDep) -> dict[str, object]:
    await look.sight(person=person_id)
    return {
        "items": await client_keys.of_person(
            look.session, county_id=look.scope.county_id, person_id=person_id, language=look.language
        )
    }


@router.post(
    "/people/{person_id}/client-keys",
    status_code=201,
    response_model=ClientKeyIssued,
    summary="Make a key for a person's app; the person is told",
)
@needs(Ability.MANAGE_CLIENT_KEYS)
async def issue_client_key(
    request: Request, person_id: UUID, wanted: ClientKeyIn, look: LookDep
) -> dict[str, object]:
    await _manages(look, person_id)
    new = await flow.issue_for(
        look.session,
        look.scope,
        person_id=person_id,
        client=wanted.client,
        device_id=wanted.device_id,
        now=look.now,
    )
    return issued(request, new)


@router.delete("/people/{person_id}/client-keys/{key_id}", status_code=204, summary="End a key")
@needs(Ability.MANAGE_CLIENT_KEYS)
async def revoke_client_key(person_id: UUID, key_id: UUID, look: LookDep) -> None:
    await _manages(look, person_id)
    await flow.revoke_for(look.session, look.scope, person_id=person_id, key_id=key_id, now=look.now)


async def _manages(look: Look, person_id: UUID) -> None:
    """Whoever holds a key of somebody can sign them in: not a leader's business.

    Raises `NOT_FOUND` outside the scope, `FORBIDDEN` for anyone but the office.
    """
    await look.sight(person=person_id)
    look.must_hold(_OFFICE_ONLY)
    await look.where(person=person_id)
