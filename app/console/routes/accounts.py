"""The office gives people their accounts: codes for one, slips for a township; and signs out lost phones."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request

from app.access import sign_ins
from app.console.routes.context import ContextDep, RequestContext
from app.console.schemas.accounts import (
    ActivationMade,
    LeftOut,
    SessionsEnded,
    SlipList,
    SlipOut,
    SlipsIn,
)
from app.directory.rights import Ability
from app.flows import accounts
from app.flows.accounts import Slip
from app.http.abilities import needs
from app.http.qr import drawn
from app.http.services import services
from app.http.sign_ins import SignInList
from app.http.wire import Whole
from app.kernel.language import Text
from app.kernel.paging import DEFAULT_LIMIT, MAX_LIMIT
from app.reads.visibility import visible_to

router = APIRouter(tags=["accounts"])

_OFFICE_ONLY = Text("只有办公室可以管理他人的账号", "Only the office manages the accounts of others")
_OWN = Text(
    "不能给自己发激活码，请直接修改密码", "Nobody makes a code for themselves: change your password instead"
)


@router.post(
    "/people/{person_id}/activation", status_code=201, summary="A one-time code to choose a password with"
)
@needs(Ability.MANAGE_ACCOUNTS)
async def issue_activation(person_id: UUID, context: ContextDep) -> ActivationMade:
    """For a first account, or a new password; earlier codes of the person are good no more. Shown this once."""
    await _manages(context, person_id)
    issued = await accounts.issue_for(context.session, context.scope, person_id, now=context.now)
    return ActivationMade(code=issued.code, expires_at=issued.expires_at)


@router.delete("/people/{person_id}/sessions", summary="A phone was lost: sign the person out everywhere")
@needs(Ability.MANAGE_ACCOUNTS)
async def end_sessions(person_id: UUID, context: ContextDep) -> SessionsEnded:
    await _manages(context, person_id)
    ended = await accounts.end_sessions_of(context.session, context.scope, person_id, now=context.now)
    return SessionsEnded(ended=ended)


@router.get("/people/{person_id}/sign-ins", summary="Who signed in with the person's number, or tried to")
@needs(Ability.MANAGE_ACCOUNTS)
async def sign_ins_of(
    person_id: UUID,
    context: ContextDep,
    cursor: str | None = None,
    limit: Annotated[Whole, Query(ge=1, le=MAX_LIMIT)] = DEFAULT_LIMIT,
) -> SignInList:
    """Newest first. That somebody looked is in the audit log."""
    await _manages(context, person_id)
    found = await sign_ins.of_person(
        context.session, context.scope.county_id, person_id, cursor=cursor, limit=limit
    )
    await context.seen(person_id, {"sign_ins": True})
    return SignInList.model_validate(found)


@router.post("/activations", status_code=201, summary="Slips to print, for all of a unit who cannot sign in yet")
@needs(Ability.MANAGE_ACCOUNTS)
async def make_slips(request: Request, body: SlipsIn, context: ContextDep) -> SlipList:
    """Codes are shown this once; made again, the slips before are good no more."""
    context.must_hold(_OFFICE_ONLY)
    office = context.scope.within(context.ability)
    visible = await visible_to(context.session, office, unit_id=body.unit)
    public = services(request).public_url
    page = f"{public}/" if public else body.page
    made = await accounts.slips(
        context.session, context.scope, visible.paths, managed=office.paths, now=context.now
    )
    return SlipList(
        items=[_slip(slip, page) for slip in made.made],
        expires_at=made.made[0].issued.expires_at if made.made else None,
        left_out=[
            LeftOut(
                person_id=person.id,
                name=person.name,
                unit=person.unit,
                detail=error.text.say(context.language, **error.values),
            )
            for person, error in made.left_out
        ],
    )


def _slip(slip: Slip, page: str) -> SlipOut:
    """The code stands behind the `#`, which no server and no log sees."""
    path, size = drawn(f"{page}#/activate/{slip.issued.code}")
    phone = slip.person.phone
    return SlipOut(
        person_id=slip.person.id,
        name=slip.person.name,
        phone=f"{phone[:3]}****{phone[-4:]}",
        unit=slip.person.unit,
        code=slip.issued.code,
        qr=path,
        qr_size=size,
    )


async def _manages(context: RequestContext, person_id: UUID) -> None:
    """Raises `NOT_FOUND` outside the scope, `FORBIDDEN` for anyone but the office, and about oneself."""
    await context.visible(person=person_id)
    context.must_hold(_OFFICE_ONLY)
    await context.where(person=person_id, own=_OWN)
