"""Every list of the console as a sheet, exactly as it is filtered, within the caller's scope.

Each export is made of the list's own route: it takes the same filters, asks the same question page by page, and so
cannot say anything else than the screen does.
"""

import asyncio
import inspect
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse
from starlette.background import BackgroundTask

from app.console.exports import EXPORTS, Export, Said
from app.console.routes.context import RequestContext
from app.directory import service as directory
from app.exchange.lists import CsvFile, Value, XlsxFile
from app.exchange.maps import GeoJsonFile, GeoPackageFile
from app.exchange.words import FileFormat
from app.http.abilities import ability_of, needs
from app.http.sessions import takes_long
from app.kernel import audit
from app.kernel.language import Text
from app.kernel.problems import invalid

router = APIRouter(prefix="/exports", tags=["exports"])

_TYPES = {
    FileFormat.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    FileFormat.CSV: "text/csv; charset=utf-8",
    FileFormat.GEOJSON: "application/geo+json",
    FileFormat.GPKG: "application/geopackage+sqlite3",
}
_MAPS = (FileFormat.GEOJSON, FileFormat.GPKG)
_NO_MAP = Text("这个列表没有位置，不能导出为地图", "This list has no places, and cannot be a map")
_PAGE = 2000  # rows at a time
_PAGING = ("cursor", "limit")
_ABOUT = (
    Text("县", "County"),
    Text("内容", "List"),
    Text("条件", "Filter"),
    Text("截至", "As of"),
    Text("行数", "Rows"),
)


async def _export(
    export: Export,
    /,
    context: RequestContext,
    request: Request,
    file_format: FileFormat,
    **filters: Any,
) -> FileResponse:
    if file_format in _MAPS and export.shape is None:
        raise invalid("/file_format", "no_map", _NO_MAP)
    county = await directory.county(context.session, context.scope.county_id)
    said = Said(context.language, ZoneInfo(county.timezone))
    name = export.text.say(context.language)
    headings = [heading.say(context.language) for heading, _ in export.columns]
    asked = "&".join(f"{key}={value}" for key, value in request.query_params.multi_items())
    path = Path(tempfile.mkstemp(suffix=f".{file_format}")[1])
    as_of = f"{context.now.astimezone(said.zone):%Y-%m-%d %H:%M}"
    told = (f"{county.id} {county.name}", name, asked, as_of)
    about = [(each.say(context.language), value) for each, value in zip(_ABOUT, told, strict=False)]
    try:
        made = _file(file_format, path, headings, name, about)
        rows = 0
        with made:
            async for items in _pages(export, context, filters):
                await asyncio.to_thread(made.write, [_row(export, item, said, file_format) for item in items])
                rows += len(items)
        await audit.record(
            context.session,
            county_id=county.id,
            at=context.now,
            actor_id=context.scope.person_id,
            action="list.exported",
            subject=f"export:{export.name}",
            detail={"filter": asked, "rows": rows, "format": file_format},
        )
    except BaseException:
        await asyncio.to_thread(path.unlink, missing_ok=True)
        raise
    disposition = f"attachment; filename*=UTF-8''{quote(f'{county.name}{name} {as_of[:10]}.{file_format}')}"
    return FileResponse(
        path,
        media_type=_TYPES[file_format],
        headers={"Content-Disposition": disposition},
        background=BackgroundTask(path.unlink, missing_ok=True),
    )


async def _pages(
    export: Export, context: RequestContext, filters: Mapping[str, object]
) -> AsyncIterator[Sequence[object]]:
    """What the list's own route answers, page after page."""
    paged, cursor = _PAGING[0] in inspect.signature(export.listed).parameters, None
    while True:
        page = await export.listed(
            context=context, **filters, **({"cursor": cursor, "limit": _PAGE} if paged else {})
        )
        yield page.items
        cursor = getattr(page, "next_cursor", None)
        if not cursor:
            return


def _file(
    file_format: FileFormat, path: Path, headings: Sequence[str], name: str, about: Sequence[tuple[str, str]]
) -> CsvFile | XlsxFile | GeoJsonFile | GeoPackageFile:
    if file_format is FileFormat.CSV:
        return CsvFile(path, headings)
    if file_format is FileFormat.XLSX:
        return XlsxFile(path, headings, name, about)
    return (
        GeoJsonFile(path, headings) if file_format is FileFormat.GEOJSON else GeoPackageFile(path, headings, name)
    )


def _row(export: Export, item: object, said: Said, file_format: FileFormat) -> Any:
    """The values, and on a map the shape beside them."""
    values: Sequence[Value] = [said(of(item, said)) for _, of in export.columns]
    return (values, export.shape(item)) if export.shape and file_format in _MAPS else values


def _route(export: Export) -> Callable[..., Awaitable[FileResponse]]:
    """The list's own filters, without its paging, and the format beside them."""

    async def endpoint(**asked: Any) -> FileResponse:
        return await _export(export, **asked)

    listed = inspect.signature(export.listed, eval_str=True).parameters.values()
    kept = [each for each in listed if each.name not in _PAGING]
    keyword = inspect.Parameter.KEYWORD_ONLY
    added = [
        inspect.Parameter("request", keyword, annotation=Request),
        inspect.Parameter("file_format", keyword, annotation=FileFormat),
    ]
    endpoint.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [each.replace(kind=keyword) for each in kept if each.name != "request"] + added
    )
    endpoint.__name__ = f"export_{export.name.replace('-', '_')}"
    return takes_long(needs(ability_of(export.listed))(endpoint))


for _each in EXPORTS.values():
    router.add_api_route(
        f"/{_each.name}.{{file_format}}",
        _route(_each),
        methods=["GET"],
        response_class=FileResponse,
        summary=f"The list as a sheet: {_each.text.en.lower()}",
    )
