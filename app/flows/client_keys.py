"""Keys that the office makes or ends for somebody: in the audit log, and the person is told of a new one."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.access import client_keys
from app.access.client_keys import Issued
from app.access.words import Client
from app.directory import service as directory
from app.directory.scope import Scope
from app.kernel import audit
from app.notices import service as notices
from app.notices.service import NewNotice


async def issue_for(
    session: AsyncSession, office: Scope, *, person_id: UUID, client: Client, device_id: str, now: datetime
) -> Issued:
    """Raises `CONFLICT` when the person holds too many."""
    new = await client_keys.issue(
        session,
        county_id=office.county_id,
        person_id=person_id,
        client=client,
        device_id=device_id,
        issued_by=office.person_id,
        now=now,
    )
    issuer = await directory.person(session, county_id=office.county_id, person_id=office.person_id, now=now)
    about = {
        "key_id": new.id,
        "client": client.text.zh,
        "issuer": {"id": issuer.id, "name": issuer.name},
    }
    await notices.tell(
        session,
        county_id=office.county_id,
        now=now,
        notices=[NewNotice(person_id, "client_key_issued", f"client_key_issued:{new.id}", about, today=True)],
    )
    await _record(session, office, "client_key.issued", new.id, person_id, now)
    return new


async def revoke_for(
    session: AsyncSession, office: Scope, *, person_id: UUID, key_id: UUID, now: datetime
) -> None:
    """Raises `NOT_FOUND`."""
    await client_keys.revoke(session, county_id=office.county_id, person_id=person_id, key_id=key_id, now=now)
    await _record(session, office, "client_key.revoked", key_id, person_id, now)


async def _record(
    session: AsyncSession, office: Scope, action: str, key_id: UUID, person_id: UUID, now: datetime
) -> None:
    await audit.record(
        session,
        county_id=office.county_id,
        at=now,
        actor_id=office.person_id,
        action=action,
        subject=f"client_key:{key_id}",
        detail={"person_id": person_id},
    )
