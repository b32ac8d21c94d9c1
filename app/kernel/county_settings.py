"""What a county may set: each room declares its own, with default, bounds, and what they mean in both languages.

    @dataclass(frozen=True, slots=True)
    class PhotoSettings(RoomSettings):
        photo_retention_d: int = setting(365, "d", Text("照片保留天数", "days that photos are kept"), least=1)

`county.settings` holds what differs from the defaults; `app/flows/county_settings.py` lists all rooms. The API of
settings, the page's form and `docs/settings.md` are made from what is declared.
"""

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Self

from app.kernel.language import Text
from app.kernel.words import Word


class SettingUnit(Word):
    """设置单位: what a county setting is measured in, and so how it is written."""

    METRES = "m", "米", "m"
    KM_H = "km/h", "公里/时", "km/h"
    SECONDS = "s", "秒", "s"
    HOURS = "h", "小时", "h"
    DAYS = "d", "天", "days"
    CLOCK = "clock", "时:分", "hh:mm"  # minutes after midnight, past 1440 of the next day
    SHARE = "share", "0 至 1", "0 to 1"
    COUNT = "count", "个", "number"
    SWITCH = "switch", "开关", "switch"
    WORDS = "words", "结构", "structure"  # described by its meaning


_NOT_NUMBERS = (SettingUnit.SWITCH, SettingUnit.WORDS)

MOST = 500_000
"""Of any number: as days, it leads from today to no year that there is not."""

_SETTING = "setting"


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting of a county. `fits` is asked beside the bounds; `phones`: they are told of it."""

    name: str
    default: object
    unit: SettingUnit
    meaning: Text
    least: float
    most: float
    whole: bool
    fits: Callable[[object], bool] | None
    phones: bool

    @property
    def is_number(self) -> bool:
        return self.unit not in _NOT_NUMBERS

    def takes(self, value: object) -> bool:
        """Whether the setting can have this value."""
        if self.unit is SettingUnit.WORDS:
            return self.fits is not None and self.fits(value)
        if self.unit is SettingUnit.SWITCH or isinstance(value, bool):
            return self.unit is SettingUnit.SWITCH and isinstance(value, bool)
        if not isinstance(value, int if self.whole else (int, float)):
            return False
        return self.least <= float(value) <= self.most and (self.fits is None or self.fits(value))


def setting(
    default: object,
    unit: str,
    meaning: Text,
    *,
    least: float = 0,
    most: float = MOST,
    fits: Callable[[Any], bool] | None = None,
    phones: bool = False,
) -> Any:
    """A field of a room's settings. A mutable default is given as the function that makes it.

    `phones`: they are told, since they act by it. How visits are checked they are not: who knows the limits keeps
    within them.
    """
    metadata = {_SETTING: (SettingUnit.of(unit), meaning, least, most, fits, phones)}
    if callable(default):
        return dataclasses.field(default_factory=default, metadata=metadata)
    return dataclasses.field(default=default, metadata=metadata)


@dataclass(frozen=True, slots=True)
class RoomSettings:
    """What one room lets a county set."""

    def __post_init__(self) -> None:
        """Raises ValueError for a value that is none of its setting's."""
        for each in self.declared():
            if not each.takes(getattr(self, each.name)):
                raise ValueError(f"{each.name} cannot be {getattr(self, each.name)!r}")

    @classmethod
    def declared(cls) -> Iterator[Setting]:
        """Its settings, in their order."""
        for field in dataclasses.fields(cls):
            unit, meaning, least, most, fits, phones = field.metadata[_SETTING]
            made = field.default_factory
            default = field.default if made is dataclasses.MISSING else made()
            yield Setting(field.name, default, unit, meaning, least, most, field.type is int, fits, phones)

    @classmethod
    def of(cls, settings: Mapping[str, object]) -> Self:
        """From `county.settings`; unknown keys belong to other rooms. Raises ValueError."""
        known = {field.name for field in dataclasses.fields(cls)}
        return cls(**{name: value for name, value in settings.items() if name in known})

    @classmethod
    def lenient(cls, settings: Mapping[str, object]) -> Self:
        """The same; what cannot be read is as usual, since people must be heard and told at any rate."""
        return cls.of({name: value for name, value in settings.items() if name not in cls.unfit(settings)})

    @classmethod
    def unfit(cls, settings: Mapping[str, object]) -> list[str]:
        """The names of its settings whose value they cannot take."""
        return [
            each.name for each in cls.declared() if each.name in settings and not each.takes(settings[each.name])
        ]
