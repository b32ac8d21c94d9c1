"""The phone app at `/m/`, as `web/` builds it into `static/`: files, and no part of the phone's contract."""

from pathlib import Path

from fastapi import FastAPI
from fastapi.responses import RedirectResponse

from app.directory.rights import Ability
from app.http.abilities import needs
from app.http.pages import mount_page

STATIC = Path(__file__).parent / "static"
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; worker-src 'self';"
    " manifest-src 'self'; img-src 'self' blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""The app asks nobody but us for anything."""


def mount_app(app: FastAPI, folder: Path = STATIC) -> None:
    mount_page(app, folder, at="/m/", headers={"Content-Security-Policy": _POLICY})
    app.add_api_route("/m", _with_slash, methods=["GET", "HEAD"], include_in_schema=False)


@needs(Ability.PUBLIC)
def _with_slash() -> RedirectResponse:
    return RedirectResponse("/m/")
