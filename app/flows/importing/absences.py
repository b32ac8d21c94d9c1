"""Sheets of leave (请假/报备) given on paper, and of the county's calendar, go the way that the pages go."""

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.directory.service import County
from app.duties import calendar, leave
from app.duties import people as duty_people
from app.duties.calendar import Changed, SpecialDay
from app.duties.leave import Given, NewLeave
from app.duties.rules import HALF, Span
from app.duties.service import DutyCounty
from app.duties.words import DayHalf
from app.exchange.cells import Bad
from app.exchange.tables import Finding, Row, day
from app.flows import change_calendar, change_directory, take_leave
from app.flows.change_directory import Effect
from app.flows.importing.absence_columns import WorkingDay
from app.flows.importing.lookup import Lookup
from app.flows.importing.reading import OTHER_NAME
from app.kernel import audit
from app.kernel.ids import new_id
from app.kernel.language import Text
from app.kernel.problems import CONFLICT, Problem

_TWICE = Text("与第 {row} 行重叠", "Overlaps row {row}")
_OWN = Text("不能导入本人的请假，请在系统中申请", "One's own leave is to be asked for, not imported")
_BACKWARDS = Text("结束早于开始", "It ends before it begins")
_OVERLAP = Text(
    "与已有的请假重叠：{begun} 至 {until}（{status}）",
    "Overlaps other leave: {begun} to {until} ({status})",
)
_TWICE_DAY = Text("与第 {row} 行是同一天", "The same day as row {row}")
_DECISION, _BY = "导入", "批准人：{who}"
_CHANGED_SINCE = Text(
    "不能撤销：其中有的日子此后又改过。请在日历里逐日更正",
    "It cannot be taken back: some of its days have been changed since. Correct them in the calendar",
)


@dataclass(slots=True)
class LeaveSheet:
    """Leave that is new; what is there already just so is left alone."""

    given: list[Given] = field(default_factory=list)
    problems: list[Finding] = field(default_factory=list)


async def read_leave(
    session: AsyncSession, county: County, rows: Sequence[Row], lookup: Lookup, *, by: UUID, now: datetime
) -> LeaveSheet:
    """What the rows mean; `by` is whoever imports them. Their people are locked from here on."""
    made = LeaveSheet()
    read: list[tuple[Row, Given]] = []
    met: defaultdict[UUID, list[tuple[Row, Given]]] = defaultdict(list)
    for row in rows:
        try:
            given = _given(row, lookup, by)
        except Bad as bad:
            made.problems.append(row.finding(str(bad.values.pop("at")), bad.code, bad.text, **bad.values))
            continue
        before = next((r for r, each in met[given.leave.person_id] if _meet(each, given)), None)
        if before:
            made.problems.append(row.finding("from_date", "overlap", _TWICE, row=before.number))
            continue
        met[given.leave.person_id].append((row, given))
        read.append((row, given))
    there = defaultdict(list)
    own = DutyCounty(county.id, county.timezone)
    for meeting in await leave.meeting(session, own, [given.leave for _, given in read]):
        there[meeting.nth - 1].append(meeting)
    for nth, (row, given) in enumerate(read):
        new = given.leave
        same = (new.kind, "approved", new.span.from_half, new.span.until_half)
        if any((each.kind, each.status, each.from_half, each.until_half) == same for each in there[nth]):
            continue
        late = take_leave.too_late(county, new.span.from_half, now)
        if there[nth]:
            first = there[nth][0]
            about = {"begun": first.from_half.date(), "until": (first.until_half - HALF).date()}
            made.problems.append(row.finding("from_date", "overlap", _OVERLAP, **about, status=first.status))
        elif late:
            made.problems.append(row.finding("from_date", late.code, late.text, **late.values))
        else:
            made.given.append(given)
    return made


def _given(row: Row, lookup: Lookup, by: UUID) -> Given:
    try:
        person = lookup.person(str(row.get("person")))
    except Bad as bad:
        raise Bad(bad.code, bad.text, **bad.values, at="person") from None
    written = row.get("name")
    if written and written != person.name:
        raise Bad("other_name", OTHER_NAME, name=person.name, written=written, at="name")
    if person.id == by:
        raise Bad("own", _OWN, at="person")
    span = Span(_half(row, "from", DayHalf.AM), _half(row, "until", DayHalf.PM) + HALF)
    if span.until_half <= span.from_half:
        raise Bad("backwards", _BACKWARDS, at="until_date")
    new = NewLeave(new_id(), person.id, str(row.get("kind")), span, str(row.get("reason")))
    who = row.get("approved_by")
    return Given(new, _BY.format(who=who) if who else _DECISION)


def _half(row: Row, key: str, usual: DayHalf) -> datetime:
    """The beginning of the half-day that the row names."""
    half = row.get(f"{key}_half") or usual
    return datetime.combine(day(row, f"{key}_date"), time(12 if half == DayHalf.PM else 0))


def _meet(one: Given, other: Given) -> bool:
    first, second = one.leave.span, other.leave.span
    return first.from_half < second.until_half and second.from_half < first.until_half


async def record_leave(
    session: AsyncSession, county: County, sheet: LeaveSheet, *, actor_id: UUID, now: datetime, source: str
) -> tuple[Effect, bytes]:
    """All of it, in the caller's transaction; what it does, and how it is taken back."""
    people = sorted({each.leave.person_id for each in sheet.given})
    before = await duty_people.flags_of(session, county.id, people)
    if not sheet.given:
        return Effect({}, {}), b"[]"
    counted = await take_leave.record(session, county, sheet.given, actor_id=actor_id, source=source, now=now)
    after = await duty_people.flags_of(session, county.id, people)
    effect = change_directory.effect_of(({"leave": len(sheet.given)}, {}), counted, before, after)
    undo = [
        [str(new.id), str(new.person_id), new.kind, str(new.span.from_half), str(new.span.until_half), new.reason]
        for each in sheet.given
        for new in (each.leave,)
    ]
    return effect, json.dumps(undo, ensure_ascii=False).encode()


async def unrecord_leave(
    session: AsyncSession, county: County, undo: bytes, *, actor_id: UUID, now: datetime, source: str
) -> None:
    """It is revoked as a whole, and its people are told. Raises `CONFLICT`."""
    given = [
        NewLeave(
            UUID(made),
            UUID(person),
            kind,
            Span(datetime.fromisoformat(begun), datetime.fromisoformat(until)),
            reason,
        )
        for made, person, kind, begun, until, reason in json.loads(undo)
    ]
    await take_leave.unrecord(session, county, given, actor_id=actor_id, source=source, now=now)


@dataclass(slots=True)
class CalendarSheet:
    """Days of which the office says something else than before, and what it said."""

    days: list[SpecialDay] = field(default_factory=list)
    before: dict[date, SpecialDay] = field(default_factory=dict)
    problems: list[Finding] = field(default_factory=list)


async def read_calendar(session: AsyncSession, county: County, rows: Sequence[Row]) -> CalendarSheet:
    """What the rows mean."""
    made = CalendarSheet()
    days: dict[date, SpecialDay] = {}
    first: dict[date, int] = {}
    for row in rows:
        at = day(row, "date")
        if first.setdefault(at, row.number) != row.number:
            made.problems.append(row.finding("date", "twice", _TWICE_DAY, row=first[at]))
        name = str(row.get("name"))
        days[at] = SpecialDay(at, row.get("working") == WorkingDay.WORK, name, name, str(row.get("source")))
    said = await calendar.by_office(session, county.id, list(days))
    made.days = [each for each in days.values() if said.get(each.date) != each]
    made.before = {each.date: said[each.date] for each in made.days if each.date in said}
    return made


async def put_calendar(
    session: AsyncSession, county: County, sheet: CalendarSheet, *, actor_id: UUID, now: datetime, source: str
) -> tuple[Effect, bytes]:
    """All of it, in the caller's transaction; what it does, and how it is taken back."""
    if not sheet.days:
        return Effect({}, {}), b'{"days": [], "before": []}'

    async def put(session: AsyncSession) -> Changed | None:
        return await calendar.put(session, county.id, sheet.days)

    done = await change_calendar.change(session, DutyCounty(county.id, county.timezone), put, now)
    new, changed = len(sheet.days) - len(sheet.before), len(sheet.before)
    effect = replace(done or Effect({}, {}), new={"calendar_days": new}, changed={"calendar_days": changed})
    await _trace(session, county, "calendar.imported", [each.date for each in sheet.days], actor_id, now, source)
    undo = {
        "days": [_written(each) for each in sheet.days],
        "before": [_written(each) for each in sheet.before.values()],
    }
    return effect, json.dumps(undo, ensure_ascii=False).encode()


async def take_calendar_back(
    session: AsyncSession, county: County, undo: bytes, *, actor_id: UUID, now: datetime, source: str
) -> None:
    """As the office had it before. Raises `CONFLICT` where a day has been changed since."""
    kept = json.loads(undo)
    days, before = [[_day(each) for each in kept[part]] for part in ("days", "before")]
    if not days:
        return
    said = await calendar.by_office(session, county.id, [each.date for each in days])
    # What says the same as the region does is no word of the office's: nothing is left to be taken back.
    if any(said.get(each.date, each) != each for each in days):
        raise Problem(CONFLICT, _CHANGED_SINCE)
    dropped = sorted({each.date for each in days} - {each.date for each in before})

    async def put_back(session: AsyncSession) -> Changed | None:
        await calendar.put(session, county.id, before)
        await calendar.drop(session, county.id, dropped)
        return Changed(min(each.date for each in days), max(each.date for each in days))

    await change_calendar.change(session, DutyCounty(county.id, county.timezone), put_back, now)
    await _trace(session, county, "calendar.import_undone", [each.date for each in days], actor_id, now, source)


async def _trace(
    session: AsyncSession,
    county: County,
    action: str,
    days: list[date],
    actor_id: UUID,
    now: datetime,
    source: str,
) -> None:
    await audit.record(
        session,
        county_id=county.id,
        at=now,
        actor_id=actor_id,
        action=action,
        subject=f"county:{county.id}",
        detail={"source": source, "days": days},
    )


def _written(each: SpecialDay) -> list[object]:
    return [str(each.date), each.working, each.name, each.name_en, each.source]


def _day(written: list[object]) -> SpecialDay:
    at, *rest = written
    return SpecialDay(date.fromisoformat(str(at)), *rest)  # type: ignore[arg-type]
