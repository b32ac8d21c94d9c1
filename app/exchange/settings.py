"""What a county sets for exchange."""

from dataclasses import dataclass

from app.kernel.county_settings import RoomSettings, setting
from app.kernel.language import Text


@dataclass(frozen=True, slots=True)
class ExchangeSettings(RoomSettings):
    """How long imports are kept."""

    import_retention_d: int = setting(
        180,
        "d",
        Text(
            "导入的文件保留多少天；删除后不能再撤销那次导入",
            "imported files are kept so long; afterwards the import cannot be taken back",
        ),
        least=1,
    )
