"""The table of check-ins: immutable evidence; reviews and appeals are rows of their own."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from geoalchemy2 import Geometry
from sqlalchemy import ForeignKeyConstraint, Index, PrimaryKeyConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY, BYTEA, JSONB
from sqlalchemy.dialects.postgresql import UUID as PG_UUID
from sqlalchemy.orm import Mapped, mapped_column

from app.checkins.rules import PLACES, PURPOSES, STANDINGS
from app.kernel.database import Base, Timestamp, one_of


class CheckIn(Base):
    """签到: one geotagged visit record, with what the phone said and what was judged from it."""

    __tablename__ = "check_in"
    __table_args__ = (
        PrimaryKeyConstraint("county_id", "id"),
        ForeignKeyConstraint(["county_id", "person_id"], ["person.county_id", "person.id"]),
        ForeignKeyConstraint(
            ["county_id", "village_id", "geofence_version"],
            ["geofence.county_id", "geofence.village_id", "geofence.version"],
        ),
        ForeignKeyConstraint(["county_id", "found_in_village_id"], ["village.county_id", "village.id"]),
        ForeignKeyConstraint(["county_id", "household_id"], ["household.county_id", "household.id"]),
        one_of("place", PLACES),
        one_of("standing", STANDINGS),
        one_of("purpose", PURPOSES),
        Index("ix_check_in_person", "county_id", "person_id", "captured_at"),
        Index("ix_check_in_captured", "county_id", text("captured_at DESC"), text("id DESC")),
        Index("ix_check_in_village", "county_id", "found_in_village_id", "captured_at"),
        Index("ix_check_in_position", "position", postgresql_using="gist"),
    )

    # What the phone said.
    county_id: Mapped[str]
    id: Mapped[UUID]
    person_id: Mapped[UUID]
    device_id: Mapped[str | None]
    captured_at: Mapped[datetime] = mapped_column(Timestamp)
    fixed_at: Mapped[datetime | None] = mapped_column(Timestamp)
    received_at: Mapped[datetime] = mapped_column(Timestamp)
    crs: Mapped[str]
    raw_lon: Mapped[float | None]
    raw_lat: Mapped[float | None]
    accuracy_m: Mapped[float | None]  # as claimed; null is unknown
    altitude_m: Mapped[float | None]
    speed_mps: Mapped[float | None]
    mock: Mapped[bool | None]
    position_problem: Mapped[str | None]
    purpose: Mapped[str]
    household_id: Mapped[UUID | None]
    note: Mapped[str]
    photo_ids: Mapped[list[UUID]] = mapped_column(ARRAY(PG_UUID(as_uuid=True)))
    form: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    app_version: Mapped[str | None]
    content_hash: Mapped[bytes] = mapped_column(BYTEA)

    # What was judged.
    position: Mapped[Any | None] = mapped_column(Geometry("POINT", 4326, spatial_index=False))
    village_id: Mapped[str | None]  # the assigned village nearest to the fix
    geofence_version: Mapped[int | None]
    found_in_village_id: Mapped[str | None]
    place: Mapped[str]
    distance_m: Mapped[float | None]
    confidence: Mapped[float | None]
    household_distance_m: Mapped[float | None]
    standing: Mapped[str]
    reasons: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    night_of: Mapped[date | None]
