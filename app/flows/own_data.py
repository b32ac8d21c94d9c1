"""Everything that is held of one person, as a file for them (个人信息保护法第四十五条).

A ZIP: `data.json` with the rows of every table of the catalogue, and the photos that are still there. Left out are
secrets by which one signs in, and whose phone or visit one's own is like.
"""

import asyncio
import json
import zipfile
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.checkins.reasons import explain
from app.flows.personal_data import Held, held
from app.kernel import audit, tables
from app.kernel.audit import Looked
from app.kernel.database import Database
from app.photos import service as photos
from app.photos.objects import PhotoObjects

_README = """\
个人信息副本 / A copy of what is held of you
data.json 中每张表说明了处理目的、依据和内容；photos/ 是尚未到期删除的照片。
data.json says of every table what it is for, on what basis it is held, and what is in it; photos/ has the photos
that are still kept. Times are UTC where they end in +00:00.
"""


async def write(
    database: Database,
    objects: PhotoObjects,
    path: Path,
    *,
    county_id: str,
    person_id: UUID,
    actor_id: UUID,
    now: datetime,
) -> int:
    """Into a new file at `path`: how many rows. On record, whoever asks for it."""
    async with database.transaction(county_id, snapshot=True) as session:
        found = await _rows(session, county_id, person_id)
        kept = await photos.kept_of(session, county_id, [person_id])
        rows = sum(len(each["rows"]) for each in found.values())
        await audit.record(
            session,
            county_id=county_id,
            at=now,
            actor_id=actor_id,
            action="person.data_exported",
            subject=f"person:{person_id}",
            detail={"rows": rows, "photos": len(kept)},
        )
        if actor_id != person_id:
            await audit.shown(
                session,
                county_id=county_id,
                actor_id=actor_id,
                person_ids=[person_id],
                what=Looked.COPY,
                now=now,
            )
    written = json.dumps(found, ensure_ascii=False, indent=1, default=str)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        await asyncio.to_thread(archive.writestr, "README.txt", _README)
        await asyncio.to_thread(archive.writestr, "data.json", written)
        async for name, data in _photos(objects, kept):
            await asyncio.to_thread(archive.writestr, f"photos/{name}", data, zipfile.ZIP_STORED)
    return rows


async def _rows(session: AsyncSession, county_id: str, person_id: UUID) -> dict[str, Any]:
    """By table: what it is for, and its rows."""
    found: dict[str, Any] = {}
    for name, (table, each) in held().items():
        rows = await tables.of_person(
            session, table, county_id, person_id, column=each.of, without=each.secret.split()
        )
        found[name] = _said(each, [_shown(row) for row in rows])
    return found


def _said(each: Held, rows: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "purpose": each.purpose.zh,
        "purpose_en": each.purpose.en,
        "basis": each.basis.text.zh,
        "basis_en": each.basis.text.en,
        "rows": rows,
    }


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    """A check-in's reasons as they are told; the rest as it is."""
    reasons = row.get("reasons")
    return row | {"reasons": [explain(each, "zh-CN") for each in reasons]} if reasons else row


async def _photos(objects: PhotoObjects, kept: dict[UUID, str]) -> AsyncIterator[tuple[str, bytes]]:
    for photo_id, key in kept.items():
        pieces = await objects.get(key)
        if pieces:
            yield f"{photo_id}.{key.rpartition('.')[2]}", b"".join([piece async for piece in pieces])
