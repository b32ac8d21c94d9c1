"""个人信息处理规则: the house's draft for a county's office, and the publishing of its own."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.access import privacy
from app.access.settings import AccessSettings
from app.directory.service import County
from app.directory.settings import PrivacySettings
from app.kernel import audit
from app.kernel.language import Text
from app.photos.settings import PhotoSettings
from app.tracks.settings import TrackSettings

_DRAFT = Text(
    """\
{county}个人信息处理规则（草稿，请办公室核对、补充单位名称和联系方式后发布）

一、处理者：{county}（填写牵头单位、负责人和联系电话）。
二、目的：记录干部入户走访、驻村和值班情况，计算任务完成情况，处理请假、预警和申诉。
三、依据：履行法定职责和人力资源管理所必需（个人信息保护法第十三条）；轨迹须经本人同意，可随时撤回。
四、收集内容：姓名、手机号、任职和结对；签到的时间、位置、备注、照片；所用手机的型号和标识；请假事由；登录记录。签到位置属于敏感个人信息，\
仅在本人签到时取得，平时不采集。
五、保存期限：签到等 {evidence} 天，任务、预警和申诉 {duty} 天，照片 {photo} 天，轨迹 {track} 天，通知 {notice} 天，登录记录 {sign_in} 天，\
操作和查看记录 {audit} 天；到期自动删除。
六、谁能看到：本人，对其负责的领导和办公室；每次查看他人位置都有记录，本人可在“我的”中查询。
七、推送：经苹果、谷歌等境外服务器的推送默认关闭，须经县里同意后才启用，其中不含位置和事由。
八、您的权利：查询、复制、更正、申诉、撤回同意，以及离任后请求匿名，可在手机上办理或向办公室提出。
""",
    """\
How {county} handles personal data (a draft: the office adds who answers for it, and publishes it)

1. Who: {county} (office, person in charge, telephone).
2. What for: to record visits, stays and night duty of its cadres, reckon what is owed, and deal with leave, flags and appeals.
3. On what basis: needed for a statutory duty and the management of staff (PIPL, art. 13); tracks by your agreement, which you may take back at any time.
4. What: name, phone number, posts and assignments; time, place, note and photos of check-ins; model and id of the phone; reasons of leave; sign-ins. \
A place is sensitive; it is taken only when you check in.
5. How long: check-ins {evidence} days, duties, flags and appeals {duty}, photos {photo}, tracks {track}, notices {notice}, sign-ins {sign_in}, \
who did and looked at what {audit}; then they are deleted.
6. Who sees it: you, the leaders who answer for you, the office. Each look at somebody's places is on record, and you can read it.
7. Pushes by servers abroad (Apple, Google) are off until the county has allowed them; they name no place and no reason.
8. Your rights: to see, copy, correct, appeal, take agreement back, and to be made anonymous after you have left; on the phone, or at the office.
""",
)


def draft(county: County) -> Text:
    """With the county's own times."""
    kept, access = county.setting(PrivacySettings), county.setting(AccessSettings)
    days = {
        "evidence": kept.evidence_retention_d,
        "duty": kept.duty_retention_d,
        "notice": kept.notice_retention_d,
        "audit": kept.audit_retention_d,
        "sign_in": access.sign_in_retention_d,
        "photo": county.setting(PhotoSettings).photo_retention_d,
        "track": county.setting(TrackSettings).track_retention_d,
    }
    return Text(_DRAFT.zh.format(county=county.name, **days), _DRAFT.en.format(county=county.name_en, **days))


async def publish(
    session: AsyncSession, county_id: str, text: str, text_en: str, *, actor_id: UUID, now: datetime
) -> None:
    """The next version, on record."""
    version = await privacy.publish(session, county_id, text, text_en, person_id=actor_id, now=now)
    await audit.record(
        session,
        county_id=county_id,
        at=now,
        actor_id=actor_id,
        action="privacy_notice.published",
        subject=f"county:{county_id}",
        detail={"version": version},
    )
