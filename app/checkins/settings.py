"""What a county sets for check-ins: from where on something about one is odd (docs/integrity.md)."""

from collections.abc import Mapping
from dataclasses import dataclass

from app.checkins.words import Severity
from app.kernel.county_settings import RoomSettings, setting
from app.kernel.language import Text


def _severities(value: object) -> bool:
    return isinstance(value, Mapping) and all(word in Severity.codes() for word in value.values())


@dataclass(frozen=True, slots=True)
class VisitSettings(RoomSettings):
    """Thresholds of the integrity signals, and what each signal does."""

    stale_fix_s: int = setting(
        300,
        "s",
        Text(
            "定位时间与签到时间相差多少秒以上须核实", "a place measured longer before or after the visit is held"
        ),
    )
    oldest_visit_d: int = setting(
        366,
        "d",
        Text("多少天以前的签到不信手机时间", "captured longer ago than this, the phone's clock is not believed"),
    )
    late_upload_h: int = setting(
        24 * 7,
        "h",
        Text("签到后多少小时才上传的予以注明", "uploaded later than this is said beside the check-in"),
    )
    max_speed_kmh: float = setting(
        120,
        "km/h",
        Text("两次定位间直线时速超过多少须核实", "from fix to fix in a straight line, faster than this is held"),
    )
    short_way_kmh: float = setting(
        70,
        "km/h",
        Text(
            "一刻钟以内的行程，时速超过多少须核实",
            "the same within a quarter of an hour: whoever arrives has set out and stopped, too",
        ),
    )
    jump_m: float = setting(
        1000, "m", Text("多少米以内不计时速：定位会跳动", "a shorter way is never impossible: fixes jump")
    )
    repeated_fix_days: int = setting(
        1,
        "d",
        Text("与另外多少天的坐标完全相同须核实", "on so many other days the very same coordinates are no chance"),
    )
    repeated_fix_accuracy_m: float = setting(
        20,
        "m",
        Text(
            "精度在多少米及以上视为网络定位，其坐标会重复",
            "a fix that claims this or worse is of a network, whose places do repeat",
        ),
    )
    perfect_accuracy_m: float = setting(2, "m", Text("精度好于多少米不合常理", "no phone can be surer than this"))
    constant_accuracy_fixes: int = setting(
        10,
        "count",
        Text(
            "连续多少次（三天以上）精度完全相同予以注明",
            "so many fixes in a row, over three days or more, with the very same accuracy are noted",
        ),
    )
    several_devices: int = setting(
        3, "count", Text("一人用几部手机予以注明", "so many phones of one person are noted")
    )
    several_devices_d: int = setting(30, "d", Text("在多少天以内", "within so many days"))
    photo_apart_m: float = setting(
        1000,
        "m",
        Text("照片拍摄地点距签到位置多少米以上", "a photo taken further from the fix than this is noted"),
    )
    photo_apart_h: int = setting(
        12,
        "h",
        Text("照片拍摄时间与签到相差多少小时以上", "or so long before or after the visit"),
    )
    signals: Mapping[str, str] = setting(
        dict,
        "words",
        Text(
            "各项异常的处置（待核实、仅提示、不检查），只列与默认不同的",
            "what each signal does (hold, note, off), where it differs from the usual",
        ),
        fits=_severities,
    )
