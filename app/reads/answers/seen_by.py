"""Who looked at a person's places, for that person."""

from datetime import datetime

from pydantic import BaseModel, Field

from app.directory.words import Role
from app.kernel.audit import Looked
from app.reads.answers.named import Named


class LookingPost(BaseModel):
    """任职 of whoever looked."""

    role: Role
    title: str
    unit: str = Field(description="its name")


class Look(BaseModel):
    """Somebody was shown where one was, what one owes or was told, or why one was away."""

    at: datetime
    by: Named
    posts: list[LookingPost] = Field(description="those that they held on that day")
    what: Looked = Field(description="check_ins: the list of one's own; duty: with the visits it was counted from")


class LookPage(BaseModel):
    items: list[Look] = Field(description="the latest first; maps and lists of many people once an hour")
    next_cursor: str | None
