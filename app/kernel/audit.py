"""The audit log: who did what, and who looked at whose location."""

import json
from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, PrimaryKeyConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.database import Base, Sealed, Timestamp
from app.kernel.ids import NEW_ID, new_id
from app.kernel.removal import Removal, removing
from app.kernel.statements import Command, Id, Statement
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
    DUTIES = "duties", "任务名单", "the list of who owes what"
    FLAGS = "flags", "预警", "flags"
    LEAVE = "leave", "请假及事由", "leave and its reason"
    NOTICES = "notices", "通知", "notices"
    COVERAGE = "coverage", "入户情况", "visits to households"
    MAP = "map", "地图上的签到", "check-ins on the map"
    SHEET = "sheet", "履职情况表", "a person's sheet"
    SIGN_INS = "sign_ins", "登录记录", "sign-ins"
    COPY = "copy", "个人信息副本", "a copy of all that is held"


class AuditEntry(Base):
    """One act. `subject` names its kind and id, such as `flag:0192...`; nothing in it changes."""

    __tablename__ = "audit_entry"
    may = ("INSERT",)
    sealed = Sealed()
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


# Of each person once an hour: a list that is opened again and again says nothing new.
_SHOWN = Command(f"""
INSERT INTO audit_entry (county_id, id, at, actor_id, action, subject, detail)
SELECT :county_id, {NEW_ID}, :now, CAST(:actor_id AS uuid), 'location.seen', 'person:' || shown.id,
  jsonb_build_object(CAST(:what AS text), true)
FROM unnest(CAST(:person_ids AS uuid[])) AS shown (id)
WHERE NOT EXISTS (
  SELECT FROM audit_entry AS known
  WHERE known.county_id = :county_id AND known.actor_id = :actor_id AND known.action = 'location.seen'
    AND known.at BETWEEN date_trunc('hour', CAST(:now AS timestamptz)) AND :now
    AND known.subject = 'person:' || shown.id AND jsonb_exists(known.detail, CAST(:what AS text)))
""")


async def shown(
    session: AsyncSession,
    *,
    county_id: str,
    actor_id: UUID,
    person_ids: Collection[UUID],
    what: Looked,
    now: datetime,
) -> None:
    """Somebody was shown this of all these people: a row for each, at most one an hour."""
    await _SHOWN.run(
        session, county_id=county_id, actor_id=actor_id, person_ids=list(person_ids), what=what, now=now
    )


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
_OLD = Statement(
    Id,
    "SELECT id FROM audit_entry WHERE county_id = :county_id AND at < :before ORDER BY id LIMIT :limit",
)
_REMOVE = removing("audit_entry")


async def _remove(session: AsyncSession, county_id: str, ids: list[UUID]) -> None:
    await _REMOVE.one(session, county_id=county_id, ids=ids)


BY_AGE = {"audit_entry": Removal(_OLD, _remove)}
