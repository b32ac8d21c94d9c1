"""The county's channels, words and hours of notices, on the wire."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from app.http.wire import Plain, Whole
from app.kernel.language import Language
from app.notices.own_words import MOST_BODY, MOST_TITLE
from app.notices.rules import MOST_A_DAY, NoticeSettings
from app.notices.words import ChannelKind

_Minute = Annotated[Whole, Field(ge=0, le=24 * 60 - 1, description="minutes after midnight in the county")]


class ResendIn(BaseModel):
    channel: Plain


class Resent(BaseModel):
    resent: int


class ChannelIn(BaseModel):
    """`url` is Apprise's; `{phone}` and `{address}` in it stand for the reader's. What is not said stays."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"url": "dingtalk://0123456789abcdef/{phone}", "position": 3, "for_group": True, "per_minute": 20}
            ]
        }
    )

    url: Plain | None = Field(None, max_length=1000)
    position: Whole = Field(ge=1, le=1000, description="lower ones are tried first")
    enabled: bool = True
    for_group: bool = Field(False, description="others read it too: only the reader's name and the title are said")
    per_minute: Whole | None = Field(
        None, ge=1, le=100_000, description="no more than so many; null: as many as come"
    )


class ChannelOut(BaseModel):
    name: str
    kind: ChannelKind
    position: int
    enabled: bool
    set_up: bool = Field(description="false: not on this installation, and what would go by it goes by the next")
    address: str | None = Field(description="what kind of URL it has; the rest of it is secret")
    needs_address: bool
    for_group: bool
    per_minute: int | None
    paused_until: datetime | None
    paused_reason: str | None
    paused_reason_text: str | None


class ChannelList(BaseModel):
    items: list[ChannelOut]


class ChannelTested(BaseModel):
    sent: bool = Field(description="false: you cannot be reached by it")


class WordsOut(BaseModel):
    title: str
    body: str


class TemplateText(BaseModel):
    house: WordsOut
    own: WordsOut | None


class TemplateTexts(BaseModel):
    zh_cn: TemplateText = Field(alias="zh-CN")
    en: TemplateText


class TemplateOut(BaseModel):
    kind: str
    placeholders: list[str]
    texts: TemplateTexts


class TemplateList(BaseModel):
    items: list[TemplateOut]


class WordsIn(BaseModel):
    # How long they may be is said by the check that also looks at what they name.
    title: Plain = Field(max_length=10 * MOST_TITLE)
    body: Plain = Field(max_length=10 * MOST_BODY)


class PreviewIn(WordsIn):
    kind: str
    language: Language


class Preview(WordsOut):
    lock_screen: WordsOut


class NoticeSettingsIn(BaseModel):
    """What is left out of `summary_at` and `notices_per_day` stays as it is."""

    quiet_from: _Minute
    quiet_until: _Minute
    reminders: list[float | str] = Field(max_length=10, description="shares of a period, and last_working_day")
    remind_at: _Minute
    digest_day: Whole = Field(ge=1, le=7, description="Monday is 1")
    digest_at: _Minute
    summary_at: _Minute = Field(NoticeSettings().summary_at, description="of whoever has not chosen another hour")
    notices_per_day: int = Field(
        NoticeSettings().notices_per_day,
        ge=1,
        le=MOST_A_DAY,
        description="so many a person is told in a day, the daily summary included and what is urgent not; "
        "the rest waits for the summary",
    )
