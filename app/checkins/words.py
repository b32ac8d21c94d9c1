"""The closed sets of words of check-ins."""

from app.kernel.words import Word


class Purpose(Word):
    """签到事由: what the person says they came for; rules count by place and time, whatever it was."""

    HOUSEHOLD_VISIT = "household_visit", "入户走访", "household visit"
    VILLAGE_DUTY = "village_duty", "驻村值守", "duty in the village"
    NIGHT_VISIT = "night_visit", "夜访", "night visit"
    INSPECTION = "inspection", "督查", "inspection"
    ACTIVITY = "activity", "集体活动", "activity"


class RecordSource(Word):
    """记录来源: the platform that an imported check-in was recorded by; of a phone's own there is none."""

    DINGTALK = "dingtalk", "钉钉", "DingTalk"
    WECOM = "wecom", "企业微信", "WeCom"
    FEISHU = "feishu", "飞书", "Feishu"


class Standing(Word):
    """签到认定: what a check-in is worth now. A review prevails over what the rules alone say."""

    COUNTED = "counted", "有效", "valid"
    HELD = "held", "待核实", "held for review"
    OUTSIDE = "outside", "村外", "outside the village"
    REFUSED = "refused", "不予认定", "refused"


class PositionProblem(Word):
    """定位失败原因: why a check-in came without a position, as the phone says."""

    DENIED = "denied", "未授权定位", "location not allowed"
    TIMEOUT = "timeout", "定位超时", "no fix in time"
    UNAVAILABLE = "unavailable", "无法定位", "location not available"


class ReviewDecision(Word):
    """核实意见: what a reviewer decides of a check-in."""

    COUNT = "count", "认可", "counts"
    REFUSE = "refuse", "不予认定", "does not count"

    @property
    def standing(self) -> Standing:
        """The standing that it gives."""
        return Standing.COUNTED if self is ReviewDecision.COUNT else Standing.REFUSED


class VerificationFinding(Word):
    """核查结果: what was found on site about what looked odd."""

    CONFIRMED = "confirmed", "异常属实", "something was wrong"
    UNFOUNDED = "unfounded", "异常不实", "nothing was wrong"
    INCONCLUSIVE = "inconclusive", "无法判定", "cannot be told"


class RejudgementCause(Word):
    """重新判定原因: what made a stored check-in be judged again."""

    POSITION = "position", "补报了定位", "the fix came later"
    FENCE = "fence", "村界已更正", "the boundary was corrected"
    PHOTO = "photo", "收到照片", "a photo came"
    TIME = "time", "核实更正了时间", "a review set the time"
    WITHDRAWN = "withdrawn", "导入已撤销", "the import was revoked"
    PATTERN = "pattern", "之后的签到显示异常规律", "later check-ins show a pattern"


class ItemState(Word):
    """单项情况: of one of the nine items of 八有一超, on the form of a night visit."""

    OK = "ok", "达到", "OK"
    GAP = "gap", "缺", "gap"
    NOT_CHECKED = "not_checked", "未查", "not checked"


class PaperState(Word):
    """卡册情况: of the card on the wall and of the booklet, on the form of a night visit."""

    OK = "ok", "无误", "in order"
    PROBLEMS = "problems", "有问题", "problems"
    ABSENT = "absent", "没有", "absent"
    NOT_CHECKED = "not_checked", "未查", "not checked"


class ConsistencyState(Word):
    """一致性: whether booklet, card and system say the same, on the form of a night visit."""

    YES = "yes", "一致", "the same"
    NO = "no", "不一致", "not the same"
    NOT_CHECKED = "not_checked", "未查", "not checked"


class Severity(Word):
    """异常处置: what an integrity signal does to a check-in."""

    HOLD = "hold", "待核实", "held for review"
    NOTE = "note", "仅提示", "noted"
    OFF = "off", "不检查", "not looked for"
