"""Put flags that nobody acknowledged before the next level up. By state, whenever it is due, by any worker."""

from datetime import datetime

from app.duties import flags
from app.kernel.database import Database

_AT_A_TIME = 500


async def escalate_due(database: Database, county_id: str, now: datetime) -> int:
    """How many went up a step; so many in a transaction."""
    total = 0
    while True:
        async with database.transaction(county_id) as session:
            escalated = await flags.escalate(session, county_id, now, limit=_AT_A_TIME)
        total += escalated
        if escalated < _AT_A_TIME:
            return total
