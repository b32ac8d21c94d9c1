"""What a county sets for every room: its night, how far phones' clocks are believed, how long rows are kept."""

from dataclasses import dataclass

from app.kernel.county_settings import RoomSettings, setting
from app.kernel.language import Text

_DAY_MIN = 24 * 60


@dataclass(frozen=True, slots=True)
class GeneralSettings(RoomSettings):
    """An end of the night that is not after its start is of the next morning."""

    night_start: int = setting(
        18 * 60 + 30,
        "clock",
        Text("夜间自几时起；夜访按当晚计", "when the night begins; a night visit belongs to its evening"),
        most=2 * _DAY_MIN,
        phones=True,
    )
    night_until: int = setting(
        29 * 60,
        "clock",
        Text("夜间至次日几时止", "when it ends, on the next morning; 300 and 1740 are both 05:00"),
        most=2 * _DAY_MIN,
        phones=True,
    )
    clock_skew_s: int = setting(
        300,
        "s",
        Text("手机时间超前服务器多少秒以上须核实", "captured further ahead of the server than this is held"),
    )

    @property
    def night(self) -> tuple[int, int]:
        """From when until when it is night, in minutes after midnight."""
        until = self.night_until
        return self.night_start, until if until > self.night_start else until + _DAY_MIN


_YEARS_D = 2 * 366 - 1
"""No period is longer than a year, nor open longer than another."""


@dataclass(frozen=True, slots=True)
class PrivacySettings(RoomSettings):
    """How long rows are kept that several rooms have a part in; see `flows/delete_expired.py`."""

    evidence_retention_d: int = setting(
        1096,
        "d",
        Text(
            "签到、核实、在村停留、请假保留多少天；之前的任务不再重新计算",
            "check-ins, reviews, stays, leave are kept so long; duties from before are not counted anew",
        ),
        least=_YEARS_D,
        phones=True,
    )
    duty_retention_d: int = setting(
        1827,
        "d",
        Text("任务、预警、申诉保留多少天", "duties are kept so long, with their flags and appeals"),
        least=_YEARS_D,
        phones=True,
    )
    notice_retention_d: int = setting(
        366,
        "d",
        Text("通知及其发送情况保留多少天", "notices are kept so long, and how they were delivered"),
        least=366,
        phones=True,
    )
    device_retention_d: int = setting(
        366,
        "d",
        Text("手机多少天未联系即删除其信息", "a phone that was not heard from for so long is forgotten"),
        least=31,
    )
    audit_retention_d: int = setting(
        1096,
        "d",
        Text(
            "操作与查看记录保留多少天（网络安全法第二十一条：不少于六个月）",
            "how long it is on record who did and looked at what (Cybersecurity Law, art. 21: six months or more)",
        ),
        least=184,
        phones=True,
    )
