"""What each reason means, in words for the person it concerns."""

from collections.abc import Mapping
from typing import TypedDict

from app.checkins.words import RecordSource
from app.kernel.language import Language, Text

# A signal's severity is the county's: whether the check-in is held is said by its standing, not here.
_TEXTS: dict[str, Text] = {
    "no_fix": Text(
        "签到时没有定位，待领导核实；之后可补传定位",
        "No position with this check-in; held for review, a position may follow",
    ),
    "no_coordinates": Text(
        "来自{source}的记录，没有坐标，地点写的是“{place}”；待领导核实",
        "A record of {source} without coordinates; the place is given as “{place}”; held for review",
    ),
    "from_platform": Text(
        "由县里从{source}的报表导入，不是手机直接上传；其中写明：{said}",
        "Imported from a report of {source}, not sent by a phone; it says: {said}",
    ),
    "withdrawn": Text("这条记录的导入已被撤销", "The import that brought this record was revoked"),
    "mock_location": Text("手机报告使用了模拟位置", "The phone says that its location is simulated"),
    "clock_skew": Text("手机时间与服务器相差过大", "The phone's clock is too far from the server's"),
    "stale_fix": Text(
        "定位时间与签到时间相差 {age_s} 秒", "The position was measured {age_s} s away from the check-in"
    ),
    "fix_came_late": Text(
        "定位在签到上传 {hours} 小时后才补传", "The position followed {hours} hours after the check-in had come"
    ),
    "unknown_phone": Text(
        "上传时的登录没有说明是哪部手机；请在手机上重新登录",
        "Sent by a sign-in that names no phone; sign in again on the phone",
    ),
    "key_of_office": Text(
        "由县办公室代为生成密钥的定位应用上传", "Sent by a tracking app whose key the office has made"
    ),
    "poor_accuracy": Text(
        "定位精度太差，无法判断是否在村内，待领导核实",
        "The position is too inaccurate to tell whether it is in the village; held for review",
    ),
    "perfect_accuracy": Text(
        "定位精度（{accuracy_m} 米）好得不合常理",
        "The position claims to be better ({accuracy_m} m) than phones can be",
    ),
    "constant_accuracy": Text(
        "连续 {fixes} 次定位的精度都是 {accuracy_m} 米",
        "{fixes} positions in a row claim the very same accuracy, {accuracy_m} m",
    ),
    "repeated_fix": Text(
        "坐标与另外 {days} 天的签到完全相同",
        "The very same coordinates as on {days} other day(s); a real position is never twice alike",
    ),
    "impossible_speed": Text(
        "与另一次签到相距 {distance_m} 米、相隔 {seconds} 秒，时速达 {kmh} 公里",
        "{distance_m} m from another check-in within {seconds} s: {kmh} km/h",
    ),
    "shared_device": Text(
        "所用手机是他人的，且其本人一天之内也用它签到",
        "Made with somebody else's phone, which they used for a check-in of their own within a day",
    ),
    "copied_fix": Text(
        "坐标与他人一次签到的完全相同；如两人同在一处，请说明各自用哪部手机签到",
        "The very same coordinates as somebody else's check-in; if you were there together, say with which phones",
    ),
    "alike_fixes": Text(
        "{fixes} 次（不同日期）在此处的定位只相差 {spread_m} 米，真实定位不会这样接近；请说明当日在场情况",
        "On {fixes} days the positions here differ by {spread_m} m only, closer than real ones ever are; "
        "say what you did there",
    ),
    "replayed_way": Text(
        "与较早三次签到的间隔时间和方位完全一致，像是重放的轨迹；请说明当日行程",
        "The same times and distances as between three earlier check-ins, like a recorded way played back; "
        "say where you went",
    ),
    "constant_speed": Text(
        "连续 {fixes} 次定位都在以同样的速度（{kmh} 公里/时）移动，像是回放的轨迹；请说明当日行程",
        "{fixes} positions in a row move at the very same speed ({kmh} km/h), like a recorded way played back; "
        "say where you went",
    ),
    "constant_sensors": Text(
        "连续 {fixes} 次定位的精度和海拔（{altitude_m} 米）完全相同；请说明所用手机和定位应用",
        "{fixes} positions in a row claim the very same accuracy and altitude ({altitude_m} m); "
        "say which phone and which location apps you use",
    ),
    "typed_centre": Text(
        "位置恰好是村界图形的中心点；请说明签到时在村内何处",
        "The position is the exact middle of the village's boundary; say where in the village you were",
    ),
    "same_minute": Text(
        "一次补传的签到中有 {days} 天都在同一时刻（{at}）；请说明这些天的走访情况",
        "Sent together afterwards, {days} days at the very same time ({at}); say what you did on these days",
    ),
    "not_handed_over": Text(
        "上传前 {hours} 小时，手机已与服务器联系过，却没有交出这次签到；请说明为何后来才上传",
        "{hours} hours before it came, the phone was in touch and did not hand over this check-in; "
        "say why it came only later",
    ),
    "in_touch_since": Text(
        "上传前 {hours} 小时，手机曾与服务器联系", "The phone was in touch {hours} hours before this came"
    ),
    "household_point": Text(
        "位置与该户登记的坐标点完全重合", "The position is the very point at which the household is on record"
    ),
    "fewer_decimals": Text(
        "坐标只有 {decimals} 位小数，这部手机平时有 {usual} 位",
        "The coordinates have {decimals} decimals, where this phone otherwise gives {usual}",
    ),
    "same_pattern": Text(
        "之后的签到显示，本次与它们同属一种异常规律；请说明当日在场情况",
        "Later check-ins show that this one is part of the same odd pattern; say what you did there",
    ),
    "devices_in_turn": Text(
        "近来 {devices} 部手机轮流使用本账号签到；请说明各部手机是谁的",
        "{devices} phones take turns with this account; say whose each of them is",
    ),
    "several_doubts": Text(
        "同时有几处不寻常，合在一起须核实；请逐条说明", "Several things are odd at once, so a person looks at it"
    ),
    "several_devices": Text(
        "近来使用了 {devices} 部手机签到", "Check-ins from {devices} different phones of late"
    ),
    "crs_mismatch": Text(
        "坐标标为 {crs}，但按 {fits} 才与村界或该户相符：请检查应用上报的坐标系",
        "Labelled {crs}, but only as {fits} do the coordinates fit the village or the household: "
        "check which system the app reports",
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
    "no_fence": Text(
        "所联系的村当时没有村界数据，无法判断", "The assigned village had no boundary on record at that time"
    ),
    "after_service": Text("签到时已离任", "Captured when the person no longer served"),
    "late_upload": Text("签到后 {late_h} 小时才上传", "Uploaded {late_h} hours after the visit"),
    "far_from_household": Text(
        "距该户约 {distance_m} 米，超出该户范围",
        "About {distance_m} m from the household, beyond its radius",
    ),
    "not_your_household": Text(
        "这一户当日不由您联系；是否计入由任务规则决定",
        "This household was not yours to visit on that day; the rule of the duty decides whether the visit counts",
    ),
    "photo_reused": Text("照片在另一次签到中用过", "A photo was used with another check-in"),
    "photo_alike": Text(
        "照片与另一次签到的照片是同一画面（重新编码、缩放、翻转或裁剪过）；如为当日重拍，请说明",
        "A photo shows the picture of another check-in, encoded anew, resized, mirrored or cropped; "
        "if you took it again on the day, say so",
    ),
    "photo_elsewhere": Text(
        "照片的拍摄地点距签到位置约 {distance_m} 米", "A photo was taken about {distance_m} m from the position"
    ),
    "photo_time": Text(
        "照片的拍摄时间与签到时间相差 {hours} 小时", "A photo was taken {hours} hours away from the check-in"
    ),
}


_SOMEBODY_ELSES = {
    "shared_device": ("person_id",),
    "copied_fix": ("check_in_id",),
    "photo_reused": ("check_in_id",),
    "photo_alike": ("check_in_id",),
}


class Explained(TypedDict):
    """A reason as it is told: its code, a sentence, and the numbers in it."""

    code: str
    detail: str
    values: dict[str, object]


def explain(reason: Mapping[str, object], language: Language, *, to_who_reviews: bool = False) -> Explained:
    """A stored reason as the contract's `{code, detail}`, with the `values` that the words are made from.

    Whose phone or visit it was that this one is like is said to those only who look into it (`to_who_reviews`).
    """
    code = str(reason["code"])
    left_out = {"code", *(() if to_who_reviews else _SOMEBODY_ELSES.get(code, ()))}
    values = {name: value for name, value in reason.items() if name not in left_out}
    text = _TEXTS.get(code)  # none for a code of newer code's, in the middle of a deployment
    return {
        "code": code,
        "detail": text.say(language, **_named(values, language)) if text else code,
        "values": values,
    }


def _named(values: Mapping[str, object], language: Language) -> dict[str, object]:
    """A platform by its name."""
    source = values.get("source")
    return {**values, **({"source": RecordSource.of(str(source)).text.say(language)} if source else {})}
