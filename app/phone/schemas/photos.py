"""Photos on the wire."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, Field


class PhotoOut(BaseModel):
    """照片: what the bytes turned out to be."""

    id: UUID
    content_type: Literal["image/jpeg", "image/png", "image/webp"]
    size_bytes: int = Field(description="of what is kept of it, without what the camera wrote beside the picture")
    width: int = Field(description="pixels, as displayed")
    height: int
    taken_at: datetime | None = Field(description="when the camera says that it was taken (EXIF)")
    uploaded_at: datetime
    deleted_at: datetime | None = Field(description="when it was deleted after the county's retention time")
