"""Record a set of visits of one county: the walk of a check-in, in one transaction.

Facts of the directory, then place, then standing, then one INSERT, then duties, then notices. If the set
fails, it is halved until the bad item stands alone; its neighbours are recorded.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import numpy as np
import structlog
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncSession

from app.checkins import service as checkins
from app.checkins.rules import NOWHERE, Judged, Visit, night_of
from app.checkins.service import NewCheckIn
from app.checkins.standing import standing_of
from app.directory import service as directory
from app.directory.fences import Fences
from app.directory.service import County, VisitFacts
from app.duties import service as duties
from app.duties.service import DutyProgress
from app.geo.coordinates import to_wgs84
from app.geo.fences import FenceIndex
from app.geo.verdict import Fixes, distance_to_points, judge
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
    """Writes sets of visits; `record` is what the gatherer calls."""

    def __init__(self, database: Database, clock: Clock, fences: Fences) -> None:
        self._database = database
        self._clock = clock
        self._fences = fences

    async def record(self, county_id: str, visits: Sequence[Visit]) -> list[Outcome]:
        """One outcome per visit, in order, after the commit. Raises when the database is out of reach."""
        try:
            async with self._database.transaction() as session:
                return await self._record_set(session, county_id, visits)
        except (OSError, OperationalError, PoolTimeout):
            raise
        except Exception as error:
            if isinstance(error, DBAPIError) and error.connection_invalidated:
                raise
            if len(visits) > 1:
                middle = len(visits) // 2
                return [
                    *await self.record(county_id, visits[:middle]),
                    *await self.record(county_id, visits[middle:]),
                ]
            problem = problem_of(error) if isinstance(error, DBAPIError) else None
            if problem is None:
                log.exception("visit_failed", check_in=str(visits[0].id))
            return [Outcome.refused(problem or Problem(INTERNAL))]

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
        taken = [(visit, fact) for visit, fact, no in zip(visits, facts, refusals, strict=True) if no is None]
        judged = place(await self._fences.of(session, county), county, taken)
        new = {
            visit.id: _new(visit, fact, judgement, county, now)
            for (visit, fact), judgement in reversed(list(zip(taken, judged, strict=True)))
        }  # reversed: the first of two with one id is the one that is written
        stored = await checkins.write(session, county_id=county_id, new=list(new.values()), now=now)
        owed = await duties.recount(
            session,
            county_id=county_id,
            timezone=county.timezone,
            touched=[(visit.person_id, visit.captured_at) for visit, _ in taken],
            now=now,
        )
        await _tell(session, county_id, [row for row in stored.values() if row.fresh], now)
        return _outcomes(visits, refusals, stored, owed)


def place(index: FenceIndex, county: County, visits: Sequence[tuple[Visit, VisitFacts]]) -> list[Judged]:
    """Where each visit was: to WGS-84, then against the fences valid when it was captured."""
    fixed = [(at, visit, fact) for at, (visit, fact) in enumerate(visits) if visit.fix]
    judged = [NOWHERE] * len(visits)
    if not fixed:
        return judged
    fixes = [visit.fix for _, visit, _ in fixed if visit.fix]
    lon, lat = to_wgs84(
        np.array([fix.lon for fix in fixes]),
        np.array([fix.lat for fix in fixes]),
        np.array([fix.crs for fix in fixes]),
    )
    verdicts = judge(
        index,
        Fixes(
            lon,
            lat,
            np.array([np.nan if fix.accuracy_m is None else fix.accuracy_m for fix in fixes]),
            np.array([visit.captured_at.timestamp() for _, visit, _ in fixed]),
        ),
        [fact.assigned for _, _, fact in fixed],
        county.limits,
    )
    houses = [fact.household or (None, None, 0.0) for _, _, fact in fixed]
    to_house = distance_to_points(
        lon,
        lat,
        np.array([np.nan if house[0] is None else house[0] for house in houses]),
        np.array([np.nan if house[1] is None else house[1] for house in houses]),
    )
    for row, ((at, _, fact), verdict) in enumerate(zip(fixed, verdicts, strict=True)):
        away = None if np.isnan(to_house[row]) else float(to_house[row])
        judged[at] = Judged(
            lon=float(lon[row]),
            lat=float(lat[row]),
            village_id=verdict.village_id,
            geofence_version=verdict.geofence_version,
            found_in_village_id=verdict.found_in_village_id,
            place=verdict.place,
            distance_m=verdict.distance_m,
            confidence=verdict.confidence,
            household_distance_m=away,
            household_radius_m=fact.household[2] if fact.household else None,
        )
    return judged


def _new(visit: Visit, fact: VisitFacts, judged: Judged, county: County, now: datetime) -> NewCheckIn:
    standing, reasons = standing_of(visit, judged, now, county.settings)
    return NewCheckIn(
        visit=visit,
        device_id=fact.device_id,
        judged=judged,
        standing=standing,
        reasons=reasons,
        night_of=night_of(
            visit.captured_at,
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


async def _tell(session: AsyncSession, county_id: str, fresh: Sequence[Any], now: datetime) -> None:
    held = [
        NewNotice(
            person_id=row.person_id,
            kind="check_in_held",
            occasion=f"check_in_held:{row.id}",
            about={"check_in_id": str(row.id), "reasons": [reason["code"] for reason in row.reasons]},
        )
        for row in fresh
        if row.standing == "held"
    ]
    if held:
        await notices.tell(session, county_id=county_id, now=now, notices=held)


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
