"""What people are told of their data, and what they have agreed to, on the wire."""

from datetime import datetime
from typing import Self

from pydantic import BaseModel, ConfigDict, Field

from app.access.privacy import Standing
from app.kernel.language import Language


class PrivacyNoticeOut(BaseModel):
    """个人信息处理规则, the version in force."""

    version: int
    text: str = Field(description="in the caller's language; paragraphs are lines")
    published_at: datetime


class SaidOut(BaseModel):
    """What one said last, to which version."""

    version: int
    agreed: bool = Field(description="false: not agreed, or withdrawn")
    at: datetime


class PrivacyOut(BaseModel):
    """The notice in force and one's answer to it; null where there is none."""

    notice: PrivacyNoticeOut | None
    said: SaidOut | None
    ask: bool = Field(description="the version in force has no answer yet: show it. Nothing waits for the answer")
    effect: str = Field(description="in the caller's language: what agreement is for, and what needs none")

    @classmethod
    def of(cls, standing: Standing, effect: str, language: Language) -> Self:
        notice, said = standing.notice, standing.said
        return cls(
            notice=notice
            and PrivacyNoticeOut(
                version=notice.version,
                text=notice.text_en if language == "en" and notice.text_en else notice.text,
                published_at=notice.published_at,
            ),
            said=said and SaidOut(**said._asdict()),
            ask=standing.ask,
            effect=effect,
        )


class PrivacyIn(BaseModel):
    """An answer to the notice; the last one stands."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"version": 1, "agreed": True}]})

    version: int = Field(ge=1, le=2**31 - 1, description="that was read")
    agreed: bool = Field(description="false takes an agreement back, at any time")
