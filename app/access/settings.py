"""What a county sets for access."""

from dataclasses import dataclass

from app.kernel.county_settings import RoomSettings, setting
from app.kernel.language import Text


@dataclass(frozen=True, slots=True)
class AccessSettings(RoomSettings):
    """How long activation codes are good, and how long is kept what phones and tracking apps said."""

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
    contact_retention_d: int = setting(
        45,
        "d",
        Text(
            "手机何时联系过服务器，保留多少天；更晚补传的不以此核对",
            "when phones were in touch is known so long; later visits are not held against it",
        ),
        phones=True,
    )
