"""A supervisor decides whether a check-in counts, or says what was found on site: one transaction, on record."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.checkins import rejudging, reviews
from app.checkins.judging_again import Anew
from app.checkins.reviews import Speaker, State, Visited
from app.checkins.words import RejudgementCause, ReviewDecision, VerificationFinding
from app.directory import service as directory
from app.directory.fences import Fences
from app.directory.leaders import standing
from app.directory.rights import Ability, giving
from app.directory.scope import Scope
from app.directory.service import County
from app.duties import service as duties
from app.duties.service import DutyCounty
from app.flows.judge import judge_stored, night
from app.kernel import audit
from app.kernel.ids import new_id
from app.kernel.language import Text
from app.kernel.problems import CONFLICT, FORBIDDEN, Problem, invalid
from app.notices import service as notices
from app.notices.service import NewNotice

_OWN = Text("不能核实本人的签到", "Nobody decides on a check-in of their own")
_PEER = Text("应由其上级核实", "Those above the person decide on it")
_WITHDRAWN = Text(
    "这条记录的导入已撤销，不再核实", "The import of this record was taken back; there is nothing to review"
)
_STANDS = {
    "counted": Text("这条签到现为“计入”", "The check-in stands as counted by now"),
    "refused": Text("这条签到现为“不予认定”", "The check-in stands as refused by now"),
    "held": Text("这条签到现为“待核实”", "The check-in stands as held for review by now"),
    "outside": Text("这条签到现为“村外”", "The check-in stands as outside by now"),
}
_ONLY_COUNTED = Text("只有认可时才能更正时间", "Only a check-in that is counted is given another time")
_AFTER_UPLOAD = Text("到访时间不能晚于上传时间", "The visit cannot lie after its upload")
_TOO_EARLY = Text("核查时间不能早于签到时间", "The visit on site cannot lie before the check-in")
_TOO_LATE = Text("核查时间不能晚于现在", "The visit on site cannot lie in the future")
_CLOCKS_DIFFER = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Decided:
    """核实: `seen` is the standing that the reviewer had before their eyes, None where they do not say.

    `visited_at` is when the visit took place, where the phone's time is wrong.
    """

    decision: ReviewDecision
    reason: str
    seen: str | None = None
    visited_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class SiteFinding:
    """现场核查: `verified_at` is when somebody stood there."""

    finding: VerificationFinding
    note: str
    verified_at: datetime


async def review(
    session: AsyncSession,
    reviewer: Scope,
    check_in_id: UUID,
    said: Decided,
    fences: Fences | None = None,
    *,
    now: datetime,
) -> None:
    """Count or refuse; duties follow, the person is told. The caller has made sure that the reviewer may see it.

    Where the reviewer says when it was, it is judged by that, with `fences`. Raises `FORBIDDEN` for one's own
    check-in and a peer's, `CONFLICT` where it stands so already or has changed, `INVALID` for an impossible time.
    """
    county = await directory.county(session, reviewer.county_id)
    before = await _as_seen(session, reviewer, check_in_id, said, now)
    speaker = Speaker(reviewer.person_id, post_of(reviewer))
    review_id = await reviews.review(
        session,
        county_id=county.id,
        check_in_id=check_in_id,
        before=before,
        decision=said.decision,
        reason=said.reason,
        by=speaker,
        visited=_visited(said, county),
        now=now,
    )
    if said.visited_at and fences:
        await _judge_by_time(session, county, fences, check_in_id, now)
    visited_at = said.visited_at or before.visited_at
    await duties.recount(
        session,
        county_id=county.id,
        timezone=county.timezone,
        touched=list({(before.person_id, before.visited_at), (before.person_id, visited_at)}),
        now=now,
    )
    visit = (before.person_id, visited_at, check_in_id)
    await _tell(session, county, visit, said, review_id=review_id, post=speaker.post, now=now)
    await audit.record(
        session,
        county_id=county.id,
        at=now,
        actor_id=reviewer.person_id,
        action="check_in.reviewed",
        subject=f"check_in:{check_in_id}",
        detail=_detail(review_id, before, said),
    )


def _detail(review_id: UUID, before: State, said: Decided) -> dict[str, object]:
    times = {"visited_at": [before.visited_at, said.visited_at]} if said.visited_at else {}
    return {"review_id": review_id, "before": before.standing, "decision": said.decision, **times}


async def _as_seen(
    session: AsyncSession, reviewer: Scope, check_in_id: UUID, said: Decided, now: datetime
) -> State:
    """The check-in as the reviewer saw it, its person's row held. Raises as `review` does."""
    looked_at = await _of_another(session, reviewer, check_in_id, now)
    _check_time(said, looked_at)
    county_id = reviewer.county_id
    await directory.lock_people(session, county_id=county_id, person_ids=[looked_at.person_id])
    before = await reviews.state(session, county_id=county_id, check_in_id=check_in_id)
    outdated = before != looked_at or before.standing != (said.seen or before.standing)
    same = before.standing == said.decision.standing and said.visited_at in (None, before.visited_at)
    if outdated or same:
        raise Problem(CONFLICT, _STANDS[before.standing])
    return before


async def _tell(
    session: AsyncSession,
    county: County,
    visit: tuple[UUID, datetime, UUID],
    said: Decided,
    *,
    review_id: UUID,
    post: str,
    now: datetime,
) -> None:
    """Tell the person what was decided, and where an accepted visit still counts nowhere, why.

    `visit`: whose, when and which.
    """
    person_id, visited_at, check_in_id = visit
    kind = f"check_in_{said.decision.standing}"
    about = {"check_in_id": check_in_id, "day": county.day(visited_at), "post": {"name": post}}
    if said.decision is ReviewDecision.COUNT:
        why_not = await duties.why_not_counted(session, DutyCounty(county.id, county.timezone), visit, now=now)
        if why_not:
            kind, about = "check_in_accepted", about | {"why": {"name": why_not.zh, "name_en": why_not.en}}
    notice = NewNotice(person_id, kind, f"review:{review_id}", about)
    await notices.tell(session, county_id=county.id, now=now, notices=[notice])


def _check_time(said: Decided, looked_at: State) -> None:
    """Raises `INVALID` at `/visited_at`."""
    if said.visited_at is None:
        return
    if said.decision != "count":
        raise invalid("/visited_at", "only_when_counted", _ONLY_COUNTED)
    if said.visited_at > looked_at.received_at + _CLOCKS_DIFFER:
        raise invalid("/visited_at", "after_upload", _AFTER_UPLOAD)


def _visited(said: Decided, county: County) -> Visited | None:
    if said.visited_at is None:
        return None
    return Visited(said.visited_at, night(county, said.visited_at))


async def _judge_by_time(
    session: AsyncSession, county: County, fences: Fences, check_in_id: UUID, now: datetime
) -> None:
    """By the boundaries and assignments of the day that it was, and the neighbours that it then has."""
    index = await fences.of(session, county)
    ((_, judgement),) = await judge_stored(session, county, index, [check_in_id], now=now)
    reasons = [reason.as_dict() for reason in judgement.reasons]
    anew = Anew(check_in_id, new_id(), judgement.judged, judgement.standing, reasons)
    await rejudging.rejudge(session, county_id=county.id, anew=[anew], cause=RejudgementCause.TIME, now=now)


async def verify(
    session: AsyncSession, verifier: Scope, check_in_id: UUID, said: SiteFinding, *, now: datetime
) -> None:
    """Keep what was found on site. No standing changes by it.

    Raises `FORBIDDEN` for one's own check-in and a peer's, `CONFLICT` for a record that was taken back, `INVALID`
    for a visit before it or in the future.
    """
    looked_at = await _of_another(session, verifier, check_in_id, now)
    if said.verified_at < min(looked_at.visited_at, looked_at.received_at):
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
    if not speaker.may(Ability.REVIEW_CHECK_INS, of):
        raise Problem(FORBIDDEN, _PEER)
    if found.withdrawn:
        raise Problem(CONFLICT, _WITHDRAWN)
    return found


def post_of(reviewer: Scope) -> str:
    """The reviewer's topmost post above others, in words."""
    (post, *_) = giving(Ability.READ, reviewer.posts)
    return f"{post.unit_name} {post.title}".strip()
