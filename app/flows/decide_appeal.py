"""An appeal is decided, and both sides are told. Overturned: a flagged duty is taken off, a check-in counts."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.checkins.words import ReviewDecision
from app.directory import service as directory
from app.directory.scope import Scope
from app.directory.service import County
from app.duties import appeals
from app.duties import service as duties
from app.duties.appeals import Subject
from app.duties.service import DutyCounty
from app.duties.words import AppealVerdict
from app.flows import review_visit
from app.flows.file_appeal import about_appeal
from app.flows.review_visit import Decided, post_of
from app.kernel import audit
from app.kernel.language import Text
from app.kernel.problems import FORBIDDEN, Problem
from app.notices import service as notices
from app.notices.service import NewNotice

_OWN = Text("不能决定本人的申诉", "Nobody decides on an appeal of their own")
_NOT_YOURS = Text("此申诉不由您决定", "This appeal is not yours to decide")


@dataclass(frozen=True, slots=True)
class Answer:
    """复查、申诉决定: `uphold` what was appealed against, or `overturn` it."""

    decision: AppealVerdict
    reason: str


async def decide_appeal(
    session: AsyncSession, decider: Scope, appeal_id: UUID, answer: Answer, *, now: datetime
) -> None:
    """The caller has made sure that the decider may see it.

    Raises `FORBIDDEN` for one's own and for who is not among `appeals.deciders`, `CONFLICT` once it is decided.
    """
    county = await directory.county(session, decider.county_id)
    appeal = await appeals.take(session, county.id, appeal_id)
    if appeal.person_id == decider.person_id:
        raise Problem(FORBIDDEN, _OWN)
    await directory.lock_people(session, county_id=county.id, person_ids=[appeal.person_id])
    about = await appeals.subject(session, county.id, flag_id=appeal.flag_id, check_in_id=appeal.check_in_id)
    able = await appeals.deciders(session, county, about, instance=appeal.instance, now=now)
    if not appeals.may_decide(decider, about, able):
        raise Problem(FORBIDDEN, _NOT_YOURS)
    post = post_of(decider)
    await appeals.decide(
        session,
        county_id=county.id,
        appeal_id=appeal_id,
        decision=answer.decision,
        reason=answer.reason,
        actor_id=decider.person_id,
        post=post,
        now=now,
    )
    if answer.decision == "overturn" and about.against:
        await _put_right(session, county, decider, appeal.check_in_id, about, answer.reason, now)
    told = set(await appeals.recipients(session, county.id, appeal.flag_id)) if appeal.flag_id else about.acted
    what = about_appeal(county, appeal, about) | {"post": {"name": post}, "reason": answer.reason}
    await notices.tell(
        session,
        county_id=county.id,
        now=now,
        notices=[
            NewNotice(person_id, f"appeal_{answer.decision.status}", f"appeal:{appeal_id}:decided", what)
            for person_id in {appeal.person_id, *told} - {decider.person_id}
        ],
    )
    await audit.record(
        session,
        county_id=county.id,
        at=now,
        actor_id=decider.person_id,
        action=f"appeal.{answer.decision.status}",
        subject=f"appeal:{appeal_id}",
        detail={"instance": appeal.instance, "reason": answer.reason},
    )


async def _put_right(
    session: AsyncSession,
    county: County,
    decider: Scope,
    check_in_id: UUID | None,
    about: Subject,
    reason: str,
    now: datetime,
) -> None:
    if check_in_id:
        await review_visit.review(session, decider, check_in_id, Decided(ReviewDecision.COUNT, reason), now=now)
    elif about.period_start:
        await appeals.waive(session, county.id, about, now)
        await duties.recount_days(
            session,
            DutyCounty(county.id, county.timezone),
            person_ids=[about.person_id],
            from_day=about.period_start,
            until_day=about.period_start + timedelta(days=1),
            now=now,
        )
