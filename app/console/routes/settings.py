"""What the county has set, and the office that sets it."""

from fastapi import APIRouter

from app.console.routes.context import ContextDep
from app.console.schemas.settings import SettingGroup, SettingOut, SettingsIn, SettingsOut
from app.directory import service as directory
from app.directory.rights import Ability
from app.directory.service import County
from app.flows import county_settings
from app.http.abilities import needs
from app.http.caller import LanguageDep
from app.kernel.county_settings import Setting
from app.kernel.language import Language

router = APIRouter(prefix="/settings", tags=["settings"])


@router.get("", summary="Everything that the county may set, and how it is set")
@needs(Ability.CHANGE_SETTINGS)
async def read_county_settings(context: ContextDep, language: LanguageDep) -> SettingsOut:
    return _all(await directory.county(context.session, context.scope.county_id), language)


@router.put("", summary="Change some of it")
@needs(Ability.CHANGE_SETTINGS)
async def put_county_settings(body: SettingsIn, context: ContextDep, language: LanguageDep) -> SettingsOut:
    changed = await county_settings.change(
        context.session, context.scope.county_id, body.settings, actor_id=context.scope.person_id, now=context.now
    )
    return _all(changed, language)


def _all(county: County, language: Language) -> SettingsOut:
    return SettingsOut(
        groups=[
            SettingGroup(
                name=name.say(language),
                items=[_one(each, getattr(county.setting(room), each.name), language) for each in room.declared()],
            )
            for room, name in county_settings.ROOMS.items()
        ]
    )


def _one(setting: Setting, value: object, language: Language) -> SettingOut:
    return SettingOut(
        name=setting.name,
        unit=setting.unit,
        meaning=setting.meaning.say(language),
        value=value,
        default=setting.default,
        least=setting.least if setting.is_number else None,
        most=setting.most if setting.is_number else None,
        whole=setting.whole,
    )
