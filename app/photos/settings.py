"""What a county sets for photos."""

from dataclasses import dataclass

from app.kernel.county_settings import RoomSettings, setting
from app.kernel.language import Text


@dataclass(frozen=True, slots=True)
class PhotoSettings(RoomSettings):
    """How long photos are kept."""

    photo_retention_d: int = setting(
        365, "d", Text("照片上传后保留多少天", "photos are deleted so many days after their upload"), phones=True
    )
