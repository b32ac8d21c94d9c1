"""Quarantine as the office sees it: with whose it is."""

from pydantic import BaseModel

from app.console.schemas.named import PersonRef
from app.http.client_keys import QuarantinedOut


class QuarantinedOfPerson(QuarantinedOut):
    person: PersonRef


class CountyQuarantinePage(BaseModel):
    items: list[QuarantinedOfPerson]
    next_cursor: str | None
