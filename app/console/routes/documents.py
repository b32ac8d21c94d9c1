"""A Word document as what a route answers, on record like every export."""

from collections.abc import Mapping
from urllib.parse import quote

from fastapi.responses import Response

from app.console.routes.context import RequestContext
from app.kernel import audit

_DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


async def document(
    context: RequestContext,
    made: bytes,
    *,
    name: str,
    export: str,
    asked: Mapping[str, object],
    rows: int,
    template: int | None = None,
) -> Response:
    """`name` is the file's, without its ending; `export` which one it is, made of so many `rows` as `asked`.

    `template` is the version of the county's own that it was made from, if it was.
    """
    await audit.record(
        context.session,
        county_id=context.scope.county_id,
        at=context.now,
        actor_id=context.scope.person_id,
        action="list.exported",
        subject=f"export:{export}",
        detail={
            "filter": dict(asked),
            "rows": rows,
            "format": "docx",
            **({"template": template} if template else {}),
        },
    )
    return docx(made, name)


def docx(made: bytes, name: str) -> Response:
    """To be kept under this name."""
    disposition = f"attachment; filename*=UTF-8''{quote(f'{name}.docx')}"
    return Response(made, media_type=_DOCX, headers={"Content-Disposition": disposition})
