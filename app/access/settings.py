"""What a county sets for access."""

from dataclasses import dataclass

from app.kernel.county_settings import RoomSettings, setting
from app.kernel.language import Text


@dataclass(frozen=True, slots=True)
class AccessSettings(RoomSettings):
    """How long activation codes are good, and how long is kept what phones and tracking apps said."""

    second_factor: bool = setting(
        False,
        "switch",
        Text(
            "办公室和管理员须启用动态口令，启用前只能办理本人事务",
            "offices and administrators work with a second factor; without it they do what is their own only",
        ),
    )
    new_device_notice: bool = setting(
        True,
        "switch",
        Text(
            "账号在新设备上登录时通知本人",
            "people are told when their account is signed in on a device for the first time",
        ),
    )
    activation_d: int = setting(
        14,
        "d",
        Text("激活码多少天内有效", "how many days an activation code is good"),
        least=1,
        most=60,
    )

    quarantine_retention_d: int = setting(
        30,
        "d",
        Text(
            "定位应用无法接收的内容保留多少天",
            "what tracking apps sent in vain is deleted so many days after it came",
        ),
        phones=True,
    )
    sign_in_retention_d: int = setting(
        184,
        "d",
        Text(
            "登录记录保留多少天（网络安全法第二十一条：不少于六个月）",
            "how long sign-ins are on record (Cybersecurity Law, art. 21: six months or more)",
        ),
        least=184,
    )
    contact_retention_d: int = setting(
        45,
        "d",
        Text(
            "手机何时联系过服务器，保留多少天；更晚补传的不以此核对",
            "when phones were in touch is known so long; later visits are not held against it",
        ),
        phones=True,
    )
