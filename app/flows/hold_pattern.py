"""Hold the earlier check-ins of a pattern once a later one shows it: a way played back, sensors that never change.

What shows by repetition shows only after some visits. The earlier ones are as doubtful as the one that shows it,
so they await the same review; nobody is accused, and what a person has reviewed stays as it was decided.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from app.checkins import rejudging
from app.checkins.judging_again import Anew
from app.checkins.words import RejudgementCause
from app.directory.service import County
from app.flows.judge import Judgement
from app.flows.judge_again import judge_again
from app.kernel.ids import new_id

_BACK = timedelta(days=45)
"""As long as `contact_retention_d`: of what is older nobody can say any more how it was."""


async def hold_pattern(
    session: AsyncSession, county: County, judgements: Iterable[Judgement], *, now: datetime
) -> None:
    """Of stored check-ins that still count. The caller has locked the rows of their people, and they are told."""
    doubted = {check_in_id: reason for each in judgements for check_in_id, reason in each.shows.items()}
    if not doubted:
        return
    stored = await rejudging.stored(session, county_id=county.id, ids=list(doubted))
    anew = [
        Anew(check_in_id, new_id(), each.judged, "held", [doubted[check_in_id].as_dict(), *each.reasons])
        for check_in_id, each in stored.items()
        if each.standing == "counted" and not each.reviewed and each.visited_at > now - _BACK
    ]
    if anew:
        await judge_again(session, county, anew, cause=RejudgementCause.PATTERN, now=now)
