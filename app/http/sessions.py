"""A request's transaction: committed when the route has returned and before the reply is sent."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncSession

from app.http.services import services


async def session(request: Request) -> AsyncIterator[AsyncSession]:
    async with services(request).database.transaction() as opened:
        yield opened


# scope="function": a plain yield dependency would commit after the client has its answer.
SessionDep = Annotated[AsyncSession, Depends(session, scope="function")]
