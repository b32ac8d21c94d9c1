"""Two records of one person, or two people that look alike."""

from uuid import UUID

from pydantic import BaseModel, Field


class MergeIn(BaseModel):
    """合并."""

    from_id: UUID = Field(description="the record that goes into the other")


class MergeDone(BaseModel):
    """What went over to the record that stays, or with `preview` would."""

    visits: int
    posts: int
    assignments: int
    leave: int
    appeals: int
    sessions: int = Field(description="phones and browsers that stay signed in, as who stays")
    duties_counted: int
    duties_changed: int
    flags_raised: int
    flags_withdrawn: int


class TwoPeopleIn(BaseModel):
    """是两个人."""

    one_id: UUID
    other_id: UUID
