"""Every statement on the tables of notices."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app.kernel.database import rows


async def ask(session: AsyncSession, statement: str, **parameters: Any) -> list[Any]:
    """The rows that one of the statements gives."""
    return await rows(session, statement, **parameters)
