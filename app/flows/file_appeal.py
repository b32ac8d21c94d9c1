"""A person appeals: it is kept, and put before those who may decide."""

from datetime import date, datetime, timedelta
from typing import cast
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.directory import service as directory
from app.directory.leaders import LeaderQuery, answering
from app.directory.service import County
from app.duties import appeals
from app.duties.appeals import AppealRow, NewAppeal, Subject
from app.kernel import audit
from app.kernel.days import say_day
from app.notices import service as notices
from app.notices.service import NewNotice


async def file_appeal(session: AsyncSession, county_id: str, new: NewAppeal, *, now: datetime) -> bool:
    """Whether it is new; see `appeals.file`. Of one that came too late nobody is told."""
    county = await directory.county(session, county_id)
    await directory.lock_people(session, county_id=county_id, person_ids=[new.person_id])
    filed = await appeals.file(session, county, new, now=now)
    if filed is None:
        return False
    await audit.record(
        session,
        county_id=county_id,
        at=now,
        actor_id=new.person_id,
        action="appeal.filed",
        subject=f"appeal:{new.id}",
        detail={"instance": filed.instance, "status": filed.status, "text": filed.text},
    )
    if filed.status == "open":
        about = await appeals.subject(session, county_id, flag_id=new.flag_id, check_in_id=new.check_in_id)
        await notices.tell(
            session,
            county_id=county_id,
            now=now,
            notices=[
                NewNotice(decider, "appeal_filed", f"appeal:{new.id}:filed", about_appeal(county, filed, about))
                for decider in await _nearest(session, county, about, filed.instance, now)
            ],
        )
    return True


def about_appeal(county: County, appeal: AppealRow, about: Subject) -> dict[str, object]:
    """What the texts of a notice name."""
    if about.captured_at:
        day = county.day(about.captured_at)
        subject = {
            "name": f"{say_day(day, 'zh-CN')}的签到认定",
            "name_en": f"the standing of the check-in of {say_day(day, 'en')}",
        }
    else:
        start = cast("date", about.period_start)  # what is no check-in is a flag, which has one
        subject = {
            "name": f"{say_day(start, 'zh-CN')}起一期任务的预警",
            "name_en": f"the flag of the period from {say_day(start, 'en')}",
        }
    return {
        "appeal_id": appeal.id,
        "flag_id": appeal.flag_id,
        "check_in_id": appeal.check_in_id,
        "person": {"id": appeal.person_id, "name": appeal.name},
        "subject": subject,
        "due": county.day(appeal.due_at - timedelta(microseconds=1)),  # it ends with its last day
    }


async def _nearest(
    session: AsyncSession, county: County, about: Subject, instance: int, now: datetime
) -> set[UUID]:
    """Of those who may decide the nearest to the person, or all of them where it is none of these."""
    able = await appeals.deciders(session, county, about, instance=instance, now=now)
    asked = [LeaderQuery(about.person_id)]
    (nearest,) = await answering(session, county_id=county.id, asked=asked, today=county.day(now))
    return able.intersection(each.person_id for each in nearest) or able
