"""Who calls, by the access token alone; whether the session goes on, the database knows (`app/http/caller.py`)."""

from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import OAuth2PasswordBearer
from fastapi.security.utils import get_authorization_scheme_param

from app.http.services import services
from app.http.tokens import Caller
from app.kernel.problems import NOT_SIGNED_IN, Problem

_bearer = OAuth2PasswordBearer(tokenUrl="/v1/auth/token", auto_error=False)


def caller_of(request: Request) -> Caller:
    """Raises `NOT_SIGNED_IN`."""
    scheme, token = get_authorization_scheme_param(request.headers.get("authorization"))
    if scheme.lower() != "bearer":
        raise Problem(NOT_SIGNED_IN)
    handed = services(request)
    return handed.tokens.read(token, handed.clock())


async def caller(request: Request, _documented: Annotated[str | None, Depends(_bearer)]) -> Caller:
    return caller_of(request)


CallerDep = Annotated[Caller, Depends(caller)]
