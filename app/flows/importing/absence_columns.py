"""What sheets of leave, and of the county's calendar, hold."""

from dataclasses import replace

from app.duties.words import DayHalf, LeaveKind
from app.exchange.cells import as_day, word
from app.exchange.tables import Column
from app.flows.importing.shared_columns import FROM, NAME_TO_COMPARE, PERSON, UNTIL
from app.kernel.language import Text
from app.kernel.words import Word


class WorkingDay(Word):
    """日历：上班还是休息: what the county's calendar says of a day."""

    WORK = "work", "上班", "worked"
    REST = "rest", "休息", "day off"


def _half_column(key: str, heading: Text, meaning: Text) -> Column:
    return Column(
        key,
        heading,
        meaning,
        read=word(DayHalf, AM=DayHalf.AM, PM=DayHalf.PM),
        choices=tuple(half.text.zh for half in DayHalf),
    )


LEAVE = (
    replace(PERSON, names=(*PERSON.names, "请假人", "请假人手机号")),
    NAME_TO_COMPARE,
    Column(
        "kind",
        Text("请假类别", "Kind"),
        Text("因公外出、开会、培训填“公出报备”", "duty elsewhere, such as meetings and training, is 公出报备"),
        read=word(
            LeaveKind,
            年假=LeaveKind.ANNUAL,
            公休=LeaveKind.ANNUAL,
            年休假=LeaveKind.ANNUAL,
            报备=LeaveKind.FILED_DUTY,
            出差=LeaveKind.FILED_DUTY,
            公出=LeaveKind.FILED_DUTY,
            开会=LeaveKind.FILED_DUTY,
            培训=LeaveKind.FILED_DUTY,
        ),
        required=True,
        names=("类别", "请假类型", "假别", "类型"),
        choices=tuple(kind.text.zh for kind in LeaveKind),
    ),
    replace(
        FROM,
        meaning=Text("请假的第一天", "the first day away"),
        required=True,
        names=(*FROM.names, "请假开始", "起", "自"),
    ),
    _half_column("from_half", Text("开始上午/下午", "From half"), Text("空着是上午", "blank: the morning")),
    replace(
        UNTIL,
        meaning=Text("请假的最后一天，这一天也不在岗", "the last day away, included"),
        required=True,
        names=(*UNTIL.names, "请假结束", "止", "至"),
    ),
    _half_column("until_half", Text("结束上午/下午", "Until half"), Text("空着是下午", "blank: afternoon")),
    Column(
        "reason",
        Text("事由", "Reason"),
        Text("请假或外出的事由", "what for"),
        required=True,
        names=("请假事由", "原因", "请假原因", "报备事由"),
        examples=("县里培训",),
    ),
    Column(
        "approved_by",
        Text("批准人", "Approved by"),
        Text("纸面上由谁批准；导入的都按已批准算", "who did, on paper; what is imported is approved"),
        names=("审批人", "批准领导"),
    ),
)
CALENDAR = (
    Column(
        "date",
        Text("日期", "Date"),
        Text("与全国安排不同的日子", "a day that is not as the nation's calendar has it"),
        read=as_day,
        required=True,
        examples=("2026-04-20",),
    ),
    Column(
        "working",
        Text("上班或休息", "Working"),
        Text("这一天在本县上班还是休息", "whether it is worked in the county"),
        read=word(WorkingDay, 放假=WorkingDay.REST, 休=WorkingDay.REST, 班=WorkingDay.WORK, 补班=WorkingDay.WORK),
        required=True,
        names=("类型", "安排", "是否上班"),
        choices=tuple(each.text.zh for each in WorkingDay),
    ),
    Column(
        "name",
        Text("名称", "Name"),
        Text("例如“壮族三月三”", "such as 壮族三月三"),
        required=True,
        names=("节日", "节假日", "说明"),
        examples=("壮族三月三",),
    ),
    Column(
        "source",
        Text("依据", "Source"),
        Text("文件名称或文号", "the notice that says so"),
        required=True,
        names=("文件", "文号", "通知"),
        examples=("桂政办电〔2025〕12号",),
    ),
)
