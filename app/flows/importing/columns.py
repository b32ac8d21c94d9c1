"""What the office's sheets hold, kind by kind: templates, headings and readers all come from these tables."""

from collections.abc import Mapping
from dataclasses import replace

from app.directory.words import Category, HouseholdCategory, Role, UnitLevel
from app.exchange.cells import as_code, as_number, digits, word
from app.exchange.tables import Column
from app.flows.importing.absence_columns import CALENDAR, LEAVE
from app.flows.importing.record_columns import RECORDS
from app.flows.importing.shared_columns import FROM, NAME_TO_COMPARE, PERSON, PHONE, TOWNSHIP, UNTIL, VILLAGE
from app.kernel.language import Text
from app.kernel.words import Word


class ImportKind(Word):
    """导入类别: what a file of the office holds."""

    UNITS = "units", "责任单位", "units"
    VILLAGES = "villages", "村", "villages"
    GEOFENCES = "geofences", "村界", "geofences"
    PEOPLE = "people", "人员", "people"
    HOUSEHOLDS = "households", "农户", "households"
    ASSIGNMENTS = "assignments", "结对", "assignments"
    LEAVE = "leave", "请假报备", "leave"
    CALENDAR = "calendar", "工作日历", "calendar"
    RECORDS = "records", "其他平台的签到记录", "records of other platforms"


_VILLAGE_DIGITS = (12,)
_NAMES_OF_CATEGORIES = {
    "帮扶联系人": Category.HELPER,
    "帮扶人": Category.HELPER,
    "驻村队员": Category.RESIDENT,
    "工作队员": Category.RESIDENT,
    "驻村第一书记": Category.FIRST_SECRETARY,
    "处级领导": Category.LEADER,
    "乡镇班子成员": Category.LEADER,
    "领导": Category.LEADER,
    "村干部": Category.OFFICIAL,
    "村“两委”": Category.OFFICIAL,
    "督查": Category.INSPECTOR,
}

_HOUSEHOLD_NUMBER = Text("户编号", "Household number")

COLUMNS: Mapping[ImportKind, tuple[Column, ...]] = {
    ImportKind.UNITS: (
        Column(
            "name",
            Text("单位名称", "Unit"),
            Text("责任单位或县直单位的全名", "full name of the unit or department"),
            required=True,
            names=("名称", "单元名称", "单元", "单位"),
            examples=("乐里战区",),
        ),
        Column(
            "level",
            Text("层级", "Level"),
            Text("在责任体系中的层级", "its rung in the responsibility tree"),
            read=word(UnitLevel, 县直单位=UnitLevel.DEPARTMENT, 单位=UnitLevel.DEPARTMENT),
            required=True,
            names=("级别", "单位层级", "单元层级"),
            choices=tuple(level.text.zh for level in UnitLevel if level != UnitLevel.COUNTY),
            examples=("战区",),
        ),
        Column(
            "parent",
            Text("上级单位", "Above"),
            Text("上一级的名称或编码；空着表示县", "name or code of the unit above; blank: the county"),
            names=("上级", "上级单元", "隶属"),
        ),
        Column(
            "code",
            Text("编码", "Code"),
            Text(
                "字母、数字和下划线；空着由系统编。再次导入时按它认单位",
                "letters, digits and _; made where blank. Units are known by it when a file comes again",
            ),
            names=("单位编码", "单元编码", "代码"),
        ),
        UNTIL,
    ),
    ImportKind.VILLAGES: (
        Column(
            "code",
            Text("村代码", "Village code"),
            Text("统计用区划代码，12 位", "statistical code of 12 digits"),
            read=digits(_VILLAGE_DIGITS),
            required=True,
            names=("代码", "行政区划代码", "区划代码", "统计代码", "统计用区划代码"),
            examples=("451029104201",),
        ),
        Column(
            "name",
            Text("村名", "Village"),
            Text("平常叫的名字", "what it is called"),
            required=True,
            names=("村", "村名称", "行政村", "名称"),
            examples=("浪平村",),
        ),
        TOWNSHIP,
        Column(
            "official_name",
            Text("村全称", "Official name"),
            Text("统计用的全名，例如“浪平村民委员会”", "the name in the statistical list"),
            names=("全称",),
        ),
        Column(
            "unit",
            Text("责任单位", "Unit"),
            Text(
                "负责这个村的突击班；空着由系统按“乡镇战区—村突击班”建立",
                "the squad that answers for it; blank: a squad in a theatre of the township is made",
            ),
            names=("责任单元", "突击班", "所属单位", "所属单元"),
        ),
    ),
    ImportKind.GEOFENCES: (
        replace(
            VILLAGE,
            names=(
                *VILLAGE.names,
                *(
                    "xzqdm",
                    "zldwdm",
                    "qsdwdm",
                    "code",
                    "village_code",
                    "cundm",
                    "代码",
                    "行政区划代码",
                    "区划代码",
                ),
                *("xzqmc", "zldwmc", "qsdwmc", "name", "cunmc", "mc", "名称"),
            ),
        ),
        replace(TOWNSHIP, names=(*TOWNSHIP.names, "xzmc", "xiang", "zhen", "township", "town")),
    ),
    ImportKind.PEOPLE: (
        Column(
            "name",
            Text("姓名", "Name"),
            Text("本人姓名", "the person's name"),
            required=True,
            names=("干部姓名", "名字"),
            examples=("韦秀兰",),
        ),
        PHONE,
        Column(
            "category",
            Text("人员类别", "Category"),
            Text("任务规则按它确定要做什么", "rules name whom they concern by it"),
            read=word(Category, **_NAMES_OF_CATEGORIES),
            required=True,
            names=("类别", "干部类别", "身份"),
            choices=tuple(category.text.zh for category in Category),
            examples=("帮扶干部",),
        ),
        Column(
            "unit",
            Text("责任单位", "Unit"),
            Text(
                "名称或编码；空着时用所联系村的突击班，再没有就归县里",
                "name or code; blank: the squad of the village, else the county",
            ),
            names=("责任单元", "所属单位", "所属单元", "突击班", "责任区"),
        ),
        Column(
            "village",
            Text("联系村", "Village"),
            Text("填了就同时建立结对", "an assignment to it is made too"),
            names=("村", "驻村", "帮扶村", "包村", "所联系村"),
        ),
        TOWNSHIP,
        Column(
            "department",
            Text("派出单位", "Department"),
            Text("县直单位的名称或编码", "name or code of the department that sent them"),
            names=("单位", "工作单位", "帮扶单位", "后盾单位"),
        ),
        Column(
            "role",
            Text("系统角色", "Role"),
            Text(
                "在责任单位里可以做什么；空着：领导干部是“领导”，督查员是“督查”，其他是“干部”",
                "what they may do in the unit; blank: by the category",
            ),
            read=word(Role),
            names=("角色", "岗位角色"),
            choices=tuple(role.text.zh for role in Role),
        ),
        Column(
            "title",
            Text("职务", "Title"),
            Text("例如“组长”“副镇长”", "such as head of the group"),
            names=("任职", "职务名称"),
        ),
        Column(
            "number",
            Text("工号", "Number"),
            Text(
                "单位自己的编号，换了手机号也认得出本人",
                "the office's own; known by it when the phone number changes",
            ),
            read=as_code,
            names=("编号", "人员编号"),
        ),
        FROM,
        UNTIL,
    ),
    ImportKind.HOUSEHOLDS: (
        Column(
            "number",
            _HOUSEHOLD_NUMBER,
            Text("本县自己的户编号，系统按它认户", "the county's own; households are known by it"),
            read=as_code,
            required=True,
            names=("编号", "户号", "农户编号", "户编码"),
            examples=("0001",),
        ),
        Column(
            "head_name",
            Text("户主", "Head"),
            Text("户主姓名", "name of the head of the household"),
            required=True,
            names=("户主姓名", "姓名"),
            examples=("农大山",),
        ),
        VILLAGE,
        TOWNSHIP,
        Column(
            "hamlet",
            Text("自然屯", "Hamlet"),
            Text("", ""),
            names=("屯", "村民小组", "组", "自然村"),
        ),
        Column(
            "category",
            Text("农户类别", "Category"),
            Text("脱贫户、监测户（三类）或一般农户", "how it stands with poverty, by the national lists"),
            read=word(HouseholdCategory, 脱贫=HouseholdCategory.LIFTED, 一般户=HouseholdCategory.ORDINARY),
            names=("户类型", "户属性", "农户属性"),
            choices=tuple(category.text.zh for category in HouseholdCategory),
        ),
        Column(
            "lon",
            Text("经度", "Longitude"),
            Text("十进制度数；坐标系在上传时选", "decimal degrees; the system is chosen when uploading"),
            read=as_number,
            names=("东经", "lng", "lon", "x"),
        ),
        Column(
            "lat",
            Text("纬度", "Latitude"),
            Text("十进制度数", "decimal degrees"),
            read=as_number,
            names=("北纬", "lat", "y"),
        ),
        Column(
            "radius_m",
            Text("半径（米）", "Radius (m)"),
            Text("离这个点多少米以内算到了这一户；空着是 300", "how near counts as there; blank: 300"),
            read=as_number,
            names=("半径",),
        ),
        UNTIL,
    ),
    ImportKind.ASSIGNMENTS: (
        PERSON,
        NAME_TO_COMPARE,
        VILLAGE,
        TOWNSHIP,
        Column(
            "household",
            _HOUSEHOLD_NUMBER,
            Text("空着表示联系全村", "blank: the whole village"),
            read=as_code,
            names=("编号", "户号", "农户编号"),
        ),
        FROM,
        UNTIL,
    ),
    ImportKind.LEAVE: LEAVE,
    ImportKind.CALENDAR: CALENDAR,
    ImportKind.RECORDS: RECORDS,
}
