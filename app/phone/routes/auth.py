"""Signing in and out: OAuth2 password grant and rotating refresh tokens; codes from the office and passwords."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response

from app.access import service as access
from app.access.words import OwnPage
from app.directory.phone_numbers import phone_number
from app.directory.rights import Ability
from app.flows import accounts
from app.flows import sign_in as flow
from app.flows.sign_in import SignedIn
from app.http import cookies
from app.http.abilities import needs
from app.http.caller import CallerDep, ScopeDep, origin_of
from app.http.cookies import BROWSER, PageDep
from app.http.services import services
from app.http.sessions import SessionDep
from app.http.tokens import Caller
from app.http.wire import DeviceId
from app.kernel.language import Text
from app.kernel.problems import FORBIDDEN, INVALID, FieldError, Problem
from app.phone.schemas.accounts import ActivationIn, PasswordIn, PersonOut, TokenOut

router = APIRouter(prefix="/auth", tags=["sign-in"], max_body_size=64 * 1024)

_MISSING = Text("缺少此项", "This field is required")
_GRANTS = Text("只能是 password 或 refresh_token", "Must be password or refresh_token")


@router.post("/token", summary="Sign in, or exchange a refresh token for the next")
@needs(Ability.PUBLIC)
async def token(
    request: Request,
    response: Response,
    page: PageDep,
    grant_type: Annotated[str, Form(description="password or refresh_token")],
    username: Annotated[str | None, Form(max_length=50, description="phone number")] = None,
    password: Annotated[str | None, Form(max_length=200)] = None,
    otp: Annotated[str | None, Form(max_length=20, description="code of a second factor, if one is on")] = None,
    refresh_token: Annotated[str | None, Form(max_length=300)] = None,
    device_id: Annotated[
        DeviceId | None, Form(max_length=100, description="required for phones, optional for browsers")
    ] = None,
) -> TokenOut:
    handed = services(request)
    now = handed.clock()
    if grant_type == "password":
        _require(username=username, password=password)
        signed_in = await flow.sign_in(
            handed.database,
            phone=phone_number(username or ""),
            password=password or "",
            code=otp,
            origin=origin_of(request, device_id),
            now=now,
            lifetime=handed.lifetime,
        )
        await _end_kept(request, page)
    elif grant_type == "refresh_token":
        if page and not refresh_token:
            refresh_token = cookies.refresh_token_of(request, page)
        _require(refresh_token=refresh_token)
        signed_in = await flow.refresh(
            handed.database,
            token=refresh_token or "",
            key=handed.refresh_key,
            by_page=page is not None,
            now=now,
            lifetime=handed.lifetime,
        )
    else:
        raise Problem(INVALID, errors=(FieldError("/grant_type", "unknown_value", _GRANTS),))
    return _tokens(request, response, page, signed_in, now)


@router.post("/activate", status_code=201, summary="Choose a password with a code from the office, and sign in")
@needs(Ability.PUBLIC)
async def activate(request: Request, response: Response, page: PageDep, body: ActivationIn) -> TokenOut:
    """The code is good once; sessions on other devices end."""
    handed = services(request)
    now = handed.clock()
    signed_in = await accounts.activate(
        handed.database,
        code=body.code,
        password=body.password,
        origin=origin_of(request, body.device_id),
        now=now,
        lifetime=handed.lifetime,
    )
    await _end_kept(request, page)
    return _tokens(request, response, page, signed_in, now)


@router.post("/password", status_code=204, summary="Change one's password")
@needs(Ability.OWN)
async def change_password(
    request: Request, body: PasswordIn, caller: CallerDep, own: ScopeDep, session: SessionDep
) -> None:
    handed = services(request)
    await accounts.change_password(
        handed.database,
        own,
        caller.session_id,
        old=body.old_password,
        new=body.new_password,
        end_others=body.end_other_sessions,
        origin=origin_of(request, await access.device_of(session, own, caller.session_id)),
        now=handed.clock(),
    )


@router.post("/logout", status_code=204, summary="End this device's session")
@needs(Ability.OWN_AFTERWARDS)
async def logout(request: Request, caller: CallerDep, _own: ScopeDep, session: SessionDep) -> None:
    await access.sign_out(
        session, county_id=caller.county_id, session_id=caller.session_id, now=services(request).clock()
    )


@router.post("/forget", status_code=204, summary="Sign a page of this server out, by its cookie")
@needs(Ability.PUBLIC)
async def forget(request: Request, response: Response, page: PageDep) -> None:
    """`X-Yefang-Cookie` says which. Also where its access token has run out, or nobody was signed in any more."""
    if page is None:
        raise Problem(FORBIDDEN)
    await _end_kept(request, page)
    cookies.forget_refresh_token(request, response, page)


async def _end_kept(request: Request, page: OwnPage | None) -> None:
    """Whoever was signed in on this page until now is so no more."""
    handed = services(request)
    if page and cookies.has_refresh_token(request, page):
        token = cookies.refresh_token_of(request, page)
        await flow.sign_out(handed.database, token=token, now=handed.clock())


def _tokens(
    request: Request, response: Response, page: OwnPage | None, signed_in: SignedIn, now: datetime
) -> TokenOut:
    """Also tells the browser that it is this person's, lest strangers' guesses keep them waiting here."""
    handed, person = services(request), signed_in.person
    cookies.keep(request, response, BROWSER, signed_in.session_id.hex, handed.lifetime.most)
    if page:
        cookies.keep_refresh_token(request, response, page, signed_in.refresh_token, handed.lifetime.unused)
    caller = Caller(person.county_id, person.id, signed_in.session_id)
    return TokenOut(
        access_token=handed.tokens.issue(caller, now),
        refresh_token="" if page else signed_in.refresh_token,
        expires_in=handed.tokens.seconds,
        person=PersonOut.model_validate(person, from_attributes=True),
    )


def _require(**fields: str | None) -> None:
    errors = tuple(FieldError(f"/{name}", "missing", _MISSING) for name, value in fields.items() if not value)
    if errors:
        raise Problem(INVALID, errors=errors)
