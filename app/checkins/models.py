"""Check-ins, and what people and rules say of them. Evidence is immutable; judgement is current, with its history.

A trigger refuses any change of what the phone said; only a fix may be filled in, once, where there was none. Each
change of what is judged leaves a review (a person decided) or a rejudgement (a rule did).
"""

from datetime import date, datetime
from uuid import UUID

from geoalchemy2 import Geometry
from sqlalchemy import CheckConstraint, Computed, ForeignKeyConstraint, Index, PrimaryKeyConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY, BYTEA, JSONB
from sqlalchemy.dialects.postgresql import UUID as PG_UUID
from sqlalchemy.orm import Mapped, mapped_column

from app.checkins.words import (
    Purpose,
    RecordSource,
    RejudgementCause,
    ReviewDecision,
    Standing,
    VerificationFinding,
)
from app.geo.words import Place
from app.kernel.database import Base, Sealed, Timestamp, one_of


class CheckIn(Base):
    """签到: one geotagged visit record, with what the phone said and what was judged from it."""

    __tablename__ = "check_in"
    may = ("INSERT",)
    may_update = (
        "raw_lon",
        "raw_lat",
        "crs",
        "accuracy_m",
        "altitude_m",
        "speed_mps",
        "mock",
        "fixed_at",
        "position_added_at",
        "position",
        "village_id",
        "geofence_version",
        "found_in_village_id",
        "place",
        "distance_m",
        "confidence",
        "household_distance_m",
        "standing",
        "reasons",
        "night_of",
        "withdrawn_at",
        "review_time",
    )
    sealed = Sealed(
        state=("person_id", *may_update),
        renewed_by=("review", "rejudgement", "person_merge"),
    )
    kept = "evidence_retention_d"
    __table_args__ = (
        PrimaryKeyConstraint("county_id", "id"),
        ForeignKeyConstraint(["county_id", "person_id"], ["person.county_id", "person.id"]),
        ForeignKeyConstraint(
            ["county_id", "village_id", "geofence_version"],
            ["geofence.county_id", "geofence.village_id", "geofence.version"],
        ),
        ForeignKeyConstraint(["county_id", "found_in_village_id"], ["village.county_id", "village.id"]),
        ForeignKeyConstraint(["county_id", "household_id"], ["household.county_id", "household.id"]),
        one_of("place", Place),
        # Reads rely on both: a village is judged by a version of its fence.
        CheckConstraint("num_nonnulls(village_id, geofence_version) IN (0, 2)", name="fence"),
        one_of("standing", Standing),
        one_of("purpose", Purpose),
        one_of("source", RecordSource),
        CheckConstraint("num_nonnulls(source, record_key, record) IN (0, 3)", name="record"),
        # What a phone posted is never taken back.
        CheckConstraint("withdrawn_at IS NULL OR source IS NOT NULL", name="withdrawn"),
        Index("ix_check_in_person", "county_id", "person_id", "visited_at"),
        Index("ix_check_in_visited", "county_id", text("visited_at DESC"), text("id DESC")),
        Index("ix_check_in_village", "county_id", "found_in_village_id", "visited_at"),
        Index("ix_check_in_position", "position", postgresql_using="gist"),
        Index(
            "ix_check_in_photos", "photo_ids", postgresql_using="gin", postgresql_where=text("photo_ids <> '{}'")
        ),
        Index(
            "ix_check_in_household",
            "county_id",
            "household_id",
            "visited_at",
            postgresql_where=text("household_id IS NOT NULL AND standing = 'counted'"),
        ),
        Index(
            "ix_check_in_night_form",
            "county_id",
            "visited_at",
            postgresql_where=text("form ->> 'kind' = 'night_visit'"),
        ),
        # A row of another platform counts once, however many files hold it.
        Index(
            "uq_check_in_record",
            "county_id",
            "record_key",
            unique=True,
            postgresql_where=text("record_key IS NOT NULL AND withdrawn_at IS NULL"),
        ),
        Index("ix_check_in_held", "county_id", "visited_at", "id", postgresql_where=text("standing = 'held'")),
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
    form: Mapped[dict[str, object] | None] = mapped_column(JSONB)
    app_version: Mapped[str | None]
    content_hash: Mapped[bytes] = mapped_column(BYTEA)
    position_added_at: Mapped[datetime | None] = mapped_column(Timestamp)  # when a missing fix was filled in
    source: Mapped[str | None]  # the platform that recorded it; null is a phone's own
    record_key: Mapped[UUID | None]
    record: Mapped[dict[str, object] | None] = mapped_column(JSONB)  # what the platform says of it

    # What was judged.
    position: Mapped[object | None] = mapped_column(Geometry("POINT", 4326, spatial_index=False))
    village_id: Mapped[str | None]  # the assigned village nearest to the fix
    geofence_version: Mapped[int | None]
    found_in_village_id: Mapped[str | None]
    place: Mapped[str]
    distance_m: Mapped[float | None]
    confidence: Mapped[float | None]
    household_distance_m: Mapped[float | None]
    standing: Mapped[str]
    reasons: Mapped[list[dict[str, object]]] = mapped_column(JSONB)
    night_of: Mapped[date | None]
    withdrawn_at: Mapped[datetime | None] = mapped_column(Timestamp)  # when its import was taken back
    review_time: Mapped[datetime | None] = mapped_column(Timestamp)  # when it took place, as a review has set it
    visited_at: Mapped[datetime] = mapped_column(  # when it took place: every list and duty goes by this
        Timestamp, Computed("coalesce(review_time, captured_at)", persisted=True)
    )


def _check_in_key() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["county_id", "check_in_id"], ["check_in.county_id", "check_in.id"])


class Review(Base):
    """核实: a person decided whether a check-in counts. The latest review stands, whatever rules say later."""

    __tablename__ = "review"
    may = ("INSERT",)
    sealed = Sealed(state=("reviewer_id",), renewed_by=("person_merge",))
    kept = "evidence_retention_d"
    __table_args__ = (
        PrimaryKeyConstraint("county_id", "id"),
        _check_in_key(),
        ForeignKeyConstraint(["county_id", "reviewer_id"], ["person.county_id", "person.id"]),
        one_of("decision", ReviewDecision),
        one_of("before", Standing),
        Index(None, "county_id", "check_in_id"),
    )

    county_id: Mapped[str]
    id: Mapped[UUID]
    check_in_id: Mapped[UUID]
    reviewer_id: Mapped[UUID]
    post: Mapped[str]  # of the reviewer at that time, in words
    decision: Mapped[str]
    reason: Mapped[str]
    before: Mapped[str]  # the standing that it replaced
    visited_at: Mapped[datetime | None] = mapped_column(Timestamp)  # where it says when the visit took place
    at: Mapped[datetime] = mapped_column(Timestamp)


class Verification(Base):
    """现场核查: somebody went to see whether what looked odd about a check-in was so. It changes no standing."""

    __tablename__ = "verification"
    may = ("INSERT",)
    sealed = Sealed(state=("verifier_id",), renewed_by=("person_merge",))
    kept = "evidence_retention_d"
    __table_args__ = (
        PrimaryKeyConstraint("county_id", "id"),
        _check_in_key(),
        ForeignKeyConstraint(["county_id", "verifier_id"], ["person.county_id", "person.id"]),
        one_of("finding", VerificationFinding),
        Index(None, "county_id", "check_in_id"),
    )

    county_id: Mapped[str]
    id: Mapped[UUID]
    check_in_id: Mapped[UUID]
    verifier_id: Mapped[UUID]
    finding: Mapped[str]
    note: Mapped[str]
    verified_at: Mapped[datetime] = mapped_column(Timestamp)
    at: Mapped[datetime] = mapped_column(Timestamp)


class Rejudgement(Base):
    """重新判定: what was judged of a check-in before and after a fix, a fence, a photo or a review's time."""

    __tablename__ = "rejudgement"
    may = ("INSERT",)
    sealed = Sealed()
    kept = "evidence_retention_d"
    __table_args__ = (
        PrimaryKeyConstraint("county_id", "id"),
        _check_in_key(),
        one_of("cause", RejudgementCause),
        Index(None, "county_id", "check_in_id"),
    )

    county_id: Mapped[str]
    id: Mapped[UUID]
    check_in_id: Mapped[UUID]
    cause: Mapped[str]
    before: Mapped[dict[str, object]] = mapped_column(JSONB)
    after: Mapped[dict[str, object]] = mapped_column(JSONB)
    at: Mapped[datetime] = mapped_column(Timestamp)
