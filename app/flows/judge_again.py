"""Write what was judged anew of check-ins: their standing and its history, the duties, and who is told."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from app.checkins import rejudging
from app.checkins.judging_again import Anew
from app.checkins.rejudging import Rejudged
from app.checkins.words import RejudgementCause, Standing
from app.directory.service import County
from app.duties import service as duties
from app.duties.service import DutyProgress
from app.notices import service as notices
from app.notices.service import NewNotice

_CAUSES = {
    RejudgementCause.FENCE: {"name": "村界更正", "name_en": "a corrected village boundary"},
    RejudgementCause.PATTERN: {
        "name": "之后的签到显示同一异常规律",
        "name_en": "a pattern that later check-ins show",
    },
    RejudgementCause.PHOTO: {"name": "照片核对", "name_en": "its photos"},
    RejudgementCause.WITHDRAWN: {"name": "导入已撤销", "name_en": "its import was revoked"},
    RejudgementCause.TIME: {"name": "核实更正时间", "name_en": "the time that a review has set"},
}


async def judge_again(
    session: AsyncSession, county: County, anew: Sequence[Anew], *, cause: RejudgementCause, now: datetime
) -> tuple[list[Rejudged], list[DutyProgress]]:
    """One transaction's part: the check-ins as they stand then, and the duties that they touch.

    People are told where a standing changed, unless it was their own doing. The caller has locked their rows.
    """
    changed = await rejudging.rejudge(session, county_id=county.id, anew=anew, cause=cause, now=now)
    owed = await duties.recount(
        session,
        county_id=county.id,
        timezone=county.timezone,
        touched=[(each.person_id, each.visited_at) for each in changed],
        now=now,
    )
    if cause != "position":
        await notices.tell(
            session,
            county_id=county.id,
            now=now,
            notices=[_notice(each, county, cause) for each in changed if each.before != each.standing],
        )
    return changed, owed


def _notice(changed: Rejudged, county: County, cause: RejudgementCause) -> NewNotice:
    standing = Standing.of(changed.standing).text
    return NewNotice(
        person_id=changed.person_id,
        kind="check_in_judged_again",
        occasion=f"rejudgement:{changed.rejudgement_id}",
        about={
            "check_in_id": changed.check_in_id,
            "day": county.day(changed.visited_at),
            "cause": _CAUSES[cause],
            "standing": {"name": standing.zh, "name_en": standing.en},
        },
    )
