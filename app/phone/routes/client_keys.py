"""Keys for tracking apps on one's own devices, and what those apps sent in vain."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request

from app.access import client_keys, quarantine
from app.directory.rights import Ability
from app.http.abilities import needs
from app.http.caller import LanguageDep, ScopeDep
from app.http.client_keys import ClientKeyIn, ClientKeyIssued, ClientKeyList, QuarantinePage, issued
from app.http.services import services
from app.http.sessions import SessionDep
from app.http.wire import Whole
from app.kernel.paging import DEFAULT_LIMIT, MAX_LIMIT

router = APIRouter(prefix="/me", tags=["tracking apps"])


@router.get("/client-keys", response_model=ClientKeyList, summary="The keys of one's tracking apps")
@needs(Ability.OWN)
async def my_client_keys(own: ScopeDep, session: SessionDep, language: LanguageDep) -> dict[str, object]:
    return {
        "items": await client_keys.of_person(
            session, county_id=own.county_id, person_id=own.person_id, language=language
        )
    }


@router.post(
    "/client-keys", status_code=201, response_model=ClientKeyIssued, summary="Make a key, which is shown this once"
)
@needs(Ability.OWN)
async def make_client_key(
    request: Request, wanted: ClientKeyIn, own: ScopeDep, session: SessionDep
) -> dict[str, object]:
    new = await client_keys.issue(
        session,
        county_id=own.county_id,
        person_id=own.person_id,
        client=wanted.client,
        device_id=wanted.device_id,
        issued_by=own.person_id,
        now=services(request).clock(),
    )
    return issued(request, new)


@router.delete("/client-keys/{key_id}", status_code=204, summary="End a key")
@needs(Ability.OWN)
async def end_client_key(request: Request, key_id: UUID, own: ScopeDep, session: SessionDep) -> None:
    await client_keys.revoke(
        session,
        county_id=own.county_id,
        person_id=own.person_id,
        key_id=key_id,
        now=services(request).clock(),
    )


@router.get(
    "/quarantine", response_model=QuarantinePage, summary="What one's tracking apps sent and nobody can take"
)
@needs(Ability.OWN)
async def my_quarantine(
    own: ScopeDep,
    session: SessionDep,
    language: LanguageDep,
    cursor: str | None = None,
    limit: Annotated[Whole, Query(ge=1, le=MAX_LIMIT)] = DEFAULT_LIMIT,
) -> dict[str, object]:
    return await quarantine.of_person(
        session,
        county_id=own.county_id,
        person_id=own.person_id,
        cursor=cursor,
        limit=limit,
        language=language,
    )
