"""What the page of duplicate people answers."""

from datetime import date
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from app.directory.words import Category, Likeness
from app.reads.answers.named import LastContact, UnitRef


class DuplicateRecord(BaseModel):
    """One of two records that look like one person's."""

    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True)

    id: UUID
    name: str
    phone: str
    number: str | None
    category: Category
    unit: UnitRef
    from_: date = Field(alias="from")
    until: date | None
    last_contact_at: LastContact
    account: bool = Field(description="whether somebody signs in with it")
    visits: int


class Duplicate(BaseModel):
    """疑似重复: two records; `stays` is the one with an account, or with more visits."""

    stays: DuplicateRecord
    other: DuplicateRecord
    confidence: float = Field(description="0 to 1, by the reasons together")
    reasons: list[Likeness]


class DuplicateList(BaseModel):
    """The likeliest first."""

    items: list[Duplicate]
