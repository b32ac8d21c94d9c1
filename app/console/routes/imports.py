"""Files of the office come in: uploaded, checked, looked at, applied, taken back."""

import asyncio
from dataclasses import asdict
from typing import Annotated, Any
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, BackgroundTasks, File, Form, Query, Request, UploadFile
from fastapi.responses import Response
from pydantic import ValidationError

from app.console.routes.context import ContextDep, RequestContext
from app.console.routes.parameters import CursorQuery, LimitQuery
from app.console.schemas.imports import (
    ImportChanges,
    ImportColumn,
    ImportFinding,
    ImportKindOut,
    ImportKinds,
    ImportLeftOut,
    ImportMap,
    ImportMissing,
    ImportOptions,
    ImportOut,
    ImportPage,
    ImportReading,
    ImportReadingIn,
    ImportShape,
    ImportStarted,
    ReadingCode,
)
from app.directory import service as directory
from app.directory.rights import Ability
from app.exchange import apart, templates
from app.exchange import service as jobs
from app.exchange.guards import MOST_BYTES, MOST_SENT
from app.exchange.marked import Fault, marked
from app.exchange.readings import ZONES
from app.exchange.refusals import Refusal
from app.exchange.service import JobRow
from app.exchange.tables import PROBLEM
from app.exchange.words import ImportState
from app.flows.importing import drawn
from app.flows.importing import jobs as flow
from app.flows.importing.build import ENDING
from app.flows.importing.columns import COLUMNS, ImportKind
from app.http.abilities import needs
from app.http.services import services
from app.http.sessions import takes_long
from app.kernel import audit
from app.kernel.language import Language, Text
from app.kernel.paging import DEFAULT_LIMIT, decode_cursor, encode_cursor
from app.kernel.problems import NOT_FOUND, TOO_LARGE, Problem, invalid

router = APIRouter(prefix="/imports", tags=["imports"])

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_LISTING = "imports"
_OPTIONS = Text("不是导入选项", "These are no options of an import")
_NO_COLUMN = Text("没有这一列", "There is no such column")
_NO_ENDING = Text("这一类文件不能结束未列入的", "What such a file leaves out does not end by it")
_NOT_YET = Text("请先检查文件，看过名单再选", "Have the file checked first, and see whom it leaves out")
_LEFT_OUT = Text("不在文件里", "Not in the file")
_ENDS, _STAYS = Text("结束", "ends"), Text("不变", "stays")
_MISSING_HEADINGS = (
    Text("名称", "Name"),
    Text("所在", "Where"),
    Text("处理", "What becomes of it"),
    Text("原因", "Why"),
)
_TOO_LARGE = Text("文件超过 {most} MB，请拆成几个文件", "The file has more than {most} MB; split it")
_HEADINGS = (Text("工作表", "Sheet"), Text("行", "Row"), Text("列", "Column"), PROBLEM)


@router.get("/kinds", summary="What may be imported, and its columns")
@needs(Ability.IMPORT_FILES)
async def list_kinds(context: ContextDep) -> ImportKinds:
    return ImportKinds(
        items=[
            ImportKindOut(
                kind=kind,
                columns=[
                    ImportColumn(
                        key=column.key,
                        heading=column.heading.say(context.language),
                        meaning=column.meaning.say(context.language),
                        required=column.required,
                    )
                    for column in columns
                ],
            )
            for kind, columns in COLUMNS.items()
        ]
    )


@router.get("/{kind}/template.xlsx", summary="A sheet to fill in", response_class=Response)
@needs(Ability.IMPORT_FILES)
async def read_template(kind: ImportKind, context: ContextDep) -> Response:
    name = kind.text.say(context.language)
    made = await asyncio.to_thread(templates.template, name, COLUMNS[kind], context.language)
    return _xlsx(made, f"{name}.xlsx")


@router.post(
    "/{kind}",
    status_code=202,
    max_body_size=MOST_SENT,
    summary="Send a file; it is checked, and nothing is changed yet",
)
@needs(Ability.IMPORT_FILES)
async def start_import(
    request: Request,
    kind: ImportKind,
    context: ContextDep,
    background: BackgroundTasks,
    file: Annotated[UploadFile, File(description="xlsx, xls, ods or csv")],
    options: Annotated[str, Form(description="JSON: crs, headings", max_length=20_000)] = "{}",
) -> ImportStarted:
    asked = _options(kind, options)
    services(request).limits.files.take(context.scope.person_id)
    content = await file.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise Problem(TOO_LARGE, _TOO_LARGE, most=MOST_BYTES // 1024 // 1024)
    county_id = context.scope.county_id
    await jobs.remember_headings(context.session, county_id, kind, asked.headings)
    made = await jobs.add(
        context.session,
        county_id,
        kind=kind,
        file_name=(file.filename or "")[-200:],
        content=content,
        options=asked.model_dump(mode="json", include={"crs", "people"}),
        made_by=context.scope.person_id,
        now=context.now,
    )
    _go_on(request, background, county_id, made)
    return ImportStarted(id=made, state=ImportState.CHECKING)


@router.get("", summary="Imports, the newest first")
@needs(Ability.IMPORT_FILES)
async def list_imports(
    context: ContextDep, cursor: CursorQuery = None, limit: LimitQuery = DEFAULT_LIMIT
) -> ImportPage:
    before = decode_cursor(_LISTING, cursor, UUID)
    found = await jobs.listed(
        context.session, context.scope.county_id, before=before[0] if before else None, limit=limit + 1
    )
    more = len(found) > limit
    return ImportPage(
        items=[_out(row, context.language) for row in found[:limit]],
        next_cursor=encode_cursor(_LISTING, found[limit - 1].id) if more else None,
    )


@router.get("/{import_id}", summary="How far an import has come, and what is wrong with the file")
@needs(Ability.IMPORT_FILES)
async def read_import(import_id: UUID, context: ContextDep) -> ImportOut:
    return _out(await jobs.job(context.session, context.scope.county_id, import_id), context.language)


@router.get("/{import_id}/map", summary="What the file brings, beside what is there")
@needs(Ability.IMPORT_FILES)
async def read_import_map(
    import_id: UUID,
    context: ContextDep,
    reading: Annotated[ReadingCode | None, Query(description="as it would be read; default: as it was")] = None,
) -> ImportMap:
    county = await directory.county(context.session, context.scope.county_id)
    job = await jobs.job(context.session, county.id, import_id)
    found = await drawn.drawing(context.session, county, job, reading, now=context.now)
    return ImportMap(
        reading=found.reading,
        readings=[ImportReading(**asdict(each), meridian=ZONES.get(each.code)) for each in found.readings],
        shapes=[
            ImportShape(
                kind=each.kind,
                name=each.name,
                row=each.row,
                detail=str(each.finding.as_dict(context.language)["detail"]) if each.finding else "",
                geometry=each.geometry(),
            )
            for each in found.shapes
        ],
        corners=found.corners,
        points=found.points,
    )


@router.get("/{import_id}/missing", summary="What is there and not in the file, and what of it would end")
@needs(Ability.IMPORT_FILES)
async def read_missing(import_id: UUID, context: ContextDep) -> ImportMissing:
    return ImportMissing(items=await _missing(import_id, context))


@router.get("/{import_id}/missing.xlsx", summary="The same, as a sheet", response_class=Response)
@needs(Ability.IMPORT_FILES)
async def read_missing_sheet(import_id: UUID, context: ContextDep) -> Response:
    found = await jobs.job(context.session, context.scope.county_id, import_id)
    rows = [
        (each.name, each.about, (_ENDS if each.ends else _STAYS).say(context.language), each.why or "")
        for each in await _missing(import_id, context)
    ]
    said = [text.say(context.language) for text in _MISSING_HEADINGS]
    name = _LEFT_OUT.say(context.language)
    made = await asyncio.to_thread(templates.listing, name, said, rows)
    return _xlsx(made, f"{found.file_name.rpartition('.')[0]} {name}.xlsx")


@router.put("/{import_id}/reading", status_code=202, summary="Say what its coordinates mean; it is checked anew")
@needs(Ability.IMPORT_FILES)
async def put_import_reading(
    request: Request, import_id: UUID, body: ImportReadingIn, context: ContextDep, background: BackgroundTasks
) -> ImportStarted:
    county_id = context.scope.county_id
    await jobs.read_as(context.session, county_id, import_id, body.code, now=context.now)
    _go_on(request, background, county_id, import_id)
    return ImportStarted(id=import_id, state=ImportState.CHECKING)


@router.get("/{import_id}/problems.xlsx", summary="What is wrong, as a sheet", response_class=Response)
@needs(Ability.IMPORT_FILES)
async def read_problems(import_id: UUID, context: ContextDep) -> Response:
    found = _out(await jobs.job(context.session, context.scope.county_id, import_id), context.language)
    rows = [(each.sheet, each.row, each.column, each.detail) for each in found.problems]
    said = [text.say(context.language) for text in _HEADINGS]
    made = await asyncio.to_thread(templates.listing, said[-1], said, rows)
    return _xlsx(made, f"{found.file_name.rpartition('.')[0]} {said[-1]}.xlsx")


@router.get(
    "/{import_id}/marked.xlsx",
    summary="The county's own sheet with what is wrong at each row, to be mended and sent again",
    response_class=Response,
)
@needs(Ability.IMPORT_FILES)
async def read_marked(import_id: UUID, context: ContextDep) -> Response:
    """Not of boundary files. Of very many faults the first thousand are marked."""
    found = _out(await jobs.job(context.session, context.scope.county_id, import_id), context.language)
    if found.kind == ImportKind.GEOFENCES:
        raise Problem(NOT_FOUND)
    content = await jobs.content(context.session, context.scope.county_id, import_id)
    try:
        sheets = await apart.sheets(content, found.file_name)
    except Refusal:
        raise Problem(NOT_FOUND) from None
    faults = [Fault(each.sheet, each.row, each.column, each.detail) for each in found.problems if each.row]
    made = await asyncio.to_thread(marked, sheets, faults, context.language)
    return _xlsx(made, f"{found.file_name.rpartition('.')[0]} {PROBLEM.say(context.language)}.xlsx")


@router.post("/{import_id}/apply", status_code=202, summary="Do it: all of the file, or nothing")
@needs(Ability.IMPORT_FILES)
async def apply_import(
    request: Request, import_id: UUID, context: ContextDep, background: BackgroundTasks
) -> ImportStarted:
    await jobs.move(
        context.session,
        context.scope.county_id,
        import_id,
        ImportState.APPLYING,
        from_=ImportState.READY,
        now=context.now,
    )
    _go_on(request, background, context.scope.county_id, import_id)
    return ImportStarted(id=import_id, state=ImportState.APPLYING)


@router.post("/{import_id}/again", status_code=202, summary="Check the same file again, read in another way")
@needs(Ability.IMPORT_FILES)
async def read_again(
    request: Request, import_id: UUID, asked: ImportOptions, context: ContextDep, background: BackgroundTasks
) -> ImportStarted:
    county_id = context.scope.county_id
    services(request).limits.files.take(context.scope.person_id)
    before = await jobs.job(context.session, county_id, import_id)
    _refuse_unknown(ImportKind.of(before.kind), asked)
    if asked.ending and before.kind not in ENDING:
        raise invalid("/ending", "not_here", _NO_ENDING)
    await jobs.remember_headings(context.session, county_id, before.kind, asked.headings)
    made = await jobs.add(
        context.session,
        county_id,
        kind=before.kind,
        file_name=before.file_name,
        content=await jobs.content(context.session, county_id, import_id),
        options=asked.model_dump(mode="json", include={"crs", "people", "ending"}),
        made_by=context.scope.person_id,
        now=context.now,
    )
    _go_on(request, background, county_id, made)
    return ImportStarted(id=made, state=ImportState.CHECKING)


@router.post("/{import_id}/undo", summary="Take it back, as long as nothing was built on it")
@needs(Ability.IMPORT_FILES)
@takes_long
async def undo_import(request: Request, import_id: UUID, context: ContextDep) -> ImportOut:
    county = await directory.county(context.session, context.scope.county_id)
    await flow.take_back(
        context.session,
        county,
        import_id,
        actor_id=context.scope.person_id,
        clock=services(request).clock,
    )
    await audit.record(
        context.session,
        county_id=county.id,
        at=context.now,
        actor_id=context.scope.person_id,
        action="import.undone",
        subject=f"import:{import_id}",
    )
    return await read_import(import_id, context)


def _options(kind: ImportKind, written: str) -> ImportOptions:
    try:
        asked = ImportOptions.model_validate_json(written)
    except ValidationError:
        raise invalid("/options", "bad_options", _OPTIONS) from None
    _refuse_unknown(kind, asked)
    if asked.ending:
        raise invalid("/options/ending", "not_yet", _NOT_YET)
    return asked


def _refuse_unknown(kind: ImportKind, asked: ImportOptions) -> None:
    keys = {column.key for column in COLUMNS[kind]}
    for heading, key in asked.headings.items():
        if key not in keys:
            raise invalid(f"/options/headings/{heading}", "unknown_column", _NO_COLUMN)


def _go_on(request: Request, background: BackgroundTasks, county_id: str, job_id: UUID) -> None:
    """At once, after the answer; where this process dies, a worker goes on."""
    handed = services(request)
    background.add_task(flow.work, handed.database.patient(), handed.clock, county_id, job_id)


def _out(row: JobRow, language: Language) -> ImportOut:
    said: dict[str, Any] = row.findings
    return ImportOut(
        id=row.id,
        kind=row.kind,
        file_name=row.file_name,
        state=row.state,
        progress=row.progress,
        rows=row.rows,
        crs=row.options.get("crs"),
        people=row.options.get("people") or {},
        problems=[_finding(each, language) for each in said.get("problems", ())],
        problem_count=said.get("problem_count", 0),
        notes=[_finding(each, language) for each in said.get("notes", ())],
        unknown_headings=said.get("unknown", []),
        changes=_changes(row.changes, language),
        made_at=row.made_at,
        changed_at=row.changed_at,
    )


def _changes(kept: dict[str, Any], language: Language) -> ImportChanges:
    return ImportChanges.model_validate(kept | {"gone_among": _said(kept.get("gone_among"), language)})


async def _missing(import_id: UUID, context: RequestContext) -> list[ImportLeftOut]:
    return [
        ImportLeftOut(**row | {"why": _said(row["why"], context.language)})
        for row in await jobs.missing(context.session, context.scope.county_id, import_id)
    ]


def _said(kept: dict[str, str] | None, language: Language) -> str | None:
    return kept["en" if language == "en" else "zh"] if kept else None


def _finding(kept: dict[str, Any], language: Language) -> ImportFinding:
    return ImportFinding(**kept | {"detail": _said(kept["detail"], language)})


def _xlsx(content: bytes, name: str) -> Response:
    disposition = f"attachment; filename*=UTF-8''{quote(name)}"
    return Response(content, media_type=_XLSX, headers={"Content-Disposition": disposition})
