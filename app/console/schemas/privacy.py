"""The office's part of personal data, on the wire."""

from datetime import datetime

from pydantic import BaseModel, Field

from app.http.wire import Plain


class PrivacyNotice(BaseModel):
    """个人信息处理规则, as it is in force; version 0 is the house's draft, which nobody has published."""

    version: int
    text: str
    text_en: str
    published_at: datetime | None


class PrivacyNoticeIn(BaseModel):
    """The next version: everybody is asked about it."""

    text: Plain = Field(min_length=1, max_length=20_000)
    text_en: Plain = Field("", max_length=40_000, description="empty: English readers are shown the Chinese")


class AnonymiseIn(BaseModel):
    """匿名."""

    reason: Plain = Field(min_length=1, max_length=500)


class AnonymiseDone(BaseModel):
    """What went of the person, and what stays without a name; with `preview` what would."""

    photos: int = Field(description="deleted")
    notices: int = Field(description="deleted")
    sessions: int = Field(description="deleted")
    devices: int = Field(description="deleted")
    sign_ins: int = Field(description="deleted")
    track_fixes: int = Field(description="deleted")
    visits: int = Field(description="kept, without note and phone")
    leave: int = Field(description="kept, without reasons")
    audit_entries: int = Field(description="that named the person: kept, without the name")
