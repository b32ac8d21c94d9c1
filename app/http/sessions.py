"""A request's transaction: committed when the route has returned and before the reply is sent."""

from collections.abc import AsyncIterator, Callable
from typing import Annotated, TypeVar

from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncSession

from app.http.services import services
from app.http.signed_in import CallerDep

Endpoint = TypeVar("Endpoint", bound=Callable[..., object])


def of_one_moment(endpoint: Endpoint) -> Endpoint:
    """Above a route's function: all of its statements see the database as it was at the first."""
    endpoint.__dict__["of_one_moment"] = True
    return endpoint


def takes_long(endpoint: Endpoint) -> Endpoint:
    """Above a route's function: its statements have the time of files, not of a screen."""
    endpoint.__dict__["takes_long"] = True
    return endpoint


async def session(request: Request, who: CallerDep) -> AsyncIterator[AsyncSession]:
    """About the caller's county."""
    endpoint, database = request.scope["endpoint"], services(request).database
    if getattr(endpoint, "takes_long", False):
        database = database.patient()
    snapshot = getattr(endpoint, "of_one_moment", False)
    async with database.transaction(who.county_id, snapshot=snapshot) as opened:
        yield opened


# scope="function": a plain yield dependency would commit after the client has its answer.
SessionDep = Annotated[AsyncSession, Depends(session, scope="function")]
