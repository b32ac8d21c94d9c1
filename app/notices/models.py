"""The table of notices: what a person must be told, always readable in the app's inbox."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, PrimaryKeyConstraint, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.database import Base, Timestamp


class Notice(Base):
    """通知. `occasion` says what it is about, so that nothing is told twice; texts are made when read."""

    __tablename__ = "notice"
    __table_args__ = (
        PrimaryKeyConstraint("county_id", "id"),
        UniqueConstraint("county_id", "person_id", "occasion"),
        ForeignKeyConstraint(["county_id", "person_id"], ["person.county_id", "person.id"]),
        Index("ix_notice_inbox", "county_id", "person_id", text("created_at DESC"), text("id DESC")),
    )

    county_id: Mapped[str]
    id: Mapped[UUID]
    person_id: Mapped[UUID]
    kind: Mapped[str]
    occasion: Mapped[str]
    about: Mapped[dict[str, Any]] = mapped_column(JSONB)
    created_at: Mapped[datetime] = mapped_column(Timestamp)
    read_at: Mapped[datetime | None] = mapped_column(Timestamp)
