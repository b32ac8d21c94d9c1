"""The columns of reports of other platforms, as these platforms call them."""

from collections.abc import Callable

from app.exchange.cells import as_clock, as_day, as_number, as_text
from app.exchange.tables import Column
from app.exchange.workbooks import Value
from app.kernel.language import Text


def column(
    key: str, heading: Text, read: Callable[[Value], object] = as_text, *names: str, required: bool = False
) -> Column:
    return Column(key, heading, Text("", ""), read=read, required=required, names=names)


_NAME = column("name", Text("姓名", "Name"), as_text, "人员", "成员", "打卡人", required=True)
_DEPARTMENT = column("department", Text("部门", "Department"), as_text, "完整部门", "所在部门", "基础信息部门")
_PHONE = column("phone", Text("手机号", "Phone"), as_text, "手机", "手机号码", "联系电话")
_NUMBER = column("number", Text("工号", "Number"), as_text, "员工工号", "人员编号")
_ACCOUNT = column("account", Text("账号", "Account"), as_text, "UserId", "用户ID", "userid", "帐号")
_WHO = (_NAME, _DEPARTMENT, _PHONE, _NUMBER, _ACCOUNT)
_LON = column("lon", Text("经度", "Longitude"), as_number, "打卡经度")
_LAT = column("lat", Text("纬度", "Latitude"), as_number, "打卡纬度")
_NOTE = column("note", Text("备注", "Note"), as_text, "打卡备注", "工作内容", "签到内容")
_ODD = column("oddities", Text("异常打卡原因", "What was odd"), as_text, "异常原因")
_DEVICE = column("device", Text("打卡设备", "Device"))

COLUMNS_OF = {
    "dingtalk_visits": (
        *_WHO,
        column("day", Text("日期", "Date"), as_day),
        column("time", Text("时间", "Time"), as_clock),
        _LON,
        _LAT,
        column("place", Text("地点", "Place"), as_text, "签到地点"),
        column("address", Text("详细地址", "Address")),
        column("customer", Text("拜访客户", "Visited"), as_text),
        column("phone_mark", Text("手机标识", "Mark of the phone")),
        _NOTE,
    ),
    "dingtalk_clockings": (
        *_WHO,
        column("day", Text("考勤日期", "Day"), as_day, "日期"),
        column("time", Text("打卡时间", "Time"), as_clock),
        column("result", Text("打卡结果", "Result")),
        column("place", Text("打卡地址", "Place")),
        column("remark", Text("管理员修改备注", "Administrator's remark")),
        _ODD,
        _DEVICE,
        _NOTE,
    ),
    "wecom_details": (
        *_WHO,
        column("day", Text("日期", "Date"), as_day, "时间", "打卡日期"),
        column("time", Text("实际打卡时间", "Time"), as_clock, "打卡时间", "外出打卡时间"),
        column("result", Text("打卡状态", "Result")),
        column("place", Text("打卡地点", "Place"), as_text, "打卡位置", "外出打卡地点"),
        column("oddities", Text("异常", "What was odd"), as_text, "异常打卡原因", "打卡异常"),
        _DEVICE,
        _NOTE,
    ),
    "wecom_daily": (
        *_WHO,
        column("day", Text("时间", "Date"), as_day, "日期"),
        column("place", Text("打卡详情", "Details")),
    ),
    "feishu": (
        *_WHO,
        column("day", Text("日期", "Date"), as_day, "打卡日期", "考勤日期"),
        column("time", Text("打卡时间", "Time"), as_clock, "签到时间", required=True),
        column("place", Text("打卡地点", "Place"), as_text, "打卡地址", "签到地点"),
        _LON,
        _LAT,
        column("result", Text("打卡结果", "Result"), as_text, "打卡状态"),
        _ODD,
        _DEVICE,
        _NOTE,
    ),
}
RECORDS = COLUMNS_OF["feishu"]
"""What the office's own headings may be mapped to; sheets of the others are known as they are."""
