"""Somebody agrees to the county's privacy notice, or takes that back: then their tracks go at once."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from app.access import privacy
from app.directory.scope import Scope
from app.kernel.language import Text
from app.tracks import service as tracks

EFFECT = Text(
    "同意只关系到轨迹：不同意或撤回后，不再保存轨迹，已有的立即删除；推送登记和邮箱等可在“通知方式”中自行删除。"
    "签到、任务、请假等是县里履行法定职责和管理人员所必需的，依照个人信息保护法第十三条不以同意为前提，"
    "撤回后仍按规定的期限保存。",
    "Agreement is about tracks only: without it none is kept, and what there was is deleted at once; pushes and "
    "addresses are yours to take away under “how to be told”. Check-ins, duties and leave are needed for the "
    "county's statutory duty and the management of its staff: by article 13 of the PIPL they do not rest on "
    "agreement, and are kept for their time whatever you choose.",
)


async def answer(session: AsyncSession, own: Scope, *, version: int, agreed: bool, now: datetime) -> None:
    """Raises `CONFLICT` where there is another version by now."""
    await privacy.say(session, own.county_id, own.person_id, version=version, agreed=agreed, now=now)
    if not agreed:
        await tracks.delete_of(session, own.county_id, [own.person_id])
