"""个人信息处理规则: what a county tells its people about their data, and who has agreed to what rests on that.

What the office has a statutory duty to keep needs nobody's agreement (个人信息保护法第十三条); tracks do.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.access.store import privacy as store
from app.access.store.privacy import ConsentRow, NoticeRow
from app.kernel.ids import new_id
from app.kernel.language import Text
from app.kernel.problems import CONFLICT, Problem

_ANOTHER = Text("规则已有新版本，请阅读后再选择", "There is a newer version by now: read it first")


@dataclass(frozen=True, slots=True)
class Standing:
    """The notice in force, and what the person said last; None where there is none."""

    notice: NoticeRow | None
    said: ConsentRow | None

    @property
    def agreed(self) -> bool:
        return self.said is not None and self.said.agreed

    @property
    def ask(self) -> bool:
        """Whether the person has not answered to the version in force."""
        return self.notice is not None and (self.said is None or self.said.version < self.notice.version)


async def standing(session: AsyncSession, county_id: str, person_id: UUID) -> Standing:
    return Standing(
        await store.NOTICE.first(session, county_id=county_id),
        await store.SAID.first(session, county_id=county_id, person_id=person_id),
    )


async def publish(
    session: AsyncSession, county_id: str, text: str, text_en: str, *, person_id: UUID, now: datetime
) -> int:
    """The next version, which everybody is asked about. Of two at once one is refused by its key."""
    return await store.PUBLISH.one(
        session, county_id=county_id, text=text, text_en=text_en, person_id=person_id, now=now
    )


async def say(
    session: AsyncSession, county_id: str, person_id: UUID, *, version: int, agreed: bool, now: datetime
) -> None:
    """Agree to the version in force, or withdraw. Raises `CONFLICT` where there is another by now."""
    notice = await store.NOTICE.first(session, county_id=county_id)
    if notice is None or notice.version != version:
        raise Problem(CONFLICT, _ANOTHER)
    await store.SAY.run(
        session, county_id=county_id, id=new_id(), person_id=person_id, version=version, agreed=agreed, now=now
    )


async def agreeing(session: AsyncSession, county_id: str, person_ids: Collection[UUID]) -> set[UUID]:
    """Those of them of whom what needs agreement may be kept."""
    return set(await store.AGREEING.all(session, county_id=county_id, person_ids=list(person_ids)))
