"""The work on an import: read apart, matched, tried; and applied by the very same steps, in one transaction.

Any process may do it: the job is held while somebody works on it, and whoever dies leaves it to the next.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, time
from uuid import UUID
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from app.directory import geofences
from app.directory import service as directory
from app.directory.fences import Fences
from app.directory.own_case import Own
from app.directory.service import County
from app.directory.snapshot import snapshot
from app.duties.service import DutyCounty
from app.exchange import apart
from app.exchange import service as jobs
from app.exchange.refusals import Refusal, refused
from app.exchange.service import WorkRow
from app.exchange.tables import Finding, Table, headings, tables
from app.exchange.words import ImportState
from app.flows import change_directory
from app.flows.change_directory import Effect
from app.flows.importing import fences, platforms, points, records
from app.flows.importing.columns import COLUMNS, ImportKind
from app.flows.importing.lookup import Lookup
from app.flows.importing.plans import TAKE_BACK, Plan, plan_of, take_directory_back
from app.flows.importing.whose import Whose
from app.geo.words import Crs
from app.kernel import audit
from app.kernel.clock import Clock
from app.kernel.database import Database
from app.kernel.language import Text
from app.kernel.problems import FORBIDDEN, Problem

log = structlog.get_logger()

_MOST_KEPT = 1000  # problems, and as many notes
_OURS = Text("导入时服务器出错，请再试一次", "The server failed; try again")
_READ, _MATCHED = 30, 50  # percent of the way


@dataclass(slots=True)
class _Outcome:
    """What is said of a job when the work on it is done."""

    state: ImportState
    rows: int = 0
    problems: Sequence[Finding] = ()
    notes: Sequence[Finding] = ()
    unknown: Sequence[str] = ()
    changes: Mapping[str, object] = field(default_factory=dict)
    missing: Sequence[Mapping[str, object]] = ()
    undo: bytes | None = None
    whole_file: Text | None = None

    def findings(self) -> dict[str, object]:
        problems = [_kept(each) for each in self.problems[:_MOST_KEPT]]
        if self.whole_file:
            problems.append(_kept(Finding("", None, None, "file", self.whole_file)))
        return {
            "problems": problems,
            "problem_count": len(self.problems) + bool(self.whole_file),
            "notes": [_kept(each) for each in self.notes[:_MOST_KEPT]],
            "unknown": list(dict.fromkeys(self.unknown)),
        }


def _kept(finding: Finding) -> dict[str, object]:
    said = {"zh": finding.as_dict("zh-CN")["detail"], "en": finding.as_dict("en")["detail"]}
    return {**finding.as_dict("en"), "detail": said}


async def work_on_any(database: Database, clock: Clock) -> bool:
    """Do a job that nobody works on, of whatever county. Whether there was one."""
    async with database.transaction(None) as session:
        found = await jobs.waiting(session, now=clock())
    return found is not None and await work(database, clock, found.county_id, found.id)


async def work(database: Database, clock: Clock, county_id: str, job_id: UUID) -> bool:
    """Do this job, unless somebody works on it already. Whether it was done."""
    async with database.transaction(county_id) as session:
        taken = await jobs.take(session, county_id, job_id, now=clock())
    if taken is None:
        return False
    try:
        outcome = await _do(database, clock, taken)
    except Refusal as why:
        outcome = _Outcome(ImportState.FAILED, whole_file=_said(why))
    except Exception:
        log.exception("import_failed", county_id=taken.county_id, import_id=str(taken.id))
        outcome = _Outcome(ImportState.FAILED, whole_file=_OURS)
    if outcome.state != ImportState.APPLIED:  # which was said in the transaction that applied it
        async with database.transaction(taken.county_id) as session:
            await _settle(session, taken, outcome, clock)
    return True


async def take_back(session: AsyncSession, county: County, job_id: UUID, *, actor_id: UUID, clock: Clock) -> None:
    """As it was before the import. Raises `NOT_FOUND`, and `CONFLICT` where something has been built on it."""
    found = await jobs.undo_of(session, county.id, job_id)
    await jobs.move(session, county.id, job_id, ImportState.UNDONE, from_=ImportState.APPLIED, now=clock())
    if found.kind == ImportKind.RECORDS:
        await records.take_back(session, county.id, found.undo, now=clock())
        return
    if found.kind == ImportKind.GEOFENCES:
        changed = geofences.unpack(found.undo)
        own = await _own(session, county, actor_id, clock)
        if any(row.village_id in own.villages for row in changed.added):
            raise Problem(FORBIDDEN, change_directory.OWN)
        await geofences.take_back_many(session, county.id, changed, now=clock())
        return
    back = TAKE_BACK.get(found.kind, take_directory_back)
    await back(session, county, found.undo, actor_id=actor_id, now=clock(), source=f"import:{job_id}")


async def _do(database: Database, clock: Clock, taken: WorkRow) -> _Outcome:  # noqa: PLR0911 - a kind each
    kind = {str(each): each for each in ImportKind}[taken.kind]
    if kind is ImportKind.GEOFENCES:
        return await _do_fences(database, clock, taken)
    if kind is ImportKind.RECORDS:
        return await _do_records(database, clock, taken)
    found = await points.located(kind, taken.content, taken.file_name, taken.options.get("crs"))
    if found.read:
        if found.read.undecided:
            raise refused("which_zone")
        taken = taken._replace(options={**taken.options, "crs": None})  # its points are in WGS-84 by now
    mapped = await _is_read(database, clock, taken)
    try:
        table = await asyncio.to_thread(tables, found.sheets, COLUMNS[kind], mapped)
    except Refusal as why:
        # What the columns are called is asked for: the page offers what may be headings.
        return _Outcome(ImportState.FAILED, whole_file=_said(why), unknown=headings(found.sheets))
    table.notes.extend(fences.notes_of(found.read) if found.read else ())
    async with database.transaction(taken.county_id) as session:
        county, lookup = await _begin(session, taken)
        plan = await plan_of(kind, session, county, table, lookup, taken, clock())
        await _is_matched(database, clock, taken)
        outcome = _outcome(table, plan)
        if outcome.state == ImportState.FAILED:
            return outcome
        point = await session.begin_nested()
        try:
            effect, undo = await plan.carry_out()
        except Problem as problem:
            await point.rollback()
            outcome.state = ImportState.FAILED
            outcome.problems = [plan.finding(error) for error in problem.errors]
            return outcome
        outcome.changes = _changes(plan, effect)
        if taken.state != ImportState.APPLYING:
            await point.rollback()
            return outcome
        outcome.state = ImportState.APPLIED
        outcome.undo = await asyncio.to_thread(undo)
        await _settle(session, taken, outcome, clock)
    return outcome


async def _do_fences(database: Database, clock: Clock, taken: WorkRow) -> _Outcome:
    said = taken.options.get("crs")
    read = await apart.boundaries(taken.content, taken.file_name, str(said) if said else None)
    if read.undecided:
        raise refused("which_zone")
    mapped = await _is_read(database, clock, taken)
    async with database.transaction(taken.county_id) as session:
        county, lookup = await _begin(session, taken)
        outline, current = await geofences.place(session, county.id), await geofences.current(session, county.id)
        try:
            built = await fences.build(read, mapped, lookup, current, outline)
        except Refusal as why:
            return _Outcome(ImportState.FAILED, whole_file=_said(why), unknown=read.fields)
        await _is_matched(database, clock, taken)
        own = await _own(session, county, taken.made_by, clock)
        built.leave_out(own.villages & current.keys(), lookup)
        # What is as it was needs no new version.
        areas = {each: area for each, area in built.areas.items() if not fences.same(area, current.get(each))}
        outcome = _outcome_of_fences(built, new=sum(each not in current for each in areas), areas=len(areas))
        if taken.state != ImportState.APPLYING or built.problems:
            return outcome
        changed = await geofences.change_many(
            session,
            county.id,
            areas,
            valid_from=_midnight(county, clock()),
            source=taken.file_name,
            now=clock(),
        )
        await audit.record(
            session,
            county_id=county.id,
            at=clock(),
            actor_id=taken.made_by,
            action="geofences.imported",
            subject=f"import:{taken.id}",
            detail={"villages": len(areas), "file": taken.file_name},
        )
        outcome.state, outcome.undo = ImportState.APPLIED, geofences.pack(changed)
        await _settle(session, taken, outcome, clock)
    return outcome


async def _own(session: AsyncSession, county: County, actor_id: UUID, clock: Clock) -> Own:
    return await change_directory.own_of(session, DutyCounty(county.id, county.timezone), actor_id, now=clock())


def _outcome_of_fences(built: fences.Fences, *, new: int, areas: int) -> _Outcome:
    return _Outcome(
        ImportState.FAILED if built.problems else ImportState.READY,
        built.rows,
        built.problems,
        built.notes,
        built.unknown,
        {
            "new": new,
            "changed": areas - new,
            "gone": len(built.without),
            "gone_named": built.without[:20],
            "effect": asdict(Effect({"geofences": new}, {"geofences": areas - new})),
        },
    )


async def _do_records(database: Database, clock: Clock, taken: WorkRow) -> _Outcome:
    sheets = await apart.sheets(taken.content, taken.file_name)
    mapped = await _is_read(database, clock, taken)
    try:
        read = await asyncio.to_thread(platforms.read, sheets, mapped)
    except Refusal as why:
        asked_for = headings(sheets) if why.code == "no_records" else []
        return _Outcome(ImportState.FAILED, whole_file=_said(why), unknown=asked_for)
    async with database.transaction(taken.county_id) as session:
        county, lookup = await _begin(session, taken)
        whose = Whose.of(lookup, taken.options, await jobs.names(session, county.id))
        matched = await asyncio.to_thread(whose.match, read.clockings)
        await jobs.remember_names(session, county.id, matched.meant)
        await _is_matched(database, clock, taken)
        future = records.of_the_future(county, read.clockings, clock())
        problems = [*read.problems, *future, *matched.problems]
        outcome = _Outcome(
            ImportState.FAILED if problems else ImportState.READY,
            read.rows,
            problems,
            read.notes,
            read.unknown,
            {"records": records.told(read, matched)},
        )
        about = records.About(taken.id, taken.file_name, str(taken.options.get("crs") or Crs.GCJ02))
        index = await Fences().of(session, county)
        point = await session.begin_nested()
        took = await records.take(session, county, index, matched.theirs, about, now=clock())
        applying = taken.state == ImportState.APPLYING and not problems
        await (point.commit if applying else point.rollback)()
        outcome.notes = [*read.notes, *took.notes]
        outcome.changes = took.changes(records.told(read, matched))
        if not applying:
            return outcome
        await audit.record(
            session,
            county_id=county.id,
            at=clock(),
            actor_id=taken.made_by,
            action="records.imported",
            subject=f"import:{taken.id}",
            detail={
                "check_ins": len(took.ids),
                "file": taken.file_name,
                "crs": about.crs,
                "names": {written: person_id for (_, written), person_id in matched.meant.items()},
            },
        )
        outcome.state, outcome.undo = ImportState.APPLIED, records.packed(took.ids)
        await _settle(session, taken, outcome, clock)
    return outcome


def _midnight(county: County, now: datetime) -> datetime:
    """Fences hold from the beginning of the county's day: who checked in this morning is judged by them too."""
    return datetime.combine(county.day(now), time.min, ZoneInfo(county.timezone))


async def _is_read(database: Database, clock: Clock, taken: WorkRow) -> Mapping[str, str]:
    """Say so; what the county's own headings mean."""
    async with database.transaction(taken.county_id) as session:
        await jobs.say_progress(session, taken, _READ, now=clock())
        return await jobs.headings(session, taken.county_id, taken.kind)


async def _is_matched(database: Database, clock: Clock, taken: WorkRow) -> None:
    async with database.transaction(taken.county_id) as session:
        await jobs.say_progress(session, taken, _MATCHED, now=clock())


async def _begin(session: AsyncSession, taken: WorkRow) -> tuple[County, Lookup]:
    """The county and its directory; whoever applies is alone with it from here on."""
    county = await directory.county(session, taken.county_id)
    if taken.state == ImportState.APPLYING:
        await change_directory.alone(session, county.id)
    return county, Lookup(await snapshot(session, county.id))


def _outcome(table: Table, plan: Plan) -> _Outcome:
    problems = sorted([*table.problems, *plan.problems], key=lambda each: (each.sheet, each.row or 0))
    return _Outcome(
        ImportState.FAILED if problems else ImportState.READY,
        len(table.rows),
        problems,
        [*plan.compared.notes(), *table.notes],
        table.unknown,
        plan.compared.told(),
        plan.compared.rows(),
    )


def _changes(plan: Plan, effect: Effect) -> dict[str, object]:
    return {
        "new": sum(effect.new.values()),
        "changed": sum(effect.changed.values()),
        **plan.compared.told(),
        "effect": asdict(effect),
    }


async def _settle(session: AsyncSession, taken: WorkRow, outcome: _Outcome, clock: Clock) -> None:
    await jobs.settle(
        session,
        taken,
        outcome.state,
        rows=outcome.rows,
        findings=outcome.findings(),
        changes=outcome.changes,
        missing=outcome.missing,
        undo=outcome.undo,
        now=clock(),
    )


def _said(why: Refusal) -> Text:
    return Text(why.say("zh-CN"), why.say("en"))
