"""Client keys and quarantine on the wire, for the person's door and the office's; and how an app is set up."""

import base64
import json
from datetime import datetime
from typing import Annotated
from urllib.parse import quote, urlencode
from uuid import UUID

from fastapi import Request
from pydantic import BaseModel, ConfigDict, Field

from app.access.client_keys import Issued
from app.access.words import Client
from app.http.site import base_url

_PATHS: dict[str, str] = {
    "owntracks": "v1/clients/owntracks",
    "traccar": "v1/clients/osmand",
    "overland": "v1/clients/overland",
}


class ClientKeyIn(BaseModel):
    """Which app on which device a key is for. A new one for the same two replaces the old when first used."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"client": "owntracks", "device_id": "phone-1"}]})

    client: Client
    device_id: Annotated[
        str, Field(min_length=1, max_length=100, pattern="^[!-~]+$", description="a name for the device")
    ] = "phone"


class ClientKeyIssued(BaseModel):
    """A new key, with all that the app must be told."""

    id: UUID
    client: Client
    device_id: str
    key: str = Field(description="shown this once")
    username: str = Field(description="for apps that ask for one: the phone number")
    url: str = Field(description="where the app posts to")
    setup_link: str = Field(description="opened on the phone, or scanned as a QR code, it sets the app up")


class Explained(BaseModel):
    """A code for programs and its meaning for people."""

    code: str
    detail: str = Field(description="in the caller's language")


class ClientStatus(BaseModel):
    """What the app last said of its device: what may keep it silent."""

    at: datetime
    problems: list[Explained]


class ClientKeyOut(BaseModel):
    """A key that is good."""

    id: UUID
    client: Client
    device_id: str
    created_at: datetime
    last_used_at: datetime | None
    status: ClientStatus | None


class ClientKeyList(BaseModel):
    """The newest first."""

    items: list[ClientKeyOut]


class QuarantinedOut(BaseModel):
    """What an app sent and nobody can take; it will not come again."""

    id: UUID
    client: Client
    device_id: str
    received_at: datetime
    last_seen_at: datetime
    times_seen: int
    reason: Explained
    size: int = Field(description="bytes")
    body: str = Field(description="its first 1,000 characters")


class QuarantinePage(BaseModel):
    """The newest first."""

    items: list[QuarantinedOut]
    next_cursor: str | None


def issued(request: Request, new: Issued) -> dict[str, object]:
    """The one answer that shows the key, with all that the app must be told."""
    url = f"{base_url(request)}/{_PATHS[new.client]}"
    return {
        "id": new.id,
        "client": new.client,
        "device_id": new.device_id,
        "key": new.key,
        "username": new.phone,
        "url": url,
        "setup_link": _setup_link(new, url),
    }


def _setup_link(new: Issued, url: str) -> str:
    """As each app reads it.

    Source: OwnTracks' booklet ("Remote configuration"), `configuration_service.dart` of Traccar Client, Overland's
    README ("Setup").
    """
    if new.client == "owntracks":
        config = {
            "_type": "configuration",
            "mode": 3,  # HTTP
            "url": url,
            "auth": True,
            "username": new.phone,
            "password": new.key,
            "deviceId": new.device_id,
            "cmd": False,
            "encryptionKey": "",
            "monitoring": 0,  # manual: only what the user sends
        }
        inline = base64.b64encode(json.dumps(config).encode()).decode()
        return f"owntracks:///config?inline={quote(inline, safe='')}"
    if new.client == "traccar":
        return f"{url}?{urlencode({'id': new.key, 'accuracy': 'high', 'interval': 300, 'buffer': 'true'})}"
    return f"overland://setup?{urlencode({'url': url, 'token': new.key, 'device_id': new.device_id})}"
