"""Signing in and out: OAuth2 password grant and rotating refresh tokens."""

from typing import Annotated

from fastapi import APIRouter, Form, Request

from app.access import service as access
from app.directory.phone_numbers import phone_number
from app.directory.rights import Ability
from app.flows import sign_in as flow
from app.http.abilities import needs
from app.http.caller import CallerDep
from app.http.services import services
from app.http.sessions import SessionDep
from app.http.tokens import Caller
from app.http.wire import DeviceId
from app.kernel.language import Text
from app.kernel.problems import INVALID, FieldError, Problem
from app.phone.schemas.people import TokenOut

router = APIRouter(prefix="/auth", tags=["sign-in"])

_MISSING = Text("缺少此项", "This field is required")
_GRANTS = Text("只能是 password 或 refresh_token", "Must be password or refresh_token")


@router.post("/token", response_model=TokenOut, summary="Sign in, or exchange a refresh token for the next")
@needs(Ability.PUBLIC)
async def token(
    request: Request,
    grant_type: Annotated[str, Form(description="password or refresh_token")],
    username: Annotated[str | None, Form(max_length=50, description="phone number")] = None,
    password: Annotated[str | None, Form(max_length=200)] = None,
    refresh_token: Annotated[str | None, Form(max_length=300)] = None,
    device_id: Annotated[
        DeviceId | None, Form(max_length=100, description="required for phones, optional for browsers")
    ] = None,
) -> dict[str, object]:
    handed = services(request)
    now = handed.clock()
    if grant_type == "password":
        _require(username=username, password=password)
        signed_in = await flow.sign_in(
            handed.database,
            phone=phone_number(username or ""),
            password=password or "",
            device_id=device_id,
            now=now,
            days=handed.refresh_token_d,
        )
    elif grant_type == "refresh_token":
        _require(refresh_token=refresh_token)
        signed_in = await flow.refresh(
            handed.database, token=refresh_token or "", now=now, days=handed.refresh_token_d
        )
    else:
        raise Problem(INVALID, errors=(FieldError("/grant_type", "unknown_value", _GRANTS),))
    person = signed_in.person
    caller = Caller(person.county_id, person.id, signed_in.session_id)
    return {
        "access_token": handed.tokens.issue(caller, now),
        "refresh_token": signed_in.refresh_token,
        "expires_in": handed.tokens.seconds,
        "person": person.as_dict(),
    }


@router.post("/logout", status_code=204, summary="End this device's session")
@needs(Ability.OWN_AFTERWARDS)
async def logout(request: Request, caller: CallerDep, session: SessionDep) -> None:
    await access.sign_out(
        session, county_id=caller.county_id, session_id=caller.session_id, now=services(request).clock()
    )


def _require(**fields: str | None) -> None:
    errors = tuple(FieldError(f"/{name}", "missing", _MISSING) for name, value in fields.items() if not value)
    if errors:
        raise Problem(INVALID, errors=errors)
