"""A county's whole data as an open archive: a zip with a CSV of each table, GeoJSON of its places, and its photos.

`manifest.json` says which schema it was written from, and of each file the SHA-256. What is read back is what was
written: the same ids, the same verdicts, and a recount finds nothing to change.
"""

import csv
import hashlib
import json
import os
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date, datetime
from io import TextIOWrapper
from pathlib import Path
from typing import Any

from sqlalchemy import Table
from sqlalchemy.ext.asyncio import AsyncSession

from app.directory import places
from app.directory import service as directory
from app.kernel import audit, tables
from app.kernel.database import Database
from app.kernel.language import Text
from app.kernel.problems import CONFLICT, INVALID, Problem
from app.photos.objects import PhotoObjects
from app.tracks import service as tracks

Watch = Callable[[str], None]
"""Told of each file as its turn comes."""

_FORMAT = 1
_MANIFEST = "manifest.json"
_TABLES, _PHOTOS = "tables/", "photos/"
_CHUNK = 1 << 20

_NOT_OURS = Text(
    "这不是夜访的县数据档案，或者文件不完整", "This is no archive of a county, or the file is not whole"
)
_CHANGED = Text(
    "档案中的 {file} 与清单不符，文件已损坏或被改动", "{file} in the archive is not as the manifest says"
)
_OTHER_SCHEMA = Text(
    "档案的数据库版本是 {theirs}，本系统是 {ours}：请先把两边升级到同一版本",
    "The archive is of schema {theirs}, this installation of {ours}: bring both to the same version first",
)
_THERE = Text("县 {county} 已在本系统中", "County {county} is here already")


@dataclass(frozen=True, slots=True)
class Archived:
    """What an archive holds: rows by table, and photos with their thumbnails."""

    county_id: str
    rows: dict[str, int]
    photos: int


async def write(
    database: Database,
    objects: PhotoObjects,
    county_id: str,
    path: Path,
    *,
    schema: str,
    now: datetime,
    watch: Watch,
) -> Archived:
    """The archive as of one moment. Only its owner may read the file. Raises `NOT_FOUND`."""
    part = path.with_name(f"{path.name}.part")
    descriptor = os.open(part, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "w+b") as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            writing = _Writing(archive, watch)
            async with database.transaction(county_id, snapshot=True) as session:
                county = await directory.county(session, county_id)
                counts = await tables.counts(session, county_id)
                for table in tables.tables():
                    if table.name in counts:
                        await writing.table(session, table, county_id)
                await _record(session, county_id, "county.exported", now)
                writing.features("fences", await places.fences(session, county_id, now=now))
                writing.features("households", await places.households(session, county_id))
            photos = await writing.photos(objects, county_id)
            manifest = {
                "format": _FORMAT,
                "schema": schema,
                "county": {"id": county.id, "name": county.name},
                "written_at": now.isoformat(),
                "rows": counts,
                "sha256": writing.hashes,
            }
            archive.writestr(_MANIFEST, json.dumps(manifest, ensure_ascii=False, indent=1))
        part.replace(path)
    except BaseException:
        with suppress(FileNotFoundError):
            part.unlink()
        raise
    return Archived(county_id, dict(counts), photos)


class _Writing:
    """The archive's files one after another, and what each hashes to."""

    def __init__(self, archive: zipfile.ZipFile, watch: Watch) -> None:
        self._archive = archive
        self._watch = watch
        self.hashes: dict[str, str] = {}

    @contextmanager
    def _file(self, name: str) -> Iterator[Callable[[bytes], None]]:
        self._watch(name)
        digest = hashlib.sha256()
        with self._archive.open(name, "w", force_zip64=True) as sink:

            def put(piece: bytes) -> None:
                digest.update(piece)
                sink.write(piece)

            yield put
        self.hashes[name] = digest.hexdigest()

    async def table(self, session: AsyncSession, table: Table, county_id: str) -> None:
        with self._file(f"{_TABLES}{table.name}.csv") as put:

            async def take(piece: bytes) -> None:
                put(piece)

            await tables.copy_out(session, table, county_id, take)

    def features(self, name: str, features: Sequence[object]) -> None:
        with self._file(f"{name}.geojson") as put:
            put(json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False).encode())

    async def photos(self, objects: PhotoObjects, county_id: str) -> int:
        """Those that are still there; one that is deleted meanwhile is left out."""
        count = 0
        async for page in objects.listing(f"{county_id}/"):
            for key, _ in page:
                pieces = await objects.get(key)
                if pieces is None:
                    continue
                with self._file(f"{_PHOTOS}{key}") as put:
                    async for piece in pieces:
                        put(piece)
                count += 1
        return count


async def read(
    database: Database, objects: PhotoObjects, path: Path, *, schema: str, now: datetime, watch: Watch
) -> Archived:
    """The county as the archive has it: all of it, or nothing. Raises `INVALID`, `CONFLICT`."""
    try:
        with zipfile.ZipFile(path) as archive:
            manifest = json.loads(archive.read(_MANIFEST))
            _refuse_unfit(archive, manifest, schema)
            county_id: str = manifest["county"]["id"]
            names = [name for name in manifest["sha256"] if name.startswith(_PHOTOS)]
            async with database.transaction(county_id) as session:
                if county_id in await directory.county_ids(session):
                    raise Problem(CONFLICT, _THERE, county=county_id)
                for table in tables.tables():
                    if table.name in manifest["rows"]:
                        watch(table.name)
                        await _take(session, archive, table)
                await _record(session, county_id, "county.imported", now)
                for name in names:
                    watch(name)
                    await objects.put(name.removeprefix(_PHOTOS), archive.read(name))
            return Archived(county_id, manifest["rows"], len(names))
    except (zipfile.BadZipFile, KeyError, ValueError, TypeError):
        raise Problem(INVALID, _NOT_OURS) from None


async def _record(session: AsyncSession, county_id: str, action: str, now: datetime) -> None:
    await audit.record(
        session, county_id=county_id, at=now, actor_id=None, action=action, subject=f"county:{county_id}"
    )


async def _take(session: AsyncSession, archive: zipfile.ZipFile, table: Table) -> None:
    name = f"{_TABLES}{table.name}.csv"
    with archive.open(name) as file:
        headings = next(csv.reader(TextIOWrapper(file, "utf-8", newline="")))
    if not set(headings) <= set(tables.columns(table)):
        raise Problem(INVALID, _CHANGED, file=name)
    if table.name == "track_fix":
        with archive.open(name) as file:
            rows = csv.DictReader(TextIOWrapper(file, "utf-8", newline=""))
            await tracks.make_partitions_of(session, {date.fromisoformat(row["fixed_at"][:10]) for row in rows})
    with archive.open(name) as file:
        await tables.copy_in(session, table, file, headings)


def _refuse_unfit(archive: zipfile.ZipFile, manifest: dict[str, Any], schema: str) -> None:
    if manifest["format"] != _FORMAT:
        raise Problem(INVALID, _NOT_OURS)
    if manifest["schema"] != schema:
        raise Problem(INVALID, _OTHER_SCHEMA, theirs=manifest["schema"], ours=schema)
    for name, known in manifest["sha256"].items():
        with archive.open(name) as file:
            digest = hashlib.sha256()
            for piece in iter(lambda: file.read(_CHUNK), b""):
                digest.update(piece)
            if digest.hexdigest() != known:
                raise Problem(INVALID, _CHANGED, file=name)
