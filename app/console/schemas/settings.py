"""What a county may set, on the wire."""

from pydantic import BaseModel, Field

from app.kernel.county_settings import SettingUnit


class SettingOut(BaseModel):
    """县级设置: one number, switch or structure that the county may set."""

    name: str
    unit: SettingUnit
    meaning: str = Field(description="in the caller's language")
    value: object = Field(description="as it holds now")
    default: object = Field(description="what holds where the county has set nothing")
    least: float | None = Field(description="of numbers")
    most: float | None
    whole: bool = Field(description="only whole numbers")


class SettingGroup(BaseModel):
    """The settings of one room of the house."""

    name: str = Field(description="in the caller's language")
    items: list[SettingOut]


class SettingsOut(BaseModel):
    groups: list[SettingGroup]


class SettingsIn(BaseModel):
    """What is left out stays as it is. Nothing that was judged or counted before is judged or counted anew."""

    settings: dict[str, object] = Field(min_length=1, max_length=100)
