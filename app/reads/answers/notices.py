"""Notices as the office sees them: what was sent, by which channels, in which words."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, Field

from app.notices.words import DeliveryStatus
from app.reads.answers.named import PersonRef


class DeliveryDevice(BaseModel):
    id: str
    model: str | None


class DeliveryOut(BaseModel):
    """One notice on its way by one channel, to one phone where the channel reaches phones."""

    id: UUID
    channel: str
    device: DeliveryDevice | None
    status: DeliveryStatus
    status_text: str
    attempts: int
    reason: str | None
    reason_text: str | None
    due_at: datetime
    created_at: datetime
    changed_at: datetime


class NoticeRef(BaseModel):
    id: UUID
    kind: str
    title: str
    body: str
    created_at: datetime


class DeliveryOfPerson(DeliveryOut):
    notice: NoticeRef
    person: PersonRef


class DeliveryPage(BaseModel):
    items: list[DeliveryOfPerson]
    next_cursor: str | None


class ToldNotice(NoticeRef):
    read_at: datetime | None
    deliveries: list[DeliveryOut]


class ToldPage(BaseModel):
    items: list[ToldNotice]
    next_cursor: str | None


class ChannelSummary(BaseModel):
    channel: str
    waiting: int
    sent: int
    failed: int
    dead: int
    needless: int


class DeliverySummary(BaseModel):
    days: int = Field(description="those that changed in so many days")
    items: list[ChannelSummary]
