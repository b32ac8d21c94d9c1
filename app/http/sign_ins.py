"""Sign-ins on the wire, as their owner and the office read them."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from app.access.words import SignInResult


class SignInOut(BaseModel):
    """登录记录: a try to sign in, or to prove who one is by the password."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    at: datetime
    result: SignInResult
    address: str = Field(description="network address that it came from, as the server saw it")
    device_id: str | None = Field(description="null: a browser")
    agent: str | None = Field(description="what the browser or app calls itself")


class SignInList(BaseModel):
    """A page of them, newest first."""

    model_config = ConfigDict(from_attributes=True)

    items: list[SignInOut]
    next_cursor: str | None
