"""A county's own templates of a document, on the wire."""

from datetime import datetime

from pydantic import BaseModel, Field

from app.kernel.language import Language
from app.reads.answers.named import Named


class TemplateVersion(BaseModel):
    """文书模板: one that the county has used, or its going back to the house's."""

    version: int
    house: bool = Field(description="the house's template from then on; there is no file")
    file_name: str = Field(description="as it was sent")
    made_by: Named
    made_at: datetime = Field(description="in use from then on")


class TemplateHistory(BaseModel):
    """The templates of one language."""

    language: Language
    versions: list[TemplateVersion] = Field(description="the newest first, which is in use; none: the house's is")
