"""A copy of what is held of one person, as a reply."""

import asyncio
import tempfile
from pathlib import Path
from uuid import UUID

from fastapi import Request
from fastapi.responses import FileResponse
from starlette.background import BackgroundTask

from app.flows import own_data
from app.http.services import services


async def copy_of(request: Request, *, county_id: str, person_id: UUID, actor_id: UUID) -> FileResponse:
    """Deleted once it is sent."""
    handed = services(request)
    path = Path(tempfile.mkstemp(suffix=".zip")[1])
    try:
        await own_data.write(
            handed.database,
            handed.photo_objects,
            path,
            county_id=county_id,
            person_id=person_id,
            actor_id=actor_id,
            now=handed.clock(),
        )
    except BaseException:
        await asyncio.to_thread(path.unlink, missing_ok=True)
        raise
    return FileResponse(
        path,
        media_type="application/zip",
        headers={"Content-Disposition": f'attachment; filename="{person_id}.zip"'},
        background=BackgroundTask(path.unlink, missing_ok=True),
    )


ZIP: dict[int | str, dict[str, object]] = {
    200: {
        "description": "data.json and photos/",
        "content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}},
    }
}
