"""Judge visits: place, history and signals give a standing. Reads what it needs and writes nothing.

`record_visits` judges what arrives; whoever judges again (a fix that follows, another fence, a photo) calls
`judge_stored`, writes what has changed, counts duties anew and tells the person.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.checkins import service as checkins
from app.checkins.history import ALONE, NOTHING, Around, History, Step, Trail, Twin
from app.checkins.rules import Evidence, Judged, Reason, Visit, night_of
from app.checkins.service import NeighbourQuery
from app.checkins.settings import VisitSettings
from app.checkins.signals import JudgingFacts
from app.checkins.standing import pattern_of, standing_of
from app.directory import service as directory
from app.directory.service import County, VisitFacts
from app.directory.settings import GeneralSettings
from app.flows.photo_facts import photo_facts
from app.flows.place import place
from app.geo.fences import FenceIndex


@dataclass(frozen=True, slots=True)
class Case:
    """A visit to judge, and what the directory knows of its day."""

    evidence: Evidence
    facts: VisitFacts

    @property
    def visit(self) -> Visit:
        return self.evidence.visit


@dataclass(frozen=True, slots=True)
class Judgement:
    """判定: where a visit was, and what it is worth by the rules alone; a review prevails over it."""

    judged: Judged
    standing: str
    reasons: tuple[Reason, ...]
    shows: Mapping[UUID, Reason] = field(default_factory=dict)
    """Stored check-ins that are part of a pattern which shows with this one, and why each is to be doubted."""


def night(county: County, captured_at: datetime) -> date | None:
    """The date whose evening a visit belongs to, by the county's hours; None by day."""
    start, until = county.setting(GeneralSettings).night
    return night_of(captured_at, timezone=county.timezone, start=start, until=until)


def asked_by(county: County, captured_at: datetime) -> date:
    """The day whose assignments a visit is judged by: past midnight the evening's, as the count does."""
    return night(county, captured_at) or county.day(captured_at)


async def judge_stored(
    session: AsyncSession, county: County, index: FenceIndex, ids: Sequence[UUID], *, now: datetime
) -> list[tuple[Evidence, Judgement]]:
    """Judge stored check-ins anew from their evidence, each as of when it came, in that order.

    Locks the rows of their people, writes nothing. Without a change of fix, fence, photo, assignment, settings or
    neighbours it finds what stands. Ids that are not the county's are left out; some thousands at a time are fine.
    """
    evidence = await checkins.evidence(session, county_id=county.id, ids=ids)
    facts = await directory.visit_facts(
        session,
        county_id=county.id,
        visits=[
            (each.visit.person_id, None, asked_by(county, each.visit.captured_at), each.visit.household_id)
            for each in evidence
        ],
        now=now,
        in_touch=False,
    )
    cases = [Case(*pair) for pair in zip(evidence, facts, strict=True)]
    return list(zip(evidence, await judge_cases(session, county, index, cases), strict=True))


async def judge_cases(
    session: AsyncSession, county: County, index: FenceIndex, cases: Sequence[Case]
) -> list[Judgement]:
    """One judgement for each case, in order."""
    if not cases:
        return []
    judged = place(index, county, [(case.visit, case.facts) for case in cases])
    steps, found = await checkins.around(
        session,
        county_id=county.id,
        visits=[_neighbour_query(case, where, county) for case, where in zip(cases, judged, strict=True)],
        network_m=county.setting(VisitSettings).repeated_fix_accuracy_m,
    )
    photos = await photo_facts(session, county_id=county.id, evidence=[case.evidence for case in cases])
    coming: dict[UUID, list[Step]] = defaultdict(list)
    set_steps = [_step(case.evidence, where) for case, where in zip(cases, judged, strict=True)]
    for case, step in zip(cases, set_steps, strict=True):
        if step:
            coming[case.visit.person_id].append(step)
    trails = {person_id: Trail(own, county.timezone, coming[person_id]) for person_id, own in steps.items()}
    seen: dict[tuple[float, float], list[Twin]] = defaultdict(list)
    judgements: dict[int, Judgement] = {}
    for number in sorted(range(len(cases)), key=lambda number: _arrival(cases[number].evidence)):
        case, where = cases[number], judged[number]
        trail, step = trails[case.visit.person_id], set_steps[number]
        beside = found.get(case.visit.id, NOTHING)
        if step:
            twin = _twin(case.visit.person_id, step)
            alike = seen[step.raw_lon, step.raw_lat]
            others = (each for each in alike if each.person_id != twin.person_id)
            beside = replace(beside, others_twins=(*beside.others_twins, *others))
            alike.append(twin)
        history = _history(trail, step, county, beside)
        known = JudgingFacts(
            case.visit,
            where,
            case.evidence.received_at,
            county.setting(VisitSettings),
            county.setting(GeneralSettings).clock_skew_s,
            case.evidence.device_id,
            history,
            photos.get(case.visit.id, ()),
            case.evidence.position_added_at,
        )
        standing, reasons = standing_of(known)
        judgements[number] = Judgement(where, standing, reasons, pattern_of(case.visit.id, reasons))
        if step:
            trail.add(step._replace(standing=standing))
    return _with_patterns([case.visit.id for case in cases], [judgements[number] for number in range(len(cases))])


def _with_patterns(ids: Sequence[UUID], judgements: Sequence[Judgement]) -> list[Judgement]:
    """What is doubted because of another of the set is held with it."""
    doubted: dict[UUID, Reason] = {}
    for judgement in judgements:
        doubted |= judgement.shows
    if not doubted:
        return list(judgements)
    return [
        replace(each, standing="held", reasons=(doubted[check_in_id], *each.reasons))
        if check_in_id in doubted and each.standing == "counted"
        else each
        for check_in_id, each in zip(ids, judgements, strict=True)
    ]


def _history(trail: Trail, step: Step | None, county: County, found: Around) -> History:
    if step is None:
        return replace(ALONE, lender_id=found.lender_id, issuer_id=found.issuer_id)
    return trail.around(step, devices_d=county.setting(VisitSettings).several_devices_d, found=found)


def _twin(person_id: UUID, step: Step) -> Twin:
    return Twin(
        step.check_in_id,
        person_id,
        step.captured_at,
        step.arrived_at,
        step.raw_lon,
        step.raw_lat,
        step.device_id,
    )


def _neighbour_query(case: Case, where: Judged, county: County) -> NeighbourQuery:
    """With its place only where satellites are said to have measured it: others' places repeat."""
    evidence, fix = case.evidence, case.visit.fix
    fine = fix is not None and (fix.accuracy_m or 0) < county.setting(VisitSettings).repeated_fix_accuracy_m
    return NeighbourQuery(
        id=case.visit.id,
        person_id=case.visit.person_id,
        captured_at=case.visit.captured_at,
        device_id=evidence.device_id,
        received_at=evidence.received_at,
        lon=where.lon if fine else None,
        lat=where.lat if fine else None,
    )


def _arrival(evidence: Evidence) -> tuple[datetime, datetime]:
    return evidence.position_added_at or evidence.received_at, evidence.visit.captured_at


def _step(evidence: Evidence, judged: Judged) -> Step | None:
    """As it goes on the trail; its standing is not known yet."""
    visit = evidence.visit
    if visit.fix is None or judged.lon is None or judged.lat is None:
        return None
    return Step(
        visit.id,
        visit.captured_at.timestamp(),
        (evidence.position_added_at or evidence.received_at).timestamp(),
        visit.fix.fixed_at.timestamp(),
        judged.lon,
        judged.lat,
        visit.fix.lon,
        visit.fix.lat,
        visit.fix.accuracy_m,
        visit.fix.altitude_m,
        visit.fix.speed_mps,
        evidence.device_id,
        "held",
    )
