"""A county's own templates of documents: the latest version is in use, and none is ever lost."""

import hashlib
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.exchange.store import document_templates as store
from app.exchange.words import DocumentKind
from app.kernel import audit
from app.kernel.language import Language
from app.kernel.problems import NOT_FOUND, Problem


class Own(NamedTuple):
    """A template of the county's own."""

    version: int
    content: bytes


async def in_use(session: AsyncSession, county_id: str, kind: DocumentKind, language: Language) -> Own | None:
    """None where the house's is in use."""
    found = await store.IN_USE.first(session, county_id=county_id, kind=kind, language=language)
    return Own(found.version, found.content) if found and found.content else None


async def content(
    session: AsyncSession, county_id: str, kind: DocumentKind, language: Language, version: int
) -> bytes:
    """A version as it came. Raises `NOT_FOUND`, also for one that says that the house's is used."""
    key = {"county_id": county_id, "kind": kind, "language": language}
    found = await store.CONTENT.first(session, **key, version=version)
    if found is None:
        raise Problem(NOT_FOUND)
    return found


async def use(
    session: AsyncSession,
    county_id: str,
    kind: DocumentKind,
    language: Language,
    *,
    file_name: str = "",
    template: bytes | None,
    actor_id: UUID,
    now: datetime,
) -> None:
    """Use this template from now on, which has been checked; None is the house's. What is in use stays."""
    before = await in_use(session, county_id, kind, language)
    if template == (before.content if before else None):
        return
    await store.ADD.run(
        session,
        county_id=county_id,
        kind=kind,
        language=language,
        file_name=file_name,
        content=template,
        made_by=actor_id,
        now=now,
    )
    detail = {"file_name": file_name, "sha256": hashlib.sha256(template).hexdigest()} if template else {}
    await audit.record(
        session,
        county_id=county_id,
        at=now,
        actor_id=actor_id,
        action="document_template.changed" if template else "document_template.reset",
        subject=f"document_template:{kind}:{language}",
        detail=detail,
    )
