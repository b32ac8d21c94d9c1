"""The supervisors' page at `/`, as `web/` builds it into `static/`."""

from pathlib import Path

from fastapi import FastAPI

from app.http.pages import mount_page

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; worker-src 'self' blob:;"
    " img-src 'self' blob: data:; font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""The map's workers and pictures are made in the browser; nothing is asked of anybody but us."""
STATIC = Path(__file__).parent / "static"


def mount_pages(app: FastAPI, folder: Path = STATIC) -> None:
    mount_page(app, folder, headers={"Content-Security-Policy": _POLICY})
