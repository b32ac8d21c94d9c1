"""What each reason means, in words for the person it concerns."""

from typing import Any

from app.kernel.language import Language, Text

_TEXTS: dict[str, Text] = {
    "no_fix": Text(
        "签到时没有定位，待领导核实；之后可补传定位",
        "No position with this check-in; held for review, a position may follow",
    ),
    "mock_location": Text(
        "手机报告使用了模拟位置，待领导核实",
        "The phone says that its location is simulated; held for review",
    ),
    "clock_skew": Text(
        "手机时间与服务器相差过大，待领导核实",
        "The phone's clock is too far from the server's; held for review",
    ),
    "stale_fix": Text(
        "定位时间与签到时间相差 {age_s} 秒，待领导核实",
        "The position was measured {age_s} s away from the check-in; held for review",
    ),
    "poor_accuracy": Text(
        "定位精度太差，无法判断是否在村内，待领导核实",
        "The position is too inaccurate to tell whether it is in the village; held for review",
    ),
    "near_fence": Text(
        "距村界约 {distance_m} 米，在允许范围内",
        "About {distance_m} m from the village boundary, within tolerance",
    ),
    "outside_fence": Text(
        "不在所联系的村内，距村界约 {distance_m} 米",
        "Not in an assigned village; about {distance_m} m from the boundary",
    ),
    "no_assigned_village": Text("当日没有联系的村", "No village was assigned to this person on that day"),
    "late_upload": Text("签到后 {late_h} 小时才上传", "Uploaded {late_h} hours after the visit"),
    "far_from_household": Text(
        "距该户约 {distance_m} 米，超出该户范围",
        "About {distance_m} m from the household, beyond its radius",
    ),
}


def explain(reason: dict[str, Any], language: Language) -> dict[str, str]:
    """A stored reason as the contract's `{code, detail}`."""
    return {"code": reason["code"], "detail": _TEXTS[reason["code"]].say(language, **reason)}
