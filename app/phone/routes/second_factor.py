"""动态口令: a second factor beside the password, as its owner turns it on and off."""

from fastapi import APIRouter, Request

from app.access import second_factor
from app.directory.rights import Ability
from app.flows import accounts
from app.http.abilities import needs
from app.http.caller import ScopeDep, origin_of
from app.http.qr import drawn
from app.http.services import services
from app.http.sessions import SessionDep
from app.phone.schemas.accounts import CodeIn, SecondFactorIn, SecondFactorMade, SecondFactorOut

router = APIRouter(prefix="/me/second-factor", tags=["sign-in"])


@router.get("", summary="Whether a code is asked for when one signs in")
@needs(Ability.OWN)
async def my_second_factor(own: ScopeDep, session: SessionDep) -> SecondFactorOut:
    since = await second_factor.since(session, own.county_id, own.person_id)
    return SecondFactorOut(enabled=since is not None, since=since)


@router.post("", status_code=201, summary="A secret for an authenticator app, by the password; to be confirmed")
@needs(Ability.OWN)
async def make_second_factor(request: Request, body: SecondFactorIn, own: ScopeDep) -> SecondFactorMade:
    """Shown this once. Nothing is asked for until a code of it is confirmed."""
    handed = services(request)
    made = await accounts.make_second_factor(
        handed.database, own, password=body.password, origin=origin_of(request, None), now=handed.clock()
    )
    path, size = drawn(made.uri)
    return SecondFactorMade(secret=made.secret, uri=made.uri, qr=path, qr_size=size)


@router.post("/confirm", status_code=204, summary="From now on codes of it are asked for")
@needs(Ability.OWN)
async def confirm_second_factor(request: Request, body: CodeIn, own: ScopeDep, session: SessionDep) -> None:
    await accounts.confirm_second_factor(session, own, code=body.code, now=services(request).clock())


@router.post("/remove", status_code=204, summary="The password is enough again, by a code")
@needs(Ability.OWN)
async def remove_second_factor(request: Request, body: CodeIn, own: ScopeDep, session: SessionDep) -> None:
    await accounts.remove_second_factor(session, own, code=body.code, now=services(request).clock())
