"""Tables of access: who signs in, on which devices, and what their phones and apps said."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKeyConstraint,
    Index,
    PrimaryKeyConstraint,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import BYTEA, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.access.words import Client, SignInResult
from app.kernel.database import Base, Timestamp, one_of


class SignIn(Base):
    """Who signs in with which phone number, before the county is known: a reference table."""

    __tablename__ = "sign_in"
    may = ("INSERT", "UPDATE", "DELETE")
    lasts = "as long as the person may sign in; goes when they are made anonymous"
    __table_args__ = (Index(None, "county_id", "person_id", unique=True),)

    phone: Mapped[str] = mapped_column(primary_key=True)
    county_id: Mapped[str]
    person_id: Mapped[UUID]
    password_hash: Mapped[str]


class PasswordTries(Base):
    """Wrong passwords as leaky buckets (`tries.py`), before the county is known: a reference table.

    `key` is the SHA-256 of what is counted in it. A bucket that is empty is deleted.
    """

    __tablename__ = "password_tries"
    may = ("INSERT", "UPDATE", "DELETE")
    lasts = "hashes of numbers and networks; each goes within a day, when its bucket has run empty"

    key: Mapped[bytes] = mapped_column(BYTEA, primary_key=True)
    empty_at: Mapped[datetime] = mapped_column(Timestamp, index=True)


class SignInEvent(Base):
    """登录记录: who signed in, or tried to, when and from where."""

    __tablename__ = "sign_in_event"
    may = ("INSERT", "UPDATE", "DELETE")
    kept = "sign_in_retention_d"
    __table_args__ = (
        PrimaryKeyConstraint("county_id", "id"),
        ForeignKeyConstraint(["county_id", "person_id"], ["person.county_id", "person.id"]),
        one_of("result", SignInResult),
        Index(None, "county_id", "person_id", "id"),
        Index(None, "county_id", "at"),
    )

    county_id: Mapped[str]
    id: Mapped[UUID]
    person_id: Mapped[UUID]
    at: Mapped[datetime] = mapped_column(Timestamp)
    result: Mapped[str]
    address: Mapped[str]
    device_id: Mapped[str | None]
    agent: Mapped[str | None]  # what the browser or app calls itself


class SecondFactor(Base):
    """动态口令: the secret that a person's authenticator app holds too; asked for from `confirmed_at` on."""

    __tablename__ = "second_factor"
    may = ("INSERT", "UPDATE", "DELETE")
    lasts = "as long as the person uses one; goes when they are made anonymous"
    __table_args__ = (
        PrimaryKeyConstraint("county_id", "person_id"),
        ForeignKeyConstraint(["county_id", "person_id"], ["person.county_id", "person.id"]),
    )

    county_id: Mapped[str]
    person_id: Mapped[UUID]
    secret: Mapped[str]
    made_at: Mapped[datetime] = mapped_column(Timestamp)
    confirmed_at: Mapped[datetime | None] = mapped_column(Timestamp)
    last_step: Mapped[int] = mapped_column(BigInteger)  # the latest half minute whose code was used: each once


class Activation(Base):
    """激活码: a one-time code by which a person sets a password. Of several only the last is good."""

    __tablename__ = "activation"
    may = ("INSERT", "UPDATE", "DELETE")
    kept = "sign_in_retention_d"
    __table_args__ = (
        PrimaryKeyConstraint("county_id", "id"),
        UniqueConstraint("county_id", "code_hash"),
        ForeignKeyConstraint(["county_id", "person_id"], ["person.county_id", "person.id"]),
        ForeignKeyConstraint(["county_id", "made_by"], ["person.county_id", "person.id"]),
        CheckConstraint("expires_at > made_at", name="expiry"),
        Index(None, "county_id", "person_id"),
    )

    county_id: Mapped[str]
    id: Mapped[UUID]
    person_id: Mapped[UUID]
    code_hash: Mapped[bytes] = mapped_column(BYTEA)  # SHA-256; the code itself is shown once
    made_by: Mapped[UUID | None]  # null: from the command line
    made_at: Mapped[datetime] = mapped_column(Timestamp)
    expires_at: Mapped[datetime] = mapped_column(Timestamp)
    used_at: Mapped[datetime | None] = mapped_column(Timestamp)
    replaced_at: Mapped[datetime | None] = mapped_column(Timestamp)  # by a later one


class Device(Base):
    """A phone or browser in one person's hands; the same phone in two hands is two rows, and a signal."""

    __tablename__ = "device"
    may = ("INSERT", "UPDATE", "DELETE")
    kept = "device_retention_d"
    __table_args__ = (
        PrimaryKeyConstraint("county_id", "id", "person_id"),
        ForeignKeyConstraint(["county_id", "person_id"], ["person.county_id", "person.id"]),
        CheckConstraint("waiting >= 0", name="waiting"),
        Index(None, "county_id", "person_id"),
    )

    county_id: Mapped[str]
    id: Mapped[str]
    person_id: Mapped[UUID]
    platform: Mapped[str | None]
    model: Mapped[str | None]
    app_version: Mapped[str | None]
    push: Mapped[dict[str, object] | None] = mapped_column(JSONB)
    last_seen_at: Mapped[datetime] = mapped_column(Timestamp)
    status: Mapped[dict[str, object] | None] = mapped_column(JSONB)  # what its tracking app last said of itself
    waiting: Mapped[int | None]  # check-ins that the app said it still held, at `waiting_said_at`
    oldest_waiting_at: Mapped[datetime | None] = mapped_column(Timestamp)  # when the oldest of them was made
    waiting_said_at: Mapped[datetime | None] = mapped_column(Timestamp)


class PushOwner(Base):
    """Who is told by a registration for pushes: a reference table, for a phone may go to another county.

    `key` is the SHA-256 of channel and token or endpoint. Where the owner's device has lost it since, nobody is.
    """

    __tablename__ = "push_owner"
    may = ("INSERT", "UPDATE", "DELETE")
    lasts = "goes with its device"

    key: Mapped[bytes] = mapped_column(BYTEA, primary_key=True)
    county_id: Mapped[str]
    person_id: Mapped[UUID]
    device_id: Mapped[str]


class DeviceSession(Base):
    """A signed-in device. Its refresh tokens form a chain; use of one after its successor ends the session.

    Where `client` names a tracking app, the token is that app's key, which neither rotates nor expires.
    """

    __tablename__ = "device_session"
    may = ("INSERT", "UPDATE", "DELETE")
    kept = "sign_in_retention_d"
    __table_args__ = (
        PrimaryKeyConstraint("county_id", "id"),
        ForeignKeyConstraint(["county_id", "person_id"], ["person.county_id", "person.id"]),
        ForeignKeyConstraint(["county_id", "issued_by"], ["person.county_id", "person.id"]),
        one_of("client", Client),
        CheckConstraint("client IS NOT NULL OR expires_at IS NOT NULL", name="expiry"),
        Index(None, "county_id", "person_id"),
        Index("ix_device_session_device", "county_id", "device_id"),
        Index(
            "ix_device_session_key",
            "county_id",
            "token_hash",
            unique=True,
            postgresql_where=text("client IS NOT NULL"),
        ),
    )

    county_id: Mapped[str]
    id: Mapped[UUID]
    person_id: Mapped[UUID]
    device_id: Mapped[str | None]
    client: Mapped[str | None]
    token_hash: Mapped[bytes] = mapped_column(BYTEA)  # of the newest refresh token
    previous_hash: Mapped[bytes | None] = mapped_column(BYTEA)  # of the one before: good until the newest is used
    started_at: Mapped[datetime] = mapped_column(Timestamp)
    expires_at: Mapped[datetime | None] = mapped_column(Timestamp)
    last_used_at: Mapped[datetime | None] = mapped_column(Timestamp)  # of a client key
    issued_by: Mapped[UUID | None]  # who made the client key: the person, or their office
    ended_at: Mapped[datetime | None] = mapped_column(Timestamp)
    end_reason: Mapped[str | None]


class Contact(Base):
    """联系: when a phone was in touch, and what it said that it still held; null where it did not say."""

    __tablename__ = "contact"
    may = ("INSERT", "UPDATE", "DELETE")
    kept = "contact_retention_d"
    __table_args__ = (
        PrimaryKeyConstraint("county_id", "person_id", "device_id", "at"),
        ForeignKeyConstraint(["county_id", "person_id"], ["person.county_id", "person.id"]),
    )

    county_id: Mapped[str]
    person_id: Mapped[UUID]
    device_id: Mapped[str]
    at: Mapped[datetime] = mapped_column(Timestamp, index=True)
    waiting: Mapped[int | None]
    oldest_waiting_at: Mapped[datetime | None] = mapped_column(Timestamp)


class Quarantined(Base):
    """隔离: what a tracking app sent and nobody can take. `digest` is the SHA-256 of all of it."""

    __tablename__ = "quarantine"
    may = ("INSERT", "UPDATE", "DELETE")
    kept = "quarantine_retention_d"
    __table_args__ = (
        PrimaryKeyConstraint("county_id", "id"),
        UniqueConstraint("county_id", "session_id", "digest"),
        ForeignKeyConstraint(["county_id", "person_id"], ["person.county_id", "person.id"]),
        ForeignKeyConstraint(["county_id", "session_id"], ["device_session.county_id", "device_session.id"]),
        CheckConstraint("times_seen > 0", name="times_seen"),
        Index(None, "county_id", "person_id", "id"),
        Index(None, "county_id", "received_at"),
    )

    county_id: Mapped[str]
    id: Mapped[UUID]
    person_id: Mapped[UUID]
    session_id: Mapped[UUID]
    received_at: Mapped[datetime] = mapped_column(Timestamp)
    last_seen_at: Mapped[datetime] = mapped_column(Timestamp)
    times_seen: Mapped[int]
    reason: Mapped[str]
    body: Mapped[str]  # its beginning
    size: Mapped[int]  # of all of it, in bytes
    digest: Mapped[bytes] = mapped_column(BYTEA)


class PrivacyNotice(Base):
    """个人信息处理规则: a version of what the county tells its people about their data; the latest is in force."""

    __tablename__ = "privacy_notice"
    may = ("INSERT",)
    lasts = "what people have agreed to"
    __table_args__ = (
        PrimaryKeyConstraint("county_id", "version"),
        ForeignKeyConstraint(["county_id"], ["county.id"]),
        ForeignKeyConstraint(["county_id", "published_by"], ["person.county_id", "person.id"]),
        CheckConstraint("version > 0", name="version"),
        Index(None, "county_id", "published_by"),
    )

    county_id: Mapped[str]
    version: Mapped[int]
    text: Mapped[str]
    text_en: Mapped[str]
    published_at: Mapped[datetime] = mapped_column(Timestamp)
    published_by: Mapped[UUID]


class Consent(Base):
    """同意: a person has agreed to a version of the notice, or withdrawn that. The latest row stands."""

    __tablename__ = "consent"
    may = ("INSERT",)
    lasts = "the proof that somebody has agreed, or withdrawn"
    __table_args__ = (
        PrimaryKeyConstraint("county_id", "id"),
        ForeignKeyConstraint(["county_id", "person_id"], ["person.county_id", "person.id"]),
        ForeignKeyConstraint(["county_id", "version"], ["privacy_notice.county_id", "privacy_notice.version"]),
        Index(None, "county_id", "person_id", "id"),
    )

    county_id: Mapped[str]
    id: Mapped[UUID]
    person_id: Mapped[UUID]
    version: Mapped[int]
    at: Mapped[datetime] = mapped_column(Timestamp)
    agreed: Mapped[bool]
