"""The audit log: who did what, and who looked at whose location."""

import json
from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, PrimaryKeyConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.database import Base, Timestamp
from app.kernel.ids import new_id
from app.kernel.statements import Command
from app.kernel.words import Word


class Looked(Word):
    """查看内容: what that shows where a person was was opened; the name of it is in the entry's detail."""

    CHECK_IN = "check_in", "一次签到", "a check-in"
    CHECK_INS = "check_ins", "签到列表", "the list of check-ins"
    DUTY = "duty", "任务及其签到", "a duty and its check-ins"
    TRACK = "track", "轨迹", "a track"
    PHOTO = "photo", "照片", "a photo"
    APPEAL = "appeal", "申诉", "an appeal"
    QUARANTINE = "quarantine", "定位应用的内容", "what tracking apps sent"


class AuditEntry(Base):
    """One act. `subject` names its kind and id, such as `flag:0192...`; nothing in it changes."""

    __tablename__ = "audit_entry"
    kept = "audit_retention_d"
    __table_args__ = (
        PrimaryKeyConstraint("county_id", "id"),
        Index(None, "county_id", "subject"),
        Index(None, "county_id", "actor_id", "at"),
    )

    county_id: Mapped[str]
    id: Mapped[UUID]
    at: Mapped[datetime] = mapped_column(Timestamp)
    actor_id: Mapped[UUID | None]
    action: Mapped[str]
    subject: Mapped[str]
    detail: Mapped[dict[str, object]] = mapped_column(JSONB)


async def record(
    session: AsyncSession,
    *,
    county_id: str,
    at: datetime,
    actor_id: UUID | None,
    action: str,
    subject: str,
    detail: Mapping[str, object] | None = None,
) -> None:
    """Add one entry in the caller's transaction."""
    await session.execute(
        text(
            "INSERT INTO audit_entry (county_id, id, at, actor_id, action, subject, detail)"
            " VALUES (:county_id, :id, :at, :actor_id, :action, :subject, CAST(:detail AS jsonb))"
        ),
        {
            "county_id": county_id,
            "id": new_id(),
            "at": at,
            "actor_id": actor_id,
            "action": action,
            "subject": subject,
            "detail": json.dumps(detail or {}, ensure_ascii=False, default=str),
        },
    )


# The oldest first: what is left has no gap.
BY_AGE = {
    "audit_entry": Command("""
DELETE FROM audit_entry WHERE county_id = :county_id AND id IN (
  SELECT id FROM audit_entry WHERE county_id = :county_id AND at < :before ORDER BY id LIMIT :limit)
""")
}
