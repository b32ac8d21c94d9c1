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
from app.directory.rows import Person
from app.directory.service import County, VisitFacts
from app.duties import appeals
from app.duties import people as duty_people
from app.duties import service as duties
from app.duties.service import DutyCounty, Recounted
from app.exchange.tables import Finding
from app.flows.change_directory import Effect, turned_flags
from app.flows.importing.lookup import Lookup
from app.flows.importing.platforms import Clocking, Read
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
_MOST_NAMED = 20
_WHO = Text(
    "{written}（{rows} 行）：报表里只有姓名，请指明是谁，或不导入此人",
    "{written} ({rows} rows): the report has the name only; say who it is, or leave them out",
)
_OTHER_NAME = Text("这个手机号（工号）登记的是{name}，不是{written}", "The number is {name}'s, not {written}'s")
_HERE = Text("以前的导入已有这条记录", "An earlier import has brought this row")
_TWICE = Text("文件中重复的记录", "The same record twice in this file")
_OWN = Text(
    "同一人前后 10 分钟内在同一处已有签到，不重复导入",
    "The person has a check-in of the same visit, within 10 minutes and at the same place; not brought again",
)
_BUILT_ON = Text(
    "其中 {count} 条签到已有核实、核查或申诉，不能撤回",
    "{count} of its check-ins have been reviewed, verified or appealed against; it cannot be taken back",
)


@dataclass(slots=True)
class Matched:
    """Clockings with their people; of the rest who is asked for, or was left out."""

    theirs: list[tuple[Clocking, UUID]] = field(default_factory=list)
    problems: list[Finding] = field(default_factory=list)
    questions: list[dict[str, object]] = field(default_factory=list)
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class Whose:
    """Who is meant: by phone number or the office's own number; a name is only ever a question."""

    lookup: Lookup
    answers: Mapping[str, UUID | None]

    @classmethod
    def of(cls, lookup: Lookup, options: Mapping[str, object]) -> "Whose":
        said = options.get("people")
        known = {person.id for person in lookup.known.people}
        answers = {
            str(written): UUID(str(answer)) if answer else None
            for written, answer in (said.items() if isinstance(said, dict) else ())
        }
        return cls(lookup, {name: each for name, each in answers.items() if each is None or each in known})

    def match(self, clockings: Sequence[Clocking]) -> Matched:
        made = Matched()
        asked: dict[str, list[Clocking]] = {}
        for clocking in clockings:
            found = self._by_number(clocking)
            if found and found.name != clocking.row.get("name"):
                about = {"name": found.name, "written": clocking.row.get("name")}
                made.problems.append(clocking.row.finding("name", "other_name", _OTHER_NAME, **about))
            elif found:
                made.theirs.append((clocking, found.id))
            elif clocking.written not in self.answers:
                asked.setdefault(clocking.written, []).append(clocking)
            elif answer := self.answers[clocking.written]:
                made.theirs.append((clocking, answer))
            else:
                made.left_out += 1
        for written, rows in asked.items():
            about = {"written": written, "rows": len(rows)}
            made.problems.append(rows[0].row.finding("name", "which_person", _WHO, **about))
            named = self.lookup.people_named(str(rows[0].row.get("name")))[:_MOST_NAMED]
            made.questions.append(about | {"candidates": [self._candidate(person) for person in named]})
        return made

    def _by_number(self, clocking: Clocking) -> Person | None:
        for written in (str(said) for key in ("phone", "number", "account") if (said := clocking.row.get(key))):
            found = self.lookup.holder(written, clocking.at.date()) or self.lookup.by_number.get(written)
            if found:
                return found
        return None

    def _candidate(self, person: Person) -> dict[str, object]:
        unit = self.lookup.units.get(person.unit_id)
        return {
            "id": str(person.id),
            "name": person.name,
            "phone": person.phone,
            "unit": unit.name if unit else "",
        }


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
    }


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
    """Its check-ins count for nothing any more. Raises `CONFLICT` where somebody has looked at one of them."""
    ids = [UUID(each) for each in json.loads(undo)]
    county = await directory.county(session, county_id)
    people = await checkins.people(session, county_id=county_id, ids=ids)
    await directory.lock_people(session, county_id=county_id, person_ids=people)
    appealed = await appeals.of_check_ins(session, county_id, ids)
    looked_at = {
        *await checkins.looked_at(session, county_id=county_id, ids=ids),
        *(check_in_id for check_in_id, appeal in appealed.items() if appeal),
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
    keys = {visit.id: visit.record.key for visit in visits if visit.record}
    here = await checkins.here(session, county_id=county.id, keys=list(keys.values()))
    new = [visit for visit in visits if keys[visit.id] not in here]
    took.here += len(visits) - len(new)
    took.notes += [
        rows[visit.id].row.finding(None, "already_here", _HERE) for visit in visits if keys[visit.id] in here
    ]
    found = await checkins.own(session, county_id=county.id, stated=_stated(new))
    own = {new[number].id for number in found}
    took.own = len(own)
    took.notes += [rows[each].row.finding(None, "own_check_in", _OWN) for each in own]
    return [visit for visit in new if visit.id not in own]


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
