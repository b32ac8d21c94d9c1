"""What a county sets for every room: its night, and how far phones' clocks are believed."""

from dataclasses import dataclass

from app.kernel.county_settings import RoomSettings, setting
from app.kernel.language import Text

_DAY_MIN = 24 * 60


@dataclass(frozen=True, slots=True)
class GeneralSettings(RoomSettings):
    """An end of the night that is not after its start is of the next morning."""

    night_start: int = setting(
        18 * 60 + 30,
        "clock",
        Text("夜间自几时起；夜访按当晚计", "when the night begins; a night visit belongs to its evening"),
        most=2 * _DAY_MIN,
        phones=True,
    )
    night_until: int = setting(
        29 * 60,
        "clock",
        Text("夜间至次日几时止", "when it ends, on the next morning; 300 and 1740 are both 05:00"),
        most=2 * _DAY_MIN,
        phones=True,
    )
    clock_skew_s: int = setting(
        300,
        "s",
        Text("手机时间超前服务器多少秒以上须核实", "captured further ahead of the server than this is held"),
    )

    @property
    def night(self) -> tuple[int, int]:
        """From when until when it is night, in minutes after midnight."""
        until = self.night_until
        return self.night_start, until if until > self.night_start else until + _DAY_MIN
