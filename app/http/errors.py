"""Every error leaves as application/problem+json, whatever raised it."""

import errno
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from app.http.validation import request_errors
from app.kernel import problems
from app.kernel.constraints import problem_of
from app.kernel.failures import passes, sqlstate
from app.kernel.language import preferred
from app.kernel.problems import Problem

log = structlog.get_logger()

_BY_STATUS = {
    HTTPStatus.BAD_REQUEST: problems.BAD_REQUEST,
    HTTPStatus.NOT_FOUND: problems.NOT_FOUND,
    HTTPStatus.METHOD_NOT_ALLOWED: problems.METHOD_NOT_ALLOWED,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: problems.TOO_LARGE,
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: problems.UNSUPPORTED_MEDIA,
}


def answer(request: Request, problem: Problem) -> Response:
    """One problem as a response in the caller's language."""
    headers: dict[str, str] = {}
    if problem.kind.status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    if problem.retry_after_s:
        headers["Retry-After"] = str(problem.retry_after_s)
    return JSONResponse(
        # Not `request.url`: to make one, the query must be UTF-8.
        problem.as_dict(preferred(request.headers.get("accept-language")), instance=request.scope["path"]),
        status_code=problem.kind.status,
        headers=headers,
        media_type="application/problem+json",
    )


async def on_problem(request: Request, error: Problem) -> Response:
    return answer(request, error)


async def on_invalid(request: Request, error: RequestValidationError) -> Response:
    return answer(request, Problem(problems.INVALID, errors=request_errors(error.errors(), error.body)))


async def on_http(request: Request, error: HTTPException) -> Response:
    if isinstance(error.__cause__, Problem):  # FastAPI's way to say that reading the body has raised it
        return answer(request, error.__cause__)
    kind = _BY_STATUS.get(HTTPStatus(error.status_code), problems.BAD_REQUEST)
    return answer(request, Problem(kind))


async def on_hang_up(request: Request, _error: ClientDisconnect) -> Response:
    return answer(request, Problem(problems.BAD_REQUEST))  # nobody hears it: no signal in the mountains


async def on_database(request: Request, error: DBAPIError) -> Response:
    if passes(error):
        log.error("database_unavailable", sqlstate=sqlstate(error), exc_info=error)
        return answer(request, Problem(problems.UNAVAILABLE, retry_after_s=5))
    problem = problem_of(error)
    if problem is None:
        log.error("database_error", exc_info=error)
    return answer(request, problem or Problem(problems.INTERNAL))


async def on_full_pool(request: Request, error: PoolTimeout) -> Response:
    log.error("no_free_connection", exc_info=error)
    return answer(request, Problem(problems.BUSY, retry_after_s=2))


_OUT_OF = {errno.ENOSPC, errno.EDQUOT, errno.EMFILE, errno.ENFILE, errno.ENOMEM}


async def on_machine(request: Request, error: OSError) -> Response:
    """Of files and sockets of our own; what the network says of the database comes as the database's error."""
    if error.errno not in _OUT_OF:
        return await on_other(request, error)
    log.error("machine_exhausted", exc_info=error)
    return answer(request, Problem(problems.UNAVAILABLE, retry_after_s=30))


async def on_other(request: Request, error: Exception) -> Response:
    log.error("unhandled", exc_info=error)
    return answer(request, Problem(problems.INTERNAL))


_HANDLERS: dict[type[Exception], Any] = {
    Problem: on_problem,
    RequestValidationError: on_invalid,
    HTTPException: on_http,
    ClientDisconnect: on_hang_up,
    DBAPIError: on_database,
    PoolTimeout: on_full_pool,
    OSError: on_machine,
    Exception: on_other,
}


def install(app: FastAPI) -> None:
    for error, handler in _HANDLERS.items():
        app.add_exception_handler(error, handler)


RESPONSES: dict[int | str, dict[str, object]] = {
    "4XX": {
        "description": "A problem (RFC 9457)",
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
    },
}

LATER: dict[int | str, dict[str, object]] = {
    503: {
        "description": "Nothing could be stored, for a reason of the server's own: send it again later, unchanged",
        "headers": {"Retry-After": {"description": "seconds", "schema": {"type": "integer"}}},
        "content": RESPONSES["4XX"]["content"],
    },
}
