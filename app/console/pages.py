"""The supervisors' page, as `web/` builds it into `static/`."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.responses import FileResponse, PlainTextResponse, Response
from starlette.staticfiles import StaticFiles

from app.directory.rights import Ability
from app.http.abilities import needs

_STATIC = Path(__file__).parent / "static"
_MISSING = "页面尚未构建，请运行 make setup。\nThe page has not been built yet: run `make setup`.\n"


class _Assets(StaticFiles):
    """Files whose names carry a hash of their content: a browser never needs to ask for one twice."""

    def file_response(self, *args: Any, **kwargs: Any) -> Response:
        response = super().file_response(*args, **kwargs)
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response


def mount_pages(app: FastAPI, folder: Path = _STATIC) -> None:
    """Serve the page at `/` and its files beside it; where it has not been built, say how to."""
    page = folder / "index.html"
    if not page.is_file():
        app.add_api_route("/", _missing, include_in_schema=False)
        return
    for file in sorted(folder.iterdir()):
        if file.is_file():
            app.add_api_route(f"/{file.name}", _serve(file), methods=["GET", "HEAD"], include_in_schema=False)
    app.add_api_route("/", _serve(page), methods=["GET", "HEAD"], include_in_schema=False)
    app.mount("/assets", _Assets(directory=folder / "assets"))


@needs(Ability.PUBLIC)
def _missing() -> PlainTextResponse:
    return PlainTextResponse(_MISSING)


def _serve(file: Path) -> Callable[[], FileResponse]:
    @needs(Ability.PUBLIC)
    def serve() -> FileResponse:
        return FileResponse(file, headers={"Cache-Control": "no-cache"})

    return serve
