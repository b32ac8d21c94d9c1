"""Problem details (RFC 9457) on the wire."""

from pydantic import BaseModel, ConfigDict, Field


class FieldErrorOut(BaseModel):
    pointer: str = Field(description="JSON pointer to the field (RFC 6901)")
    code: str = Field(description="stable, for programs")
    detail: str = Field(description="in the caller's language")


class ProblemOut(BaseModel):
    """Every error has this shape."""

    model_config = ConfigDict(title="Problem")

    type: str = Field(description="stable URI reference, such as /problems/invalid")
    title: str
    status: int
    detail: str = Field(description="in the caller's language (Accept-Language: zh-CN or en)")
    instance: str | None = None
    errors: list[FieldErrorOut]
