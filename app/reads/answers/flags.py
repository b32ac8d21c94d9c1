"""How many flags there are, on the wire."""

from datetime import datetime

from pydantic import BaseModel, Field

from app.duties.words import FlagStatus
from app.reads.answers.named import Named, UnitRef


class StatusTotal(BaseModel):
    status: FlagStatus
    flags: int


class RuleTotal(BaseModel):
    rule: Named
    flags: int


class LevelTotal(BaseModel):
    level: int
    name: str = Field(description="whom a flag of this level was put before last, in the caller's language")
    flags: int


class UnitTotal(BaseModel):
    unit: UnitRef
    flags: int


class FlagTotals(BaseModel):
    """Each list counts what the other filters leave: what choosing one of its items would show."""

    as_of: datetime = Field(description="for `match`: an answer then is for what was counted here")
    flags: int = Field(description="that all the filters leave")
    statuses: list[StatusTotal]
    rules: list[RuleTotal]
    levels: list[LevelTotal]
    units: list[UnitTotal] = Field(description="the children of the unit looked at, as on the board")
