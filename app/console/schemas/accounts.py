"""Activation codes and sessions of others on the wire."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, Field


class ActivationMade(BaseModel):
    """激活码, which is shown this once."""

    code: str
    expires_at: datetime


class SlipsIn(BaseModel):
    """For whom slips are made: those of one unit's subtree who cannot sign in yet."""

    unit: UUID
    page: str = Field(
        max_length=300,
        pattern=r"^https?://[^\s#?]+$",
        description="where people open the page, such as https://yefang.example.cn/: the QR codes lead there,"
        " unless the installation says where it is (YEFANG_PUBLIC_URL)",
    )


class SlipOut(BaseModel):
    """激活条: one person's code, as text and as a QR code that opens the page with it."""

    person_id: UUID
    name: str
    phone: str = Field(description="its middle is left out")
    unit: str
    code: str
    qr: str = Field(description="SVG path, drawn with a stroke of 1 in a square of `qr_size` units a side")
    qr_size: int


class LeftOut(BaseModel):
    """Who gets no slip, and why."""

    person_id: UUID
    name: str
    unit: str
    detail: str


class SlipList(BaseModel):
    items: list[SlipOut]
    expires_at: datetime | None
    left_out: list[LeftOut]


class SessionsEnded(BaseModel):
    ended: int = Field(description="sessions, those of tracking apps included")
