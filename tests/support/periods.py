"""A county's period opened or closed in one transaction, where a test is about what that leaves behind."""

from app.duties import service as duties


async def open_period(session, county, of, now):
    """Give everyone who owes in it their row."""
    await duties.recount_period(session, county, of, now)
    await duties.mark_opened(session, county, of, now)


async def close_period(session, county, of, now):
    """How many flags it raised."""
    return await duties.recount_period(session, county, of, now, closing=True)
