"""How one wants to be told."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from app.asgi.wire import Plain
from app.kernel.language import Language

_Name = Annotated[Plain, Field(max_length=40)]


class NoticePreferenceIn(BaseModel):
    """What is not said stays as it was.

    `channels`: only these, in this order; null: the county's. `addresses`: by channel, where one is needed.
    """

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"language": "zh-CN", "channels": None, "addresses": {}}]}
    )

    language: Language = "zh-CN"
    channels: list[_Name] | None = Field(None, max_length=20)
    addresses: dict[_Name, Annotated[Plain, Field(max_length=200)]] = Field({}, max_length=20)


class NoticeChannel(BaseModel):
    name: str
    kind: Literal["fcm", "webpush", "apprise"]
    needs_address: bool = Field(description="it reaches only those who give an address")


class NoticePreferenceOut(NoticePreferenceIn):
    available: list[NoticeChannel] = Field(description="the county's channels, in its order")
    webpush_public_key: str = Field(description="`applicationServerKey` for a browser's subscription")
