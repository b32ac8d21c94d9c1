"""个人信息处理规则: the house's draft for a county's office, and the publishing of its own."""

from datetime import datetime
from pathlib import Path
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

_DRAFT = Text(*(Path(__file__).with_suffix(f".{language}.txt").read_text("utf-8") for language in ("zh", "en")))


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
