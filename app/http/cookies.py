"""What pages of ours keep in cookies that no script can read: a refresh token, and whose browser it is.

A page asks for it by a header that no other site can send: that would take a preflight, which nobody answers here.
"""

from datetime import timedelta
from typing import Annotated

from fastapi import Depends, Header, Request, Response

from app.access.words import OwnPage
from app.http.site import is_own_page, is_secure
from app.kernel.problems import FORBIDDEN, SESSION_ENDED, Problem

BROWSER = "yefang_browser"
"""Cookie with the id of a browser's latest session. It opens nothing: it says that this browser is its owner's."""


async def _page(
    request: Request,
    x_yefang_cookie: Annotated[
        OwnPage | None,
        Header(
            description="said by the pages of this server: the refresh token is kept in a cookie of that page's,"
            " which no script can read, and `refresh_token` is empty"
        ),
    ] = None,
) -> OwnPage | None:
    if x_yefang_cookie and not is_own_page(request):
        raise Problem(FORBIDDEN)
    return x_yefang_cookie


PageDep = Annotated[OwnPage | None, Depends(_page)]
"""Which page of ours asks for its cookie; None for apps. Raises `FORBIDDEN` to other sites."""


def refresh_token_of(request: Request, page: OwnPage) -> str:
    """Raises `SESSION_ENDED` where there is none."""
    if not (token := request.cookies.get(_name(page))):
        raise Problem(SESSION_ENDED)
    return token


def has_refresh_token(request: Request, page: OwnPage) -> bool:
    return bool(request.cookies.get(_name(page)))


def keep_refresh_token(
    request: Request, response: Response, page: OwnPage, token: str, lasting: timedelta
) -> None:
    keep(request, response, _name(page), token, lasting)


def forget_refresh_token(request: Request, response: Response, page: OwnPage) -> None:
    keep(request, response, _name(page), "", timedelta(0))


def keep(request: Request, response: Response, name: str, value: str, lasting: timedelta) -> None:
    """Only where one signs in, and only from pages of ours."""
    response.set_cookie(
        name,
        value,
        max_age=int(lasting.total_seconds()),
        path=f"{request.scope.get('root_path', '')}/v1/auth",
        secure=is_secure(request),
        httponly=True,
        samesite="strict",
    )


def _name(page: OwnPage) -> str:
    return f"yefang_{page}"
