"""What a county sets for duties: appeals, leave, and how long a review is waited for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.duties.escalation import Ladder
from app.kernel.county_settings import RoomSettings, setting
from app.kernel.language import Text


def _is_ladder(steps: object) -> bool:
    try:
        Ladder.of({"escalation": steps})
    except ValueError:
        return False
    return steps is not None


@dataclass(frozen=True, slots=True)
class DutySettings(RoomSettings):
    """Terms in days; where the usual ones come from is said beside them."""

    appeal_days: int = setting(
        15,
        "d",
        Text(
            "告知后多少天内可以申诉（田林县）",
            "an appeal may be filed on so many days after the person was told (Tianlin)",
        ),
        phones=True,
    )
    appeal_decision_days: int = setting(
        15, "d", Text("申诉须在多少天内决定", "and is to be decided within so many"), phones=True
    )
    leave_township_days: float = setting(
        3,
        "d",
        Text("超过多少天的请假由县里审批（昭平县）", "longer leave is the county's to decide (Zhaoping)"),
        phones=True,
    )
    leave_retro_d: int = setting(
        31, "d", Text("请假开始后多少天内可以补办", "leave may be filed so many days after it began"), phones=True
    )
    review_remind_days: int = setting(
        2,
        "d",
        Text(
            "待核实多少天后提醒核实人",
            "who is to review a check-in is reminded when it has waited for so many days",
        ),
    )
    review_escalate_days: int = setting(5, "d", Text("多少天后报上一级", "and then whoever stands above"))
    review_wait_days: int = setting(
        10,
        "d",
        Text("任务最多等待核实多少天", "so long a duty waits for the review of what could meet it"),
        least=1,
        most=999,  # as `counting.REVIEW_WAIT` reads it
    )
    escalation: Sequence[Mapping[str, int]] = setting(
        lambda: [{"misses": step.misses, "levels": step.levels} for step in Ladder().steps],
        "words",
        Text(
            "预警阶梯：连续未完成几次，告知到第几级领导",
            "the ladder of flags: after how many misses in a row so many levels of leaders are told",
        ),
        fits=_is_ladder,
    )
    escalate_after_h: float = setting(
        72,
        "h",
        Text("多少小时无人签收即上报一级", "a flag that nobody acknowledges climbs a step after so long"),
        least=1,
    )
