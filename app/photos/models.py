"""The tables of photos: what was uploaded, and when a county's were last cleared out."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, Integer, PrimaryKeyConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY, BIT, BYTEA
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.database import Base, Timestamp, one_of
from app.photos.looks import BITS
from app.photos.rules import FORMATS


class PhotoRow(Base):
    """照片. The row outlives the photo: its hash and time still tell a photo that is used again."""

    __tablename__ = "photo"
    may = ("INSERT", "UPDATE", "DELETE")
    kept = "photo_retention_d"
    __table_args__ = (
        PrimaryKeyConstraint("county_id", "id"),
        ForeignKeyConstraint(["county_id", "person_id"], ["person.county_id", "person.id"]),
        one_of("format", FORMATS),
        CheckConstraint("num_nonnulls(taken_lon, taken_lat) IN (0, 2)", name="taken"),
        Index("ix_photo_sha256", "county_id", "sha256"),
        Index(
            "ix_photo_person", "county_id", "person_id", "uploaded_at", postgresql_where=text("looks IS NOT NULL")
        ),
        Index(
            "ix_photo_look_bands",
            "look_bands",
            postgresql_using="gin",
            postgresql_where=text("look_bands IS NOT NULL"),
        ),
        Index("ix_photo_kept", "county_id", "uploaded_at", postgresql_where=text("deleted_at IS NULL")),
    )

    county_id: Mapped[str]
    id: Mapped[UUID]  # made by the phone
    person_id: Mapped[UUID]
    sha256: Mapped[bytes] = mapped_column(BYTEA)  # of the file as it came
    kept_sha256: Mapped[bytes | None] = mapped_column(BYTEA)  # of what is kept of it; null: all of it
    format: Mapped[str]
    size_bytes: Mapped[int]
    width: Mapped[int]
    height: Mapped[int]
    taken_at: Mapped[datetime | None] = mapped_column(Timestamp)
    taken_lon: Mapped[float | None]  # WGS-84, degrees; forgotten with the photo
    taken_lat: Mapped[float | None]
    looks: Mapped[list[str] | None] = mapped_column(ARRAY(BIT(BITS)))  # of `looks.py`, the whole first
    look_bands: Mapped[list[int] | None] = mapped_column(ARRAY(Integer))  # of the whole
    object_key: Mapped[str]
    uploaded_at: Mapped[datetime] = mapped_column(Timestamp)
    deleted_at: Mapped[datetime | None] = mapped_column(Timestamp)


class PhotoPurge(Base):
    """When a county's expired photos and orphaned objects were last cleared out."""

    __tablename__ = "photo_purge"
    may = ("INSERT", "UPDATE")
    lasts = "one row for each county, of nobody"
    __table_args__ = (
        PrimaryKeyConstraint("county_id"),
        ForeignKeyConstraint(["county_id"], ["county.id"]),
    )

    county_id: Mapped[str]
    done_at: Mapped[datetime] = mapped_column(Timestamp)
