"""Tables of notices: what a person must be told, always readable in the app's inbox, and how it reaches them."""

from datetime import datetime
from typing import get_args
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKeyConstraint,
    Index,
    PrimaryKeyConstraint,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TEXT
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.database import Base, Timestamp, one_of
from app.kernel.language import Language
from app.notices.words import ChannelKind, DeliveryStatus


class Notice(Base):
    """通知. `occasion` says what it is about, so that nothing is told twice; texts are made when read."""

    __tablename__ = "notice"
    may = ("INSERT", "UPDATE", "DELETE")
    kept = "notice_retention_d"
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
    about: Mapped[dict[str, object]] = mapped_column(JSONB)
    created_at: Mapped[datetime] = mapped_column(Timestamp)
    until: Mapped[datetime | None] = mapped_column(Timestamp)  # from then on it is of no use to anyone's phone
    read_at: Mapped[datetime | None] = mapped_column(Timestamp)


class DeferredNotice(Base):
    """What need not be told singly, or was over the reader's budget of the day: told in their next summary."""

    __tablename__ = "deferred_notice"
    may = ("INSERT", "UPDATE", "DELETE")
    kept = "notice_retention_d"
    __table_args__ = (
        PrimaryKeyConstraint("county_id", "id"),
        UniqueConstraint("county_id", "person_id", "occasion"),
        ForeignKeyConstraint(["county_id", "person_id"], ["person.county_id", "person.id"]),
        Index(
            "ix_deferred_notice_waiting",
            "county_id",
            "person_id",
            postgresql_where=text("summary_id IS NULL"),
        ),
    )

    county_id: Mapped[str]
    id: Mapped[UUID]
    person_id: Mapped[UUID]
    kind: Mapped[str]
    occasion: Mapped[str]
    about: Mapped[dict[str, object]] = mapped_column(JSONB)
    created_at: Mapped[datetime] = mapped_column(Timestamp)
    summary_id: Mapped[UUID | None]  # the notice that told it


class SummaryTurn(Base):
    """Until when a person's daily summaries have told them; moved on also on days without news."""

    __tablename__ = "summary_turn"
    may = ("INSERT", "UPDATE", "DELETE")
    lasts = "one row for each person; goes when they are made anonymous"
    __table_args__ = (
        PrimaryKeyConstraint("county_id", "person_id"),
        ForeignKeyConstraint(["county_id", "person_id"], ["person.county_id", "person.id"]),
    )

    county_id: Mapped[str]
    person_id: Mapped[UUID]
    told_until: Mapped[datetime] = mapped_column(Timestamp)


class NoticeChannel(Base):
    """通知渠道: a way by which a county reaches its people; lower positions are tried first."""

    __tablename__ = "notice_channel"
    may = ("INSERT", "UPDATE")
    lasts = "the county's own, of nobody"
    __table_args__ = (
        PrimaryKeyConstraint("county_id", "name"),
        ForeignKeyConstraint(["county_id"], ["county.id"]),
        one_of("kind", ChannelKind),
        CheckConstraint("name ~ '^[a-z][a-z0-9_]{0,30}$'", name="name"),
        CheckConstraint("(kind = 'apprise') = (url IS NOT NULL)", name="url"),
        CheckConstraint("per_minute > 0", name="per_minute"),
    )

    county_id: Mapped[str]
    name: Mapped[str]
    kind: Mapped[str]
    position: Mapped[int]
    enabled: Mapped[bool] = mapped_column(server_default=text("true"))
    url: Mapped[str | None]  # of apprise, a secret; `{phone}` and `{address}` stand for the reader's
    for_group: Mapped[bool] = mapped_column(server_default=text("false"))  # others read it: name and title only
    per_minute: Mapped[int | None]  # no more than so many; `allowance` is how many of them were left then
    allowance: Mapped[float] = mapped_column(server_default="0")
    allowance_at: Mapped[datetime | None] = mapped_column(Timestamp)
    paused_until: Mapped[datetime | None] = mapped_column(Timestamp)  # asked for by who runs the channel
    paused_reason: Mapped[str | None]


class NoticePreference(Base):
    """How one person wants to be told. Without a row: in Chinese, by the county's channels in their order."""

    __tablename__ = "notice_preference"
    may = ("INSERT", "UPDATE", "DELETE")
    lasts = "one row for each person; goes when they are made anonymous"
    __table_args__ = (
        PrimaryKeyConstraint("county_id", "person_id"),
        ForeignKeyConstraint(["county_id", "person_id"], ["person.county_id", "person.id"]),
        one_of("language", get_args(Language)),
        CheckConstraint("summary_at BETWEEN 0 AND 1439", name="summary_at"),
    )

    county_id: Mapped[str]
    person_id: Mapped[UUID]
    language: Mapped[str] = mapped_column(server_default="zh-CN")
    channels: Mapped[list[str] | None] = mapped_column(ARRAY(TEXT))  # only these, in this order
    addresses: Mapped[dict[str, str]] = mapped_column(JSONB, server_default=text("'{}'"))  # by channel name
    summary_at: Mapped[int | None]  # minutes after midnight of the daily summary; null: the county's hour


class NoticeTemplate(Base):
    """A county's own words for a kind of notice, in one language."""

    __tablename__ = "notice_template"
    may = ("INSERT", "UPDATE", "DELETE")
    lasts = "the county's own words, of nobody"
    __table_args__ = (
        PrimaryKeyConstraint("county_id", "kind", "language"),
        ForeignKeyConstraint(["county_id"], ["county.id"]),
        ForeignKeyConstraint(["county_id", "changed_by"], ["person.county_id", "person.id"]),
        one_of("language", get_args(Language)),
    )

    county_id: Mapped[str]
    kind: Mapped[str]
    language: Mapped[str]
    title: Mapped[str]
    body: Mapped[str]
    changed_at: Mapped[datetime] = mapped_column(Timestamp)
    changed_by: Mapped[UUID]


class Delivery(Base):
    """发送: one notice on its way by one channel, to one phone where the channel reaches phones.

    A dispatcher that takes it moves `due_at` ahead; if it dies, the delivery is due again then.
    """

    __tablename__ = "delivery"
    may = ("INSERT", "UPDATE", "DELETE")
    kept = "notice_retention_d"
    __table_args__ = (
        PrimaryKeyConstraint("county_id", "id"),
        UniqueConstraint("county_id", "notice_id", "channel", "device_id"),
        ForeignKeyConstraint(["county_id", "notice_id"], ["notice.county_id", "notice.id"]),
        ForeignKeyConstraint(["county_id", "channel"], ["notice_channel.county_id", "notice_channel.name"]),
        one_of("status", DeliveryStatus),
        Index(
            "ix_delivery_due",
            "county_id",
            "channel",
            text("urgent DESC"),
            "due_at",
            postgresql_where=text("status = 'waiting'"),
        ),
        Index("ix_delivery_dead", "county_id", "changed_at", postgresql_where=text("status = 'dead'")),
    )

    county_id: Mapped[str]
    id: Mapped[UUID]
    notice_id: Mapped[UUID]
    channel: Mapped[str]
    device_id: Mapped[str] = mapped_column(server_default="")  # empty where the channel knows no devices
    status: Mapped[str] = mapped_column(server_default="waiting")
    urgent: Mapped[bool]
    due_at: Mapped[datetime] = mapped_column(Timestamp)
    attempts: Mapped[int] = mapped_column(server_default="0")
    reason: Mapped[str | None]  # why the last attempt came to nothing
    reply: Mapped[str | None]  # what the channel calls the message it took
    created_at: Mapped[datetime] = mapped_column(Timestamp)
    changed_at: Mapped[datetime] = mapped_column(Timestamp)
