"""How one wants to be told."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from app.http.wire import Plain
from app.kernel.language import Language
from app.notices.words import ChannelKind

_Name = Annotated[Plain, Field(max_length=40)]


class NoticePreferenceIn(BaseModel):
    """What is not said stays as it was.

    `channels`: only these, in this order; null: the county's. `addresses`: by channel, where one is needed.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"language": "zh-CN", "channels": None, "addresses": {}, "summary_at": 450}]
        }
    )

    language: Language = "zh-CN"
    channels: list[_Name] | None = Field(None, max_length=20)
    addresses: dict[_Name, Annotated[Plain, Field(max_length=200)]] = Field({}, max_length=20)
    summary_at: int | None = Field(
        None,
        ge=0,
        le=24 * 60 - 1,
        description="when the daily summary comes, in minutes after midnight in the county; null: its usual hour. "
        "In quiet hours it waits until they are over",
    )


class NoticeChannel(BaseModel):
    name: str
    kind: ChannelKind
    needs_address: bool = Field(description="it reaches only those who give an address")


class NoticePreferenceOut(NoticePreferenceIn):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "language": "zh-CN",
                    "channels": None,
                    "addresses": {},
                    "summary_at": 450,
                    "available": [{"name": "wecom", "kind": "apprise", "needs_address": True}],
                    "usual_summary_at": 480,
                    "webpush_public_key": "BNbN...",
                }
            ]
        }
    )

    available: list[NoticeChannel] = Field(description="the county's channels, in its order")
    usual_summary_at: int = Field(description="the county's hour for the daily summary, in minutes after midnight")
    webpush_public_key: str = Field(description="`applicationServerKey` for a browser's subscription")
