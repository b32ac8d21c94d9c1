"""The supervisors' page at `/`, as `web/` builds it into `static/`."""

from pathlib import Path

from fastapi import FastAPI

from app.http.pages import mount_page

STATIC = Path(__file__).parent / "static"


def mount_pages(app: FastAPI, folder: Path = STATIC) -> None:
    mount_page(app, folder)
