"""Quarantine as the office sees it: with whose it is."""

from pydantic import BaseModel

from app.http.client_keys import QuarantinedOut
from app.reads.answers.named import PersonRef


class QuarantinedOfPerson(QuarantinedOut):
    person: PersonRef


class CountyQuarantinePage(BaseModel):
    items: list[QuarantinedOfPerson]
    next_cursor: str | None
