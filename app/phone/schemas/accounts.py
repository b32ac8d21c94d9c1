"""Signing in, passwords and sessions on the wire."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from app.access.passwords import LONGEST
from app.directory.words import Category
from app.http.wire import DeviceId, Plain

_Password = Annotated[Plain, Field(max_length=LONGEST)]


class PersonOut(BaseModel):
    id: UUID
    name: str
    category: Category
    county_id: str = Field(description="GB/T 2260 code")


class TokenOut(BaseModel):
    access_token: str
    refresh_token: str = Field(
        description="for the next access token. The one before stays good until this one has been used, "
        "lest a lost reply sign anybody out; use of it after that ends the device's session. Empty where a page"
        " asked for a cookie"
    )
    token_type: Literal["bearer"] = "bearer"  # noqa: S105
    expires_in: int = Field(description="seconds")
    person: PersonOut


class ActivationIn(BaseModel):
    """激活: a one-time code from the office, and the password that its owner chooses."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"code": "451029-K7QM-2XPD-9HTV", "password": "my own secret", "device_id": "phone-1"}]
        }
    )

    code: Plain = Field(
        max_length=100, description="as on the slip; small letters, spaces and other dashes are the same"
    )
    password: _Password = Field(description="8 characters or more, not easily guessed, without one's phone number")
    device_id: DeviceId | None = Field(
        None, max_length=100, description="required for phones, optional for browsers"
    )


class PasswordIn(BaseModel):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"old_password": "yefang-demo", "new_password": "my own secret"}]}
    )

    old_password: _Password
    new_password: _Password = Field(description="as for activation")
    end_other_sessions: bool = Field(default=False, description="sign out everywhere but here")


class SecondFactorOut(BaseModel):
    """动态口令: whether a code of an authenticator app is asked for beside the password."""

    enabled: bool
    since: datetime | None


class SecondFactorIn(BaseModel):
    model_config = ConfigDict(json_schema_extra={"examples": [{"password": "yefang-demo"}]})

    password: _Password


class SecondFactorMade(BaseModel):
    """What the authenticator app is to hold, shown this once."""

    secret: str = Field(description="base32, to type in where no camera is")
    uri: str = Field(description="otpauth://totp/...")
    qr: str = Field(description="SVG path, drawn with a stroke of 1 in a square of `qr_size` units a side")
    qr_size: int


class CodeIn(BaseModel):
    model_config = ConfigDict(json_schema_extra={"examples": [{"code": "123456"}]})

    code: Plain = Field(max_length=20, description="six digits of the authenticator app")


class SessionOut(BaseModel):
    """Where one is signed in."""

    id: UUID
    current: bool = Field(description="the one that asks")
    device_id: str | None = Field(description="null: a browser")
    platform: str | None
    model: str | None
    app_version: str | None
    started_at: datetime
    last_seen_at: datetime | None = Field(description="when the device was last in touch; null: not known")
    expires_at: datetime = Field(description="when it ends unless it is used")


class SessionList(BaseModel):
    items: list[SessionOut]
