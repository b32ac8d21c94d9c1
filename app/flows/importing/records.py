"""Clockings of other platforms become check-ins: whose they are, which are new, judged as what phones send.

Taken back they stay as evidence that counts for nothing (docs/decisions/0013-taken-back-records-stay.md).
"""

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

import numpy as np
from sqlalchemy.ext.asyncio import AsyncSession

from app.checkins import records as checkins
from app.checkins import rejudging
from app.checkins.judging_again import Anew
from app.checkins.rules import Evidence, Fix, PlatformRecord, Reason, Visit
from app.checkins.words import Purpose, RejudgementCause, Standing
from app.directory import service as directory
from app.directory.service import County, VisitFacts
from app.duties import appeals
from app.duties import people as duty_people
from app.duties import service as duties
from app.duties.service import DutyCounty, Recounted
from app.exchange.tables import Finding
from app.flows.change_directory import Effect, turned_flags
from app.flows.importing.platforms import Clocking, Read
from app.flows.importing.whose import Matched
from app.flows.judge import Case, asked_by
from app.flows.judge_again import judge_again
from app.flows.place import place
from app.flows.record_visits import keep
from app.geo.coordinates import to_wgs84
from app.geo.fences import FenceIndex
from app.geo.words import Crs
from app.kernel.ids import new_id
from app.kernel.language import Text
from app.kernel.problems import CONFLICT, Problem

_ROWS = UUID("0f3c8a57-6a0d-5c4e-8f0e-0a6f4c1b7d25")  # the namespace of rows of other platforms
_CLOCKS_DIFFER = timedelta(minutes=5)
_FUTURE = Text("这个时间还没有到，请核对日期和时区", "This time is yet to come; check the date and the zone")
_HERE = Text("以前的导入已有这条记录", "An earlier import has brought this row")
_TWICE = Text("文件中重复的记录", "The same record twice in this file")
_OWN = Text(
    "同一人前后 10 分钟内在同一处已有签到，不重复导入",
    "The person has a check-in of the same visit, within 10 minutes and at the same place; not brought again",
)
_BUILT_ON = Text(
    "其中 {count} 条签到已有核实、核查或未决的申诉，不能撤销",
    "{count} of its check-ins have been reviewed or verified, or an appeal is open; it cannot be taken back",
)


@dataclass(frozen=True, slots=True)
class About:
    """The import, and the system of its coordinates as the office says."""

    import_id: UUID
    file_name: str
    crs: str


@dataclass(slots=True)
class Took:
    """What came of a file's clockings."""

    ids: list[UUID] = field(default_factory=list)
    standings: Counter[str] = field(default_factory=Counter)
    inside: dict[str, int] = field(default_factory=dict)
    here: int = 0
    own: int = 0
    notes: list[Finding] = field(default_factory=list)
    effect: Effect = field(default_factory=lambda: Effect({}, {}))

    def changes(self, told: Mapping[str, object]) -> dict[str, object]:
        standings = {str(each): self.standings[str(each)] for each in Standing if each != Standing.REFUSED}
        about = {"here": self.here, "own": self.own, "inside": self.inside, **standings}
        return {"new": len(self.ids), "effect": asdict(self.effect), "records": {**told, **about}}


def told(read: Read, matched: Matched) -> dict[str, object]:
    """What a file is, as the dry run says it."""
    return {
        "report": "、".join(f"{each.source.text.zh}{each.name.zh}" for each in read.reports),
        "rows": read.rows,
        "skipped_sheets": read.skipped,
        "no_record": read.nothing,
        "left_out": matched.left_out,
        "questions": matched.questions,
        "names": matched.names,
    }


def of_the_future(county: County, clockings: Sequence[Clocking], now: datetime) -> list[Finding]:
    """Rows that lie after `now`: whoever wrote the file took another day or zone, and so may all of it."""
    here = now.astimezone(ZoneInfo(county.timezone)).replace(tzinfo=None) + _CLOCKS_DIFFER
    return [each.row.finding("time", "future", _FUTURE) for each in clockings if each.at > here]


async def take(
    session: AsyncSession,
    county: County,
    index: FenceIndex,
    theirs: Sequence[tuple[Clocking, UUID]],
    about: About,
    *,
    now: datetime,
) -> Took:
    """Write what is new, in the caller's transaction; duties, flags and notices follow, as after any visit."""
    took = Took()
    origin = {}
    for clocking, person_id in theirs:
        visit = _visit(county, clocking, person_id, about)
        if visit.id in origin:
            took.notes.append(clocking.row.finding(None, "twice", _TWICE))
            took.here += 1
        else:
            origin[visit.id] = clocking, visit
    visits = [visit for _, visit in origin.values()]
    facts = await directory.visit_facts(
        session,
        county_id=county.id,
        visits=[(visit.person_id, None, asked_by(county, visit.captured_at), None) for visit in visits],
        now=now,
        in_touch=False,
    )
    of_visit = dict(zip((visit.id for visit in visits), facts, strict=True))
    took.inside = _inside(index, county, visits, facts)
    fresh = await _fresh(session, county, visits, {key: row for key, (row, _) in origin.items()}, took)
    cases = [Case(Evidence(visit, None, now), of_visit[visit.id]) for visit in fresh]
    people = sorted({visit.person_id for visit in fresh})
    flags_before = await duty_people.flags_of(session, county.id, people)
    stored = await keep(session, county, index, cases, now=now)
    counted = await _recounted(session, county, people, [visit.captured_at for visit in fresh], now)
    took.ids = list(stored)
    took.standings = Counter(str(row.standing) for row in stored.values())
    raised, withdrawn = turned_flags(flags_before, await duty_people.flags_of(session, county.id, people))
    took.effect = Effect(
        new={"check_in": len(stored)} if stored else {},
        changed={},
        duties_counted=counted.counted,
        duties_new=sum(change.required_before is None for change in counted.changed),
        duties_changed=sum(change.required_before is not None for change in counted.changed),
        flags_raised=raised,
        flags_withdrawn=withdrawn,
    )
    return took


async def take_back(session: AsyncSession, county_id: str, undo: bytes, *, now: datetime) -> None:
    """Its check-ins count for nothing any more. Raises `CONFLICT` where somebody has looked at one of them.

    An open appeal blocks. On one that was upheld or came too late nothing is built; one overturned is a review.
    """
    ids = [UUID(each) for each in json.loads(undo)]
    county = await directory.county(session, county_id)
    people = await checkins.people(session, county_id=county_id, ids=ids)
    await directory.lock_people(session, county_id=county_id, person_ids=people)
    appealed = await appeals.of_check_ins(session, county_id, ids)
    looked_at = {
        *await checkins.looked_at(session, county_id=county_id, ids=ids),
        *(check_in_id for check_in_id, appeal in appealed.items() if appeal and appeal["status"] == "open"),
    }
    if looked_at:
        count = len(looked_at)
        raise Problem(CONFLICT, Text(_BUILT_ON.zh.format(count=count), _BUILT_ON.en.format(count=count)))
    stored = await rejudging.stored(session, county_id=county_id, ids=ids)
    why = Reason("withdrawn").as_dict()
    anew = [
        Anew(check_in_id, new_id(), each.judged, Standing.REFUSED, [why, *each.reasons])
        for check_in_id, each in stored.items()
    ]
    await judge_again(session, county, anew, cause=RejudgementCause.WITHDRAWN, now=now)
    await checkins.withdraw(session, county_id=county_id, ids=ids, now=now)


def packed(ids: Sequence[UUID]) -> bytes:
    """What `take_back` needs."""
    return json.dumps([str(each) for each in ids]).encode()


async def _fresh(
    session: AsyncSession, county: County, visits: Sequence[Visit], rows: Mapping[UUID, Clocking], took: Took
) -> list[Visit]:
    """Those that are here from nowhere yet; of the others it is noted why they are left out."""
    known = await checkins.here(session, county_id=county.id, rows=[_facts(visit) for visit in visits])
    here = {visits[number].id for number in known}
    new = [visit for visit in visits if visit.id not in here]
    took.here += len(here)
    took.notes += [rows[each].row.finding(None, "already_here", _HERE) for each in here]
    found = await checkins.own(session, county_id=county.id, stated=_stated(new))
    own = {new[number].id for number in found}
    took.own = len(own)
    took.notes += [rows[each].row.finding(None, "own_check_in", _OWN) for each in own]
    return [visit for visit in new if visit.id not in own]


def _facts(visit: Visit) -> checkins.Facts:
    """What makes a row the same as another."""
    fix, record = visit.fix, visit.record
    place = str(record.said.get("place", "")) if record else ""
    source = record.source if record else ""
    lon, lat = (fix.lon, fix.lat) if fix else (None, None)
    return visit.person_id, visit.captured_at, lon, lat, place, source


def _stated(visits: Sequence[Visit]) -> list[checkins.Stated]:
    fixes = [visit.fix for visit in visits]
    lon, lat = to_wgs84(
        np.array([np.nan if fix is None else fix.lon for fix in fixes]),
        np.array([np.nan if fix is None else fix.lat for fix in fixes]),
        np.array(["wgs84" if fix is None else fix.crs for fix in fixes]),
    )
    return [
        (
            visit.person_id,
            visit.captured_at,
            x if visit.fix else None,
            y if visit.fix else None,
            visit.record.source if visit.record else "",
        )
        for visit, x, y in zip(visits, lon.tolist(), lat.tolist(), strict=True)
    ]


def _inside(
    index: FenceIndex, county: County, visits: Sequence[Visit], facts: Sequence[VisitFacts]
) -> dict[str, int]:
    """How many lie inside the fences of their people's villages, were they in each of the systems."""
    located = [(visit, fact) for visit, fact in zip(visits, facts, strict=True) if visit.fix]
    inside = {}
    for crs in Crs if located else ():
        read = [
            (replace(visit, fix=replace(visit.fix, crs=str(crs))), fact) for visit, fact in located if visit.fix
        ]
        inside[str(crs)] = sum(each.place == "inside" for each in place(index, county, read))
    return inside


def _visit(county: County, clocking: Clocking, person_id: UUID, about: About) -> Visit:
    """The same facts of one person have one key, in whatever file; the check-in is this import's."""
    at = clocking.at.replace(tzinfo=ZoneInfo(county.timezone))
    where = f"{clocking.lon} {clocking.lat}" if clocking.lon is not None else str(clocking.said.get("place", ""))
    key = uuid5(_ROWS, f"{county.id}\n{clocking.source}\n{person_id}\n{clocking.at.isoformat()}\n{where}")
    said = dict(clocking.said) | {"file": about.file_name}
    fix = None
    if clocking.lon is not None and clocking.lat is not None:
        mock = True if said.get("mock") else None
        fix = Fix(clocking.lon, clocking.lat, about.crs, None, None, None, mock, at)
    return Visit(
        id=uuid5(key, str(about.import_id)),
        person_id=person_id,
        session_id=None,
        captured_at=at,
        fix=fix,
        position_problem=None,
        purpose=Purpose.VILLAGE_DUTY,
        household_id=None,
        note=str(clocking.row.get("note") or "")[:1000],
        photo_ids=(),
        form=None,
        app_version=None,
        content_hash=hashlib.sha256(key.bytes + about.import_id.bytes).digest(),
        record=PlatformRecord(str(clocking.source), key, said),
    )


async def _recounted(
    session: AsyncSession, county: County, people: Sequence[UUID], moments: Sequence[datetime], now: datetime
) -> Recounted:
    """From the evening before the first: past midnight a visit is of the night that began then."""
    if not people:
        return Recounted(0, [])
    days = [county.day(moment) for moment in moments]
    return await duties.recount_days(
        session,
        DutyCounty(county.id, county.timezone),
        person_ids=people,
        from_day=min(days) - timedelta(days=1),
        until_day=max(days) + timedelta(days=1),
        now=now,
    )
