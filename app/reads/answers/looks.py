"""Who looked at whom, for the county's office; and how its evidence is sealed."""

from datetime import datetime

from pydantic import BaseModel, Field

from app.kernel.audit import Looked
from app.reads.answers.named import Named


class LookAt(BaseModel):
    """Somebody was shown what shows where a person was, what they owe, or why they were away."""

    at: datetime
    by: Named
    person: Named
    what: Looked


class LookAtPage(BaseModel):
    items: list[LookAt] = Field(description="the latest first; of lists and maps each person once an hour")
    next_cursor: str | None


class SealHead(BaseModel):
    """封存链头: the last link of the chain of seals. Who keeps it elsewhere can tell a chain made anew."""

    number: int | None = Field(description="null before anything was sealed")
    hash: str | None = Field(description="hexadecimal")
    sealed_at: datetime | None
    waiting: int = Field(description="rows that are not sealed yet")
