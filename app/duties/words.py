"""The closed sets of words of duties, flags, appeals and leave."""

from app.kernel.words import Word


class Measure(Word):
    """计量方式: what one of a duty's required number is."""

    NIGHTS = "nights", "夜访（晚）", "night visits"
    VISITS = "visits", "走访（次）", "visits"
    DISTINCT_HOUSEHOLDS = "distinct_households", "不同农户（户）", "different households"
    VILLAGE_DAYS = "village_days", "驻村（天）", "days in the village"
    NIGHTS_IN_VILLAGE = "nights_in_village", "驻村过夜（夜）", "nights in the village"
    HOURS_IN_VILLAGE = "hours_in_village", "按轨迹在村（小时）", "hours in the village, by tracks"


NIGHTLY = (Measure.NIGHTS, Measure.NIGHTS_IN_VILLAGE)  # what counts them is an evening


class PeriodKind(Word):
    """周期类型: how often a rule asks."""

    WEEK = "week", "周", "week"
    MONTH = "month", "月", "month"
    QUARTER = "quarter", "季度", "quarter"
    HALF_YEAR = "half_year", "半年", "half-year"
    YEAR = "year", "年", "year"


class CountsIn(Word):
    """有效地点: where a visit must be to count."""

    ASSIGNED = "assigned", "所联系的村", "in an assigned village"
    UNIT = "unit", "本责任单位的村", "in a village of the person's units"
    COUNTY = "county", "全县任一村", "in any village of the county"


class RequiredPer(Word):
    """计算单位: of what the number is required."""

    PERSON = "person", "每人", "each person"
    HOUSEHOLD = "household", "每户（所结对的）", "each assigned household"


class DayKind(Word):
    """天数口径: the days that shares of a period go by."""

    CALENDAR = "calendar", "自然日", "calendar days"
    WORKING = "working", "工作日", "working days"


class Proration(Word):
    """折算: what is owed by a person who is there for a part of the period."""

    WHOLE = "whole", "全程在岗才要求", "owes only if there throughout"
    DAYS = "days", "按在岗天数折算", "owes in proportion"
    CAP = "cap", "不超过在岗天数", "owes at most the days there"


class Excuse(Word):
    """不作要求的原因: why nothing is owed."""

    RULE = "rule", "规则当时未施行", "the rule was not in force"
    CATEGORY = "category", "不属于该规则的对象", "the rule is not for this person"
    DAYS_OFF = "days_off", "期内没有工作日", "it has no working day"
    PRESENCE = (
        "presence",
        "本人未全程在任（或未结对）",
        "the person did not serve or was not assigned throughout",
    )
    LEAVE = "leave", "已批准请假（报备）", "the person was on approved leave"
    ROUNDING = (
        "rounding",
        "在岗天数折算后不足一次",
        "the share of the days there comes to less than one",
    )
    APPEAL = "appeal", "申诉成立，不作要求", "an appeal succeeded"
    MERGED = "merged", "已并入本人的另一份档案", "the record went into another of the same person"


class DutyStatus(Word):
    """任务状态: how a duty stands."""

    OPEN = "open", "待完成", "to do"
    MET = "met", "已完成", "met"
    MET_LATE = "met_late", "补报完成", "met late"
    MISSED = "missed", "未完成", "missed"
    EXCUSED = "excused", "不作要求", "excused"


class FlagStatus(Word):
    """预警状态: what has become of a flag."""

    OPEN = "open", "待处理", "open"
    ACKNOWLEDGED = "acknowledged", "已签收", "acknowledged"
    CLEARED = "cleared", "已解除", "cleared"
    WITHDRAWN = "withdrawn", "已撤销", "withdrawn"


class AppealStatus(Word):
    """申诉状态: what has become of an appeal; upheld is what was appealed against."""

    OPEN = "open", "待处理", "open"
    UPHELD = "upheld", "维持原认定", "not granted"
    OVERTURNED = "overturned", "申诉成立", "granted"
    LATE = "late", "逾期提出", "too late"


class AppealVerdict(Word):
    """复查决定: what is decided of what was appealed against."""

    UPHOLD = "uphold", "维持原认定", "let it stand"
    OVERTURN = "overturn", "申诉成立", "grant it"

    @property
    def status(self) -> AppealStatus:
        """The status that it gives an appeal."""
        return AppealStatus.UPHELD if self is AppealVerdict.UPHOLD else AppealStatus.OVERTURNED


class LeaveKind(Word):
    """请假类别: what an absence is for."""

    PERSONAL = "personal", "事假", "personal leave"
    SICK = "sick", "病假", "sick leave"
    OFFICIAL = "official", "公假", "official leave"
    FILED_DUTY = "filed_duty", "公出报备", "duty elsewhere"  # meetings, training: on duty, once filed
    ANNUAL = "annual", "年休", "annual leave"
    ROTATION = "rotation", "轮休", "rotation"


class LeaveLevel(Word):
    """审批层级: whose decision a leave is, by its length."""

    TOWNSHIP = "township", "乡镇审批", "township decides"
    COUNTY = "county", "县级审批", "county decides"


class LeaveStatus(Word):
    """请假状态: what has become of a request for leave."""

    ASKED = "asked", "待审批", "to be decided"
    APPROVED = "approved", "已批准", "approved"
    REFUSED = "refused", "未批准", "refused"
    WITHDRAWN = "withdrawn", "已撤销", "withdrawn"


class DayHalf(Word):
    """半天: leave is counted in them."""

    AM = "am", "上午", "morning"
    PM = "pm", "下午", "afternoon"
