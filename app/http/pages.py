"""Pages that `web/` builds, as files: served at a path, with what browsers may keep of them said."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.responses import FileResponse, PlainTextResponse, Response
from starlette.staticfiles import StaticFiles

from app.directory.rights import Ability
from app.http.abilities import needs

_MISSING = "页面尚未构建，请运行 make setup。\nThe page has not been built yet: run `make setup`.\n"
_TYPES = {".webmanifest": "application/manifest+json"}


class _Assets(StaticFiles):
    """Files whose names carry a hash of their content: a browser never needs to ask for one twice."""

    def file_response(self, *args: Any, **kwargs: Any) -> Response:
        response = super().file_response(*args, **kwargs)
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response


def mount_page(app: FastAPI, folder: Path, *, at: str = "/", headers: Mapping[str, str] | None = None) -> None:
    """Serve the page at a path that ends in `/`, and its files below; where it is not built, say how to.

    `headers` go with the page and the files beside it, not with its hashed assets.
    """
    page = folder / "index.html"
    if not page.is_file():
        app.add_api_route(at, _missing, include_in_schema=False)
        return
    more = {"Cache-Control": "no-cache", **(headers or {})}
    for file in sorted(folder.iterdir()):
        if file.is_file():
            _route(app, f"{at}{file.name}", file, more)
    _route(app, at, page, more)
    app.mount(f"{at}assets", _Assets(directory=folder / "assets"))


@needs(Ability.PUBLIC)
def _missing() -> PlainTextResponse:
    return PlainTextResponse(_MISSING)


def _route(app: FastAPI, path: str, file: Path, headers: Mapping[str, str]) -> None:
    app.add_api_route(path, _serve(file, headers), methods=["GET", "HEAD"], include_in_schema=False)


def _serve(file: Path, headers: Mapping[str, str]) -> Callable[[], FileResponse]:
    @needs(Ability.PUBLIC)
    def serve() -> FileResponse:
        return FileResponse(file, headers=dict(headers), media_type=_TYPES.get(file.suffix))

    return serve
