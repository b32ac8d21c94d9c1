"""The application: doors, error handlers, lifespan. Nothing else builds it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from fastapi import FastAPI, Request
from fastapi.middleware.gzip import GZipMiddleware
from fastapi.openapi.utils import get_openapi
from fastapi.responses import JSONResponse, Response
from fastapi_offline import FastAPIOffline
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from app import wiring
from app.clients.routes import router as clients
from app.console import routes as console
from app.console.pages import mount_pages
from app.directory.rights import Ability
from app.http import errors
from app.http.abilities import add_abilities, needs
from app.http.limits import Limited
from app.http.middleware import Observed
from app.http.services import services
from app.kernel import log
from app.kernel.clock import Clock, system_clock
from app.kernel.garbage import collect_rarely
from app.phone import routes as phone
from app.phone.document import add_schemas
from app.phone.pages import mount_app
from app.phone.schemas.checkins import MAX_BATCH_BYTES
from app.settings import Settings

TITLE = "Yefang 夜访"
VERSION = "0.1.0"
_SPARE_BYTES = 64 * 1024  # so that a route which refuses by its own limit does it in its own words


def create_app(settings: Settings, clock: Clock = system_clock) -> FastAPI:
    """The whole application; the clock is handed in so that tests and the demo may turn it."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        built = app.state.services = wiring.build(app.state.settings, app.state.clock)
        following = asyncio.create_task(built.fences.follow(built.database))
        yield
        following.cancel()
        await built.database.close()

    # /docs must work on a closed network.
    app = (FastAPIOffline if settings.docs else partial(FastAPI, openapi_url=None, docs_url=None))(
        title=TITLE,
        version=VERSION,
        lifespan=lifespan,
        redoc_url=None,
        redirect_slashes=False,  # to a host that the request names
        max_body_size=MAX_BATCH_BYTES + _SPARE_BYTES,
    )
    app.state.settings, app.state.clock = settings, clock
    # Village outlines and tiles shrink to a fraction, which a phone in the mountains feels.
    app.add_middleware(GZipMiddleware, minimum_size=4096, compresslevel=5)
    app.add_middleware(Limited)
    app.add_middleware(Observed)
    errors.install(app)
    app.router.routes[:0] = phone.DIRECT
    app.include_router(phone.router)
    app.include_router(clients)
    app.include_router(console.router)
    app.add_api_route("/healthz", healthz, include_in_schema=False)
    app.add_api_route("/readyz", readyz, include_in_schema=False)
    if settings.metrics:
        app.add_api_route("/metrics", metrics, include_in_schema=False)
    mount_app(app)
    mount_pages(app)
    app.openapi = lambda: _document(app)  # type: ignore[method-assign]
    return app


def _document(app: FastAPI) -> dict[str, object]:
    """OpenAPI of all doors, for /openapi.json and /docs."""
    if app.openapi_schema is None:
        app.openapi_schema = get_openapi(title=app.title, version=app.version, routes=app.routes)
        add_schemas(app.openapi_schema)
        add_abilities(app.openapi_schema, app.routes)
    return app.openapi_schema


def from_environment() -> FastAPI:
    """For servers that start their own processes (`uvicorn --factory`)."""
    settings = Settings()
    log.configure(settings.log_level)
    app = create_app(settings)
    collect_rarely()
    return app


@needs(Ability.PUBLIC)
async def healthz() -> dict[str, str]:
    """The process is up."""
    return {"status": "ok"}


@needs(Ability.PUBLIC)
async def readyz(request: Request) -> Response:
    """The database answers, and its schema is not older than this code; whether a county has been made in it.

    `as_owner`: the service runs as a role that could change evidence, which it should not (docs/setup.md).

    In the middle of a deployment it is newer for those who still run the release before: they stay ready.
    """
    revision = await services(request).database.ping()
    behind = wiring.is_behind(revision)
    return JSONResponse(
        {
            "status": "migrate" if behind else "ok",
            "revision": revision,
            "expected": wiring.schema_head(),
            "as_owner": None if behind else await services(request).database.is_owner(),
            "counties": None if behind else await services(request).database.has_counties(),
        },
        status_code=503 if behind else 200,
    )


@needs(Ability.PUBLIC)
async def metrics() -> Response:
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)
