"""What a county sets for tracks."""

from dataclasses import dataclass

from app.kernel.county_settings import RoomSettings, setting
from app.kernel.language import Text


@dataclass(frozen=True, slots=True)
class TrackSettings(RoomSettings):
    """Whether tracks are kept at all, and for how long."""

    tracks: bool = setting(
        False,
        "switch",
        Text(
            "是否保存轨迹；关闭时不再保存，已有的删除",
            "are tracks kept at all? If not, none is stored, and what there was is deleted",
        ),
        phones=True,
    )
    track_retention_d: int = setting(
        30, "d", Text("轨迹除当天外保留多少天", "a track is kept so many days beside today's"), phones=True
    )
