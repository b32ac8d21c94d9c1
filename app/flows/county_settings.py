"""What a county may set, room by room, and how its office sets it."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.access.settings import AccessSettings
from app.checkins.settings import VisitSettings
from app.directory import service as directory
from app.directory.service import County
from app.directory.settings import GeneralSettings, PrivacySettings
from app.duties.settings import DutySettings
from app.exchange.settings import ExchangeSettings
from app.geo.verdict import Limits
from app.kernel import audit
from app.kernel.county_settings import RoomSettings, Setting
from app.kernel.language import Text
from app.kernel.problems import INVALID, FieldError, Problem
from app.notices.rules import NoticeSettings
from app.photos.settings import PhotoSettings
from app.tracks.settings import TrackSettings

ROOMS: Mapping[type[RoomSettings], Text] = {
    GeneralSettings: Text("通用", "General"),
    Limits: Text("位置判定", "Verdict on places"),
    VisitSettings: Text("签到异常", "Oddities of check-ins"),
    DutySettings: Text("申诉、请假、核实、预警", "Appeals, leave, reviews, flags"),
    NoticeSettings: Text("通知", "Notices"),
    PhotoSettings: Text("照片", "Photos"),
    TrackSettings: Text("轨迹", "Tracks"),
    ExchangeSettings: Text("导入", "Imports"),
    AccessSettings: Text("登录与手机", "Sign-in and phones"),
    PrivacySettings: Text("个人信息保留期限", "What is kept how long"),
}

_UNKNOWN = Text("没有这项设置", "There is no such setting")
_UNFIT = Text("该设置不能取这个值", "The setting cannot have this value")


def declared() -> Iterator[tuple[type[RoomSettings], Setting]]:
    """All settings, room by room."""
    for room in ROOMS:
        for each in room.declared():
            yield room, each


def for_phones(county: County) -> dict[str, object]:
    """What a phone acts by. How visits are checked stays here: who knows the limits keeps within them."""
    return {each.name: getattr(county.setting(room), each.name) for room, each in declared() if each.phones}


def refuse_unfit(settings: Mapping[str, object], *, unknown_too: bool = False) -> None:
    """Raises `INVALID` with an error for each setting that cannot have its value, or is not there."""
    unfit = {name for room in ROOMS for name in room.unfit(settings)}
    known = {each.name for _, each in declared()}
    errors = tuple(
        FieldError(
            f"/settings/{name}",
            "unfit_setting" if name in known else "unknown_setting",
            _UNFIT if name in known else _UNKNOWN,
        )
        for name in settings
        if name in unfit or (unknown_too and name not in known)
    )
    if errors:
        raise Problem(INVALID, errors=errors)


async def change(
    session: AsyncSession, county_id: str, changed: Mapping[str, object], *, actor_id: UUID, now: datetime
) -> County:
    """Set these; the others stay. Raises `INVALID`. What it means for what is past: nothing is judged anew."""
    refuse_unfit(changed, unknown_too=True)
    before = await directory.county(session, county_id)
    was = {
        each.name: getattr(before.setting(room), each.name) for room, each in declared() if each.name in changed
    }
    await directory.change_settings(session, county_id, changed)
    await audit.record(
        session,
        county_id=county_id,
        at=now,
        actor_id=actor_id,
        action="settings.changed",
        subject=f"county:{county_id}",
        detail={"before": was, "after": dict(changed)},
    )
    return await directory.county(session, county_id)
