"""A supervisor decides whether a check-in counts, or says what was found on site: one transaction, on record."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.checkins import reviews
from app.checkins.reviews import Decision, Finding, Speaker, State
from app.checkins.rules import DECISIONS
from app.directory import service as directory
from app.directory.leaders import standing
from app.directory.scope import Scope, stands_above
from app.directory.words import SUPERVISING_ROLES
from app.duties import service as duties
from app.kernel import audit
from app.kernel.language import Text
from app.kernel.problems import CONFLICT, FORBIDDEN, Problem, invalid
from app.notices import service as notices
from app.notices.service import NewNotice

_OWN = Text("不能核实本人的签到", "Nobody decides on a check-in of their own")
_PEER = Text("应由其上级核实", "Those above the person decide on it")
_STANDS = {
    "counted": Text("这条签到现为“计入”", "The check-in stands as counted by now"),
    "refused": Text("这条签到现为“不计入”", "The check-in stands as refused by now"),
    "held": Text("这条签到现为“待核实”", "The check-in stands as held for review by now"),
    "outside": Text("这条签到现为“村外”", "The check-in stands as outside by now"),
}
_TOO_EARLY = Text("核查时间不能早于签到时间", "The visit on site cannot lie before the check-in")
_TOO_LATE = Text("核查时间不能晚于现在", "The visit on site cannot lie in the future")
_CLOCKS_DIFFER = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Decided:
    """核实: `seen` is the standing that the reviewer had before their eyes, None where they do not say."""

    decision: Decision
    reason: str
    seen: str | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """现场核查: `verified_at` is when somebody stood there."""

    finding: Finding
    note: str
    verified_at: datetime


async def review(
    session: AsyncSession, reviewer: Scope, check_in_id: UUID, said: Decided, *, now: datetime
) -> None:
    """Count or refuse; duties follow, the person is told. The caller has made sure that the reviewer may see it.

    Raises `FORBIDDEN` for one's own check-in and a peer's, `CONFLICT` where it stands so already or has changed.
    """
    county = await directory.county(session, reviewer.county_id)
    looked_at = await _of_another(session, reviewer, check_in_id, now)
    await directory.hold(session, county_id=county.id, person_ids=[looked_at.person_id])
    before = await reviews.state(session, county_id=county.id, check_in_id=check_in_id)
    outdated = before != looked_at or before.standing != (said.seen or before.standing)
    if outdated or before.standing == DECISIONS[said.decision]:
        raise Problem(CONFLICT, _STANDS[before.standing])
    post = post_of(reviewer)
    review_id = await reviews.review(
        session,
        county_id=county.id,
        check_in_id=check_in_id,
        before=before,
        decision=said.decision,
        reason=said.reason,
        by=Speaker(reviewer.person_id, post),
        now=now,
    )
    await duties.recount(
        session,
        county_id=county.id,
        timezone=county.timezone,
        touched=[(before.person_id, before.captured_at)],
        now=now,
    )
    kind = f"check_in_{DECISIONS[said.decision]}"
    about = {"check_in_id": check_in_id, "day": county.day(before.captured_at), "post": {"name": post}}
    await notices.tell(
        session,
        county_id=county.id,
        now=now,
        notices=[NewNotice(before.person_id, kind, f"review:{review_id}", about)],
    )
    await audit.record(
        session,
        county_id=county.id,
        at=now,
        actor_id=reviewer.person_id,
        action="check_in.reviewed",
        subject=f"check_in:{check_in_id}",
        detail={"review_id": review_id, "before": before.standing, "decision": said.decision},
    )


async def verify(session: AsyncSession, verifier: Scope, check_in_id: UUID, said: Found, *, now: datetime) -> None:
    """Keep what was found on site. No standing changes by it.

    Raises `FORBIDDEN` for one's own check-in and a peer's, `INVALID` for a visit before it or in the future.
    """
    looked_at = await _of_another(session, verifier, check_in_id, now)
    if said.verified_at < looked_at.captured_at:
        raise invalid("/verified_at", "before_check_in", _TOO_EARLY)
    if said.verified_at > now + _CLOCKS_DIFFER:
        raise invalid("/verified_at", "in_the_future", _TOO_LATE)
    verification_id = await reviews.verify(
        session,
        county_id=verifier.county_id,
        check_in_id=check_in_id,
        finding=said.finding,
        note=said.note,
        verified_at=said.verified_at,
        verifier_id=verifier.person_id,
        now=now,
    )
    await audit.record(
        session,
        county_id=verifier.county_id,
        at=now,
        actor_id=verifier.person_id,
        action="check_in.verified",
        subject=f"check_in:{check_in_id}",
        detail={"verification_id": verification_id, "finding": said.finding},
    )


async def _of_another(session: AsyncSession, speaker: Scope, check_in_id: UUID, now: datetime) -> State:
    found = await reviews.state(session, county_id=speaker.county_id, check_in_id=check_in_id)
    if found.person_id == speaker.person_id:
        raise Problem(FORBIDDEN, _OWN)
    of = await standing(session, county_id=speaker.county_id, person_id=found.person_id, now=now)
    if not stands_above(speaker, of):
        raise Problem(FORBIDDEN, _PEER)
    return found


def post_of(reviewer: Scope) -> str:
    """The reviewer's topmost supervising post, in words."""
    (post, *_) = [post for post in reviewer.posts if post.role in SUPERVISING_ROLES]
    return f"{post.unit_name} {post.title}".strip()
