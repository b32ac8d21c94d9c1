"""The templates of the circular on the wire, and what they may name."""

from pydantic import BaseModel, Field

from app.reads.answers.document_templates import TemplateHistory


class CircularName(BaseModel):
    """A name that a template of the circular may hold."""

    name: str = Field(description="as it is written between braces, such as `unit` or `person.name`")
    meaning: str = Field(description="in the caller's language")


class CircularList(BaseModel):
    """A list over which a template of the circular may repeat."""

    name: str
    meaning: str = Field(description="in the caller's language")
    begin: str = Field(
        description="the mark by which the house's template begins to repeat, a row or paragraph of its own"
    )
    end: str = Field(description="the mark by which it ends")
    names: list[CircularName]


class CircularTemplates(BaseModel):
    """通报模板: of each language, and what they may name."""

    items: list[TemplateHistory]
    names: list[CircularName]
    lists: list[CircularList]
