"""Record a set of visits of one county: the walk of a check-in, in one transaction.

Facts of the directory, then place, then standing, then one INSERT, then duties, then notices. If the set fails
over what may be a single item, it is halved until that item stands alone; its neighbours are recorded. Only an
item's own content is ever called invalid: what the server could not do is deferred, and the phone sends it again.
"""

import asyncio
import random
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

import structlog
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from app.checkins import service as checkins
from app.checkins.reasons import explain
from app.checkins.rules import Evidence, Visit
from app.checkins.service import CheckInRow, InsertedRow, NewCheckIn
from app.directory import service as directory
from app.directory.fences import Fences
from app.directory.service import County, VisitFacts
from app.duties import service as duties
from app.duties.service import DutyProgress
from app.flows.hold_pattern import hold_pattern
from app.flows.judge import Case, Judgement, asked_by, judge_cases, night
from app.geo.fences import FenceIndex
from app.kernel.clock import Clock
from app.kernel.database import Database
from app.kernel.failures import Failure, failure_of, sqlstate
from app.kernel.gather import Gatherer
from app.kernel.language import Text
from app.kernel.problems import ID_REUSED, INVALID, SESSION_ENDED, UNAVAILABLE, Problem, invalid
from app.notices import service as notices
from app.notices.service import NewNotice

log = structlog.get_logger()

_UNKNOWN_HOUSEHOLD = Text("没有这一户", "There is no such household")
_UNSTORABLE = Text("含有无法保存的内容", "Holds a value that cannot be stored")
_NOT_NOW = Text(
    "服务器暂时未能保存，请稍后原样重发", "The server could not store this now; send it again later, unchanged"
)
_COME_BACK_S = 5
_TRIES = 4  # of a set that another transaction, or its connection, keeps from being written
_PAUSE_S = 0.05
_MOST_FAILURES = 32  # of the server's own in a set: enough to single out three items of 256


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one visit: its stored row, and the person's duties in the periods that it touches.

    `failed_alone`: the server failed on this very visit, by a fault of its own that will not pass by itself.
    """

    status: Literal["recorded", "duplicate", "conflict", "invalid", "deferred"]
    check_in: CheckInRow | None
    problem: Problem | None
    duties: tuple[DutyProgress, ...] = ()
    failed_alone: bool = False

    @classmethod
    def refused(cls, problem: Problem) -> "Outcome":
        """Over the item's own content."""
        return cls("conflict" if problem.kind is ID_REUSED else "invalid", None, problem)

    @classmethod
    def deferred(cls, problem: Problem | None = None, *, failed_alone: bool = False) -> "Outcome":
        """Not over its content: to be sent again unchanged, later or once signed in again."""
        problem = problem or Problem(UNAVAILABLE, _NOT_NOW, retry_after_s=_COME_BACK_S)
        return cls("deferred", None, problem, failed_alone=failed_alone)


VisitGatherer = Gatherer[Visit, Outcome]


class _UnstorableError(Exception):
    """The database cannot hold what these visits say."""


@dataclass(slots=True)
class _Attempt:
    """One set on its way: how often the server has failed on it of its own fault, and whether it may go on."""

    failures: int = 0
    over: bool = False


class VisitRecorder:
    """Writes sets of visits; `record_in_parts` is what the gatherer calls."""

    def __init__(self, database: Database, clock: Clock, fences: Fences) -> None:
        self._database = database
        self._clock = clock
        self._fences = fences

    async def record(self, county_id: str, visits: Sequence[Visit]) -> list[Outcome]:
        """One outcome per visit, in order, after the last commit."""
        return [outcome async for part in self.record_in_parts(county_id, visits) for outcome in part]

    def record_in_parts(self, county_id: str, visits: Sequence[Visit]) -> AsyncIterator[list[Outcome]]:
        """The same, part after part, each after its own commit: one part, unless the set fails and is halved."""
        return self._in_parts(county_id, visits, _Attempt())

    async def _in_parts(
        self, county_id: str, visits: Sequence[Visit], attempt: _Attempt
    ) -> AsyncIterator[list[Outcome]]:
        if attempt.over:
            yield [Outcome.deferred() for _ in visits]
            return
        try:
            outcomes = await self._try(county_id, visits)
        except _UnstorableError as error:
            failure = Failure.CONTENT
            log.warning("visits_unstorable", visits=len(visits), sqlstate=str(error))
        except Exception as error:  # noqa: BLE001 - whatever it is, no visit may be lost over it
            failure = _told(error, visits, attempt)
        else:
            yield outcomes
            return
        if len(visits) > 1 and not attempt.over:
            middle = len(visits) // 2
            for half in (visits[:middle], visits[middle:]):
                async for part in self._in_parts(county_id, half, attempt):
                    yield part
        elif failure is Failure.CONTENT:
            yield [Outcome.refused(Problem(INVALID, _UNSTORABLE))]
        else:
            alone = len(visits) == 1 and failure is Failure.OWN
            yield [Outcome.deferred(failed_alone=alone) for _ in visits]

    async def _try(self, county_id: str, visits: Sequence[Visit]) -> list[Outcome]:
        """In one transaction; again where that was lost to another or with its connection.

        Where the connection broke in the commit nobody knows whether it went through: if it did, these are
        duplicates now.
        """
        for last in (*[False] * (_TRIES - 1), True):
            try:
                async with self._database.transaction(county_id) as session:
                    return await self._record_set(session, county_id, visits)
            except DBAPIError as error:
                if last or failure_of(error) is not Failure.AGAIN:
                    raise
                log.warning("visits_tried_again", visits=len(visits), error=type(error.orig).__name__)
            await asyncio.sleep(random.uniform(0, _PAUSE_S))  # noqa: S311 - so that two do not meet again
        raise AssertionError

    async def _record_set(self, session: AsyncSession, county_id: str, visits: Sequence[Visit]) -> list[Outcome]:
        now = self._clock()
        county = await directory.county(session, county_id)
        facts = await directory.visit_facts(
            session,
            county_id=county_id,
            visits=[
                (visit.person_id, visit.session_id, asked_by(county, visit.captured_at), visit.household_id)
                for visit in visits
            ],
            now=now,
        )
        refusals = [_refusal(visit, fact) for visit, fact in zip(visits, facts, strict=True)]
        cases = [
            Case(Evidence(visit, fact.device_id, now), fact)
            for visit, fact, no in zip(visits, facts, refusals, strict=True)
            if no is None
        ]
        stored = await keep(session, county, await self._fences.of(session, county), cases, now=now)
        owed = await duties.recount(
            session,
            county_id=county_id,
            timezone=county.timezone,
            touched=[(case.visit.person_id, case.visit.captured_at) for case in cases],
            now=now,
        )
        said = await checkins.said_first(session, county_id=county_id, visits=visits, stored=stored)
        return _outcomes(visits, refusals, stored, said, owed)


async def keep(
    session: AsyncSession, county: County, index: FenceIndex, cases: Sequence[Case], *, now: datetime
) -> dict[UUID, InsertedRow]:
    """Judge and write what is not there yet, and tell whose visit is held; the stored row of every id.

    Duties are the caller's to count, who has locked these people's rows.
    """
    judgements = await judge_cases(session, county, index, cases)
    new = {
        case.visit.id: _new(case, judgement, county)
        for case, judgement in reversed(list(zip(cases, judgements, strict=True)))
    }  # reversed: the first of two with one id is the one that is written
    stored = await _written(session, county.id, list(new.values()), now)
    fresh = {row.id for row in stored.values() if row.fresh}
    shown = [each for case, each in zip(cases, judgements, strict=True) if case.visit.id in fresh]
    await hold_pattern(session, county, shown, now=now)
    await _tell(session, county, [row for row in stored.values() if row.fresh], now)
    return stored


def _new(case: Case, judgement: Judgement, county: County) -> NewCheckIn:
    return NewCheckIn(
        visit=case.visit,
        device_id=case.evidence.device_id,
        judged=judgement.judged,
        standing=judgement.standing,
        reasons=judgement.reasons,
        night_of=night(county, case.visit.captured_at),
    )


def _told(error: Exception, visits: Sequence[Visit], attempt: _Attempt) -> Failure:
    """Log a failure of the server's; its trace at first and where it ends. Enough of them, and the set is over."""
    failure = failure_of(error)
    if failure is Failure.CONTENT:
        failure = Failure.OWN  # it is the content's only in the row of the visit
    attempt.failures += 1
    attempt.over = failure is Failure.LATER or attempt.failures >= _MOST_FAILURES
    log.error(
        "visits_failed",
        visits=len(visits),
        check_in=str(visits[0].id) if len(visits) == 1 else None,
        failure=failure.name.lower(),
        error=type(error).__name__,
        exc_info=error if len(visits) == 1 or attempt.over or attempt.failures == 1 else None,
    )
    return failure


async def _written(
    session: AsyncSession, county_id: str, new: Sequence[NewCheckIn], now: datetime
) -> dict[UUID, InsertedRow]:
    """Raises `_UnstorableError`."""
    try:
        return await checkins.write(session, county_id=county_id, new=new, now=now)
    except DBAPIError as error:
        if failure_of(error) is Failure.CONTENT:
            raise _UnstorableError(sqlstate(error)) from error
        raise


def _refusal(visit: Visit, fact: VisitFacts) -> Outcome | None:
    """Whose household it is decides whether it counts, not whether it is kept."""
    if not fact.signed_in:
        return Outcome.deferred(Problem(SESSION_ENDED))
    if visit.household_id and not fact.household_known:
        return Outcome.refused(invalid("/household_id", "unknown_household", _UNKNOWN_HOUSEHOLD))
    return None


async def _tell(session: AsyncSession, county: County, fresh: Sequence[CheckInRow], now: datetime) -> None:
    held = [
        NewNotice(
            person_id=row.person_id,
            kind="check_in_held",
            occasion=f"check_in_held:{row.id}",
            about={
                "check_in_id": str(row.id),
                "reasons": [reason["code"] for reason in row.reasons],
                "day": county.day(row.captured_at),
                "why": {
                    "name": "；".join(explain(reason, "zh-CN")["detail"] for reason in row.reasons),
                    "name_en": "; ".join(explain(reason, "en")["detail"] for reason in row.reasons),
                },
            },
        )
        for row in fresh
        if row.standing == "held"
    ]
    if held:
        await notices.tell(session, county_id=county.id, now=now, notices=held)


def _outcomes(
    visits: Sequence[Visit],
    refusals: Sequence[Outcome | None],
    stored: dict[UUID, InsertedRow],
    said: dict[UUID, bytes],
    owed: Sequence[DutyProgress],
) -> list[Outcome]:
    of_person: dict[UUID, list[DutyProgress]] = defaultdict(list)
    for duty in owed:
        of_person[duty.person_id].append(duty)
    outcomes, recorded = [], set()
    for visit, refusal in zip(visits, refusals, strict=True):
        row = stored.get(visit.id)
        if refusal:
            outcomes.append(refusal)
        elif row is None or said[visit.id] != visit.content_hash:
            # Not even readable: another person's check-in has just taken the id.
            outcomes.append(Outcome.refused(Problem(ID_REUSED)))
        else:
            first = row.fresh and visit.id not in recorded
            recorded.add(visit.id)
            outcomes.append(
                Outcome("recorded" if first else "duplicate", row, None, tuple(of_person[visit.person_id]))
            )
    return outcomes
