"""What leaders say of flags, one or many at once, on the wire."""

from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from app.duties.words import FlagStatus
from app.http.wire import Moment
from app.kernel.language import Text
from app.reads.answers.named import PersonRef

MOST_IDS = 500
MOST_LEVEL = 100
Level = Annotated[int, Field(ge=1, le=MOST_LEVEL, description="a step of the county's ladder")]


class Decision(BaseModel):
    """Why a flag is acknowledged or cleared."""

    reason: Annotated[
        str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500, pattern=r"^[^\x00]*$")
    ]


class Match(BaseModel):
    """As the list was filtered; left out: any."""

    status: FlagStatus | None = None
    unit: UUID | None = None
    person: UUID | None = None
    rule: UUID | None = None
    level: Level | None = None
    mine: bool = Field(False, description="only those put before the caller")
    as_of: Moment | None = Field(None, description="`as_of` of the totals: what was raised since is left alone")


class Answer(Decision):
    """One reason for many flags: those named, or those that match."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"reason": "已统一约谈", "match": {"status": "open", "level": 1}}]}
    )

    ids: Annotated[list[UUID], Field(min_length=1, max_length=MOST_IDS)] | None = None
    match: Match | None = None

    @model_validator(mode="after")
    def one_of_both(self) -> Self:
        if (self.ids is None) == (self.match is None):
            text = Text("ids 与 match 二选一", "Either ids or match")
            raise PydanticCustomError("one_of_both", "{text}", {"text": text, "at": "ids"})
        return self


class PastFlag(BaseModel):
    id: UUID
    status: FlagStatus
    person: PersonRef


class Answered(BaseModel):
    done: int
    past: list[PastFlag] = Field(description="settled or withdrawn meanwhile; they stay as they are")
    not_yours: list[UUID] = Field(description="about the caller or a peer: those above settle them")
    not_found: list[UUID] = Field(description="of `ids`: outside of what the caller may see")
