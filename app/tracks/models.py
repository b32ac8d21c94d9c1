"""The tables of tracks: fixes by month, the days they lie on, and the stays that they show."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, PrimaryKeyConstraint
from sqlalchemy.dialects.postgresql import BYTEA
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.database import Base, Timestamp


class TrackFix(Base):
    """轨迹点. Partitioned by month (UTC); `make_track_partition` makes a month's.

    Without foreign keys: one to `person` would lock it against all check-ins whenever a partition is made.
    Longitude and latitude are plain numbers: nobody asks who was near a place.
    """

    __tablename__ = "track_fix"
    may = ("INSERT", "UPDATE", "DELETE")
    kept = "track_retention_d"
    __table_args__ = (
        PrimaryKeyConstraint("county_id", "person_id", "fixed_at", "key"),
        CheckConstraint("abs(lon) <= 180 AND abs(lat) <= 90", name="position"),
        {"postgresql_partition_by": "RANGE (fixed_at)"},
    )

    county_id: Mapped[str]
    person_id: Mapped[UUID]
    fixed_at: Mapped[datetime] = mapped_column(Timestamp)
    key: Mapped[bytes] = mapped_column(BYTEA)
    session_id: Mapped[UUID]
    lon: Mapped[float]  # WGS-84, degrees
    lat: Mapped[float]
    accuracy_m: Mapped[float | None]
    altitude_m: Mapped[float | None]
    speed_mps: Mapped[float | None]
    heading_deg: Mapped[float | None]
    battery: Mapped[float | None]
    received_at: Mapped[datetime] = mapped_column(Timestamp)


class TrackDay(Base):
    """A day on whose stays fixes bear. `revision` grows with them; `computed` is that of the stays stored.

    The row goes when the day's fixes are deleted; the stays remain.
    """

    __tablename__ = "track_day"
    may = ("INSERT", "UPDATE", "DELETE")
    kept = "track_retention_d"
    __table_args__ = (
        PrimaryKeyConstraint("county_id", "person_id", "day"),
        ForeignKeyConstraint(["county_id", "person_id"], ["person.county_id", "person.id"]),
        Index(None, "county_id", "day"),
        Index("ix_track_day_stale", "county_id", "day", postgresql_where="computed < revision"),
    )

    county_id: Mapped[str]
    person_id: Mapped[UUID]
    day: Mapped[date]  # in the county's zone
    revision: Mapped[int]
    computed: Mapped[int] = mapped_column(server_default="0")
    computed_at: Mapped[datetime | None] = mapped_column(Timestamp)


class StayRow(Base):
    """在村停留 within one day: one that goes on past midnight is a row of each day. Holds no coordinates."""

    __tablename__ = "stay"
    may = ("INSERT", "UPDATE", "DELETE")
    kept = "evidence_retention_d"
    __table_args__ = (
        PrimaryKeyConstraint("county_id", "person_id", "day", "village_id", "from_at"),
        ForeignKeyConstraint(["county_id", "person_id"], ["person.county_id", "person.id"]),
        ForeignKeyConstraint(
            ["county_id", "village_id", "geofence_version"],
            ["geofence.county_id", "geofence.village_id", "geofence.version"],
        ),
        CheckConstraint("until_at > from_at", name="times"),
        CheckConstraint("fixes > 0", name="fixes"),
        Index(None, "county_id", "village_id", "day"),
    )

    county_id: Mapped[str]
    person_id: Mapped[UUID]
    day: Mapped[date]
    village_id: Mapped[str]
    from_at: Mapped[datetime] = mapped_column(Timestamp)
    until_at: Mapped[datetime] = mapped_column(Timestamp)
    fixes: Mapped[int]  # inside the village on that day
    received_at: Mapped[datetime] = mapped_column(Timestamp)  # the first of the fixes meanwhile
    geofence_version: Mapped[int]
