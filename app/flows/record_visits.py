"""Record a set of visits of one county: the walk of a check-in, in one transaction.

Facts of the directory, then place, then standing, then one INSERT, then duties, then notices. If the set
fails, it is halved until the bad item stands alone; its neighbours are recorded.
"""

from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import structlog
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncSession

from app.checkins import service as checkins
from app.checkins.reasons import explain
from app.checkins.rules import Evidence, Visit, night_of
from app.checkins.service import NewCheckIn
from app.directory import service as directory
from app.directory.fences import Fences
from app.directory.service import County, VisitFacts
from app.duties import service as duties
from app.duties.service import DutyProgress
from app.flows.judge import Case, Judgement, judge_cases
from app.kernel.clock import Clock
from app.kernel.constraints import problem_of
from app.kernel.database import Database
from app.kernel.gather import Gatherer
from app.kernel.language import Text
from app.kernel.problems import ID_REUSED, INTERNAL, SESSION_ENDED, Problem, invalid
from app.notices import service as notices
from app.notices.service import NewNotice

log = structlog.get_logger()

_UNKNOWN_HOUSEHOLD = Text("没有这一户", "There is no such household")
_NOT_THEIRS = Text("这一户不由您联系", "This household is not yours to visit")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one visit: its stored row, and the person's duties in the periods that it touches."""

    status: Literal["recorded", "duplicate", "conflict", "invalid"]
    check_in: Any | None
    problem: Problem | None
    duties: tuple[DutyProgress, ...] = ()

    @classmethod
    def refused(cls, problem: Problem) -> "Outcome":
        return cls("conflict" if problem.kind is ID_REUSED else "invalid", None, problem)


VisitGatherer = Gatherer[Visit, Outcome]


class VisitRecorder:
    """Writes sets of visits; `record_in_parts` is what the gatherer calls."""

    def __init__(self, database: Database, clock: Clock, fences: Fences) -> None:
        self._database = database
        self._clock = clock
        self._fences = fences

    async def record(self, county_id: str, visits: Sequence[Visit]) -> list[Outcome]:
        """One outcome per visit, in order, after the last commit. Raises when the database is out of reach."""
        return [outcome async for part in self.record_in_parts(county_id, visits) for outcome in part]

    async def record_in_parts(self, county_id: str, visits: Sequence[Visit]) -> AsyncIterator[list[Outcome]]:
        """The same, part after part, each after its own commit: one part, unless the set fails and is halved."""
        try:
            async with self._database.transaction() as session:
                outcomes = await self._record_set(session, county_id, visits)
        except (OSError, OperationalError, PoolTimeout):
            raise
        except Exception as error:
            if isinstance(error, DBAPIError) and error.connection_invalidated:
                raise
            if len(visits) > 1:
                middle = len(visits) // 2
                for half in (visits[:middle], visits[middle:]):
                    async for part in self.record_in_parts(county_id, half):
                        yield part
                return
            problem = problem_of(error) if isinstance(error, DBAPIError) else None
            if problem is None:
                log.exception("visit_failed", check_in=str(visits[0].id))
            outcomes = [Outcome.refused(problem or Problem(INTERNAL))]
        yield outcomes

    async def _record_set(self, session: AsyncSession, county_id: str, visits: Sequence[Visit]) -> list[Outcome]:
        now = self._clock()
        county = await directory.county(session, county_id)
        facts = await directory.visit_facts(
            session,
            county_id=county_id,
            visits=[
                (visit.person_id, visit.session_id, county.day(visit.captured_at), visit.household_id)
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
        judgements = await judge_cases(session, county, await self._fences.of(session, county), cases)
        new = {
            case.visit.id: _new(case, judgement, county)
            for case, judgement in reversed(list(zip(cases, judgements, strict=True)))
        }  # reversed: the first of two with one id is the one that is written
        stored = await checkins.write(session, county_id=county_id, new=list(new.values()), now=now)
        owed = await duties.recount(
            session,
            county_id=county_id,
            timezone=county.timezone,
            touched=[(case.visit.person_id, case.visit.captured_at) for case in cases],
            now=now,
        )
        await _tell(session, county, [row for row in stored.values() if row.fresh], now)
        return _outcomes(visits, refusals, stored, owed)


def _new(case: Case, judgement: Judgement, county: County) -> NewCheckIn:
    return NewCheckIn(
        visit=case.visit,
        device_id=case.evidence.device_id,
        judged=judgement.judged,
        standing=judgement.standing,
        reasons=judgement.reasons,
        night_of=night_of(
            case.visit.captured_at,
            timezone=county.timezone,
            start=county.settings.night_start,
            until=county.settings.night_until,
        ),
    )


def _refusal(visit: Visit, fact: VisitFacts) -> Problem | None:
    if not fact.signed_in:
        return Problem(SESSION_ENDED)
    if visit.household_id and not fact.household_known:
        return invalid("/household_id", "unknown_household", _UNKNOWN_HOUSEHOLD)
    if visit.household_id and not fact.household_theirs:
        return invalid("/household_id", "not_your_household", _NOT_THEIRS)
    return None


async def _tell(session: AsyncSession, county: County, fresh: Sequence[Any], now: datetime) -> None:
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
    refusals: Sequence[Problem | None],
    stored: dict[UUID, Any],
    owed: Sequence[DutyProgress],
) -> list[Outcome]:
    of_person: dict[UUID, list[DutyProgress]] = defaultdict(list)
    for duty in owed:
        of_person[duty.person_id].append(duty)
    outcomes, recorded = [], set()
    for visit, refusal in zip(visits, refusals, strict=True):
        row = stored.get(visit.id)
        if refusal:
            outcomes.append(Outcome.refused(refusal))
        elif row is None or row.content_hash != visit.content_hash:
            # Not even readable: another person's check-in has just taken the id.
            outcomes.append(Outcome.refused(Problem(ID_REUSED)))
        else:
            first = row.fresh and visit.id not in recorded
            recorded.add(visit.id)
            outcomes.append(
                Outcome("recorded" if first else "duplicate", row, None, tuple(of_person[visit.person_id]))
            )
    return outcomes
