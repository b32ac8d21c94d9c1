"""Appeals on the wire."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from app.duties.appeals import NewAppeal
from app.duties.words import AppealStatus
from app.http.wire import MadeId, Plain
from app.kernel.language import Text


class AppealIn(BaseModel):
    """Against a flag or against the standing of a check-in: exactly one of them."""

    model_config = ConfigDict(
        str_strip_whitespace=True,
        json_schema_extra={
            "examples": [
                {
                    "id": "0b0e8f6e-26f6-4a5c-9a3e-3f0c8c1f7a11",
                    "check_in_id": "01936c3e-7b1a-7c35-9a58-0d8f0a4e2b60",
                    "text": "当晚在村，手机没有信号。",
                }
            ]
        },
    )

    id: MadeId = Field(description="made by the phone; the same again is answered with 200")
    flag_id: UUID | None = None
    check_in_id: UUID | None = None
    text: Plain = Field(min_length=1, max_length=2000)
    photo_ids: list[MadeId] = Field(
        default_factory=list, max_length=20, description="uploaded before or after, as those of a check-in"
    )

    @model_validator(mode="after")
    def _about_one(self) -> "AppealIn":
        if (self.flag_id is None) == (self.check_in_id is None):
            text = Text("flag_id 与 check_in_id 应且只应填一个", "Exactly one of flag_id and check_in_id")
            raise PydanticCustomError("one_subject", "{text}", {"text": text, "at": "flag_id"})
        return self

    def of(self, person_id: UUID) -> NewAppeal:
        return NewAppeal(self.id, person_id, self.flag_id, self.check_in_id, self.text, tuple(self.photo_ids))


class AppealRefOut(BaseModel):
    """申诉: the latest one about it."""

    id: UUID
    status: AppealStatus


class DeciderOut(BaseModel):
    id: UUID
    name: str
    post: str = Field(description="at the time of the decision")


class DecisionOut(BaseModel):
    reason: str
    by: DeciderOut
    at: datetime


class AppealOut(BaseModel):
    """申诉 and what became of it."""

    id: UUID
    flag_id: UUID | None
    check_in_id: UUID | None
    instance: Literal[1, 2] = Field(description="1: to those who answer for one; 2: to the county office")
    text: str
    photo_ids: list[UUID]
    filed_at: datetime
    until: datetime = Field(description="it could be filed before")
    due_at: datetime = Field(description="it is to be decided before")
    status: AppealStatus = Field(description="upheld: it stays as it was; late: filed too late, on record only")
    decision: DecisionOut | None


class AppealList(BaseModel):
    items: list[AppealOut]
    next_cursor: str | None
