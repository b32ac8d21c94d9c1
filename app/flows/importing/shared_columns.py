"""Columns that sheets of several kinds have."""

from app.exchange.cells import as_code, as_day
from app.exchange.tables import Column
from app.kernel.language import Text

UNTIL = Column(
    "until_date",
    Text("结束日期", "Until"),
    Text("从这一天起不再有效；空着表示一直有效", "no longer in force from this day on; blank: for good"),
    read=as_day,
    names=("截止日期", "离任日期", "终止日期", "结束时间"),
)
FROM = Column(
    "from_date",
    Text("开始日期", "From"),
    Text("从这一天起有效；空着表示今天", "in force from this day on; blank: today"),
    read=as_day,
    names=("起始日期", "任职日期", "到任日期", "开始时间", "结对日期"),
    examples=("2026-01-01",),
)
TOWNSHIP = Column(
    "township",
    Text("乡镇", "Township"),
    Text("两个村同名时用来区分", "tells two villages of one name apart"),
    names=("乡镇名称", "所属乡镇", "所在乡镇"),
    examples=("浪平镇",),
)
VILLAGE = Column(
    "village",
    Text("村", "Village"),
    Text("12 位村代码（旧代码也可以），或村的全名", "12-digit code, an old one too, or the village's full name"),
    read=as_code,
    required=True,
    names=("村名", "村名称", "行政村", "村代码", "行政村名称", "所在村", "联系村", "帮扶村"),
    examples=("451029104201",),
)
PHONE = Column(
    "phone",
    Text("手机号", "Phone"),
    Text("本人的手机号，也用来登录；系统按它认人", "the person's own mobile number; people are known by it"),
    read=as_code,
    required=True,
    names=("手机", "电话", "联系电话", "手机号码", "联系方式"),
    examples=("13800000001",),
)
PERSON = Column(
    "person",
    Text("干部手机号", "Person"),
    Text("手机号或工号，系统按它认人", "phone or number; people are known by it"),
    read=as_code,
    required=True,
    names=("手机号", "工号", "联系电话", "手机号码", "干部"),
    examples=("13800000001",),
)
NAME_TO_COMPARE = Column(
    "name",
    Text("干部姓名", "Name"),
    Text("只用来核对", "only to compare"),
    names=("姓名", "帮扶人", "帮扶干部"),
    examples=("韦秀兰",),
)
