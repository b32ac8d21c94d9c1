"""催办: who is still behind is told while there is time, at shares of the period and on its last working day.

By state: a period remembers the last reminder that went out for it, and whoever moves that on tells its people, in
one transaction. So each goes out once whatever the number of workers; of those that came due while none ran, the
latest does.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import groupby
from operator import attrgetter
from typing import get_args
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from app.duties.rules import Period
from app.duties.store import reminders as store_reminders
from app.duties.store.reminders import BehindRow
from app.duties.words import PeriodKind
from app.kernel.language import Language
from app.notices import service as notices
from app.notices.rules import LAST_WORKING_DAY, NoticeSettings
from app.notices.service import NewNotice
from app.notices.templates import words


@dataclass(frozen=True, slots=True)
class Reminding:
    """Reminders as the county wants them, in its time."""

    settings: NoticeSettings
    timezone: ZoneInfo

    def local(self, day: date, minute: int) -> datetime:
        return datetime.combine(day, time(*divmod(minute, 60)), self.timezone)

    def due(self, period: Period, last_working_day: date | None, now: datetime) -> str | None:
        """The latest reminder whose moment has come; None before the first one."""
        moments = sorted(
            (self.local(day, self.settings.remind_at), name) for name, day in self._days(period, last_working_day)
        )
        return next((name for at, name in reversed(moments) if at <= now), None)

    def _days(self, period: Period, last_working_day: date | None) -> Iterator[tuple[str, date]]:
        """The day of each reminder: the one in which the share of the period is reached."""
        length = (period.end - period.start).days + 1
        for each in self.settings.reminders:
            if isinstance(each, float):
                yield f"{each:g}", period.start + timedelta(days=int(length * each))
            elif last_working_day:
                yield LAST_WORKING_DAY, last_working_day


async def remind(
    session: AsyncSession, *, county_id: str, timezone: str, settings: Mapping[str, object], now: datetime
) -> int:
    """Remind whoever is behind in a period for which a reminder has come due; how many. Nobody in quiet hours."""
    reminding = Reminding(NoticeSettings.lenient(settings), ZoneInfo(timezone))
    if reminding.settings.quiet.cover(now, timezone):
        return 0
    today = now.astimezone(reminding.timezone).date()
    periods = [Period.of(kind, today) for kind in PeriodKind]
    last_days = await _last_working_days(session, county_id, periods)
    due = [(period, reminding.due(period, last_days.get(period.kind), now)) for period in periods]
    turned = await store_reminders.TURN.all(
        session,
        county_id=county_id,
        kinds=[period.kind for period, name in due if name],
        starts=[period.start for period, name in due if name],
        reminders=[name for _, name in due if name],
    )
    if not turned:
        return 0
    behind = await store_reminders.BEHIND.all(
        session,
        county_id=county_id,
        rule_ids=[row.rule_id for row in turned],
        starts=[row.start for row in turned],
        reminders=[row.reminded for row in turned],
    )
    reminders = (_notice(row, reminding, today) for row in behind)
    told = [_together(list(own)) for _, own in groupby(reminders, attrgetter("person_id"))]
    await notices.tell(session, county_id=county_id, now=now, notices=told)
    return len(told)


async def _last_working_days(
    session: AsyncSession, county_id: str, periods: Sequence[Period]
) -> dict[str, date | None]:
    found = await store_reminders.LAST_WORKING_DAYS.all(
        session,
        county_id=county_id,
        kinds=[period.kind for period in periods],
        ends=[period.end for period in periods],
        starts=[period.start for period in periods],
    )
    return {row.kind: row.day for row in found}


def _notice(row: BehindRow, reminding: Reminding, today: date) -> NewNotice:
    period = Period.of(row.period_kind, row.start)
    return NewNotice(
        person_id=row.person_id,
        kind="duty_reminder",
        occasion=f"reminder:{row.id}:{row.reminder}",
        about={
            "duty_id": row.id,
            "rule": {"id": row.rule_id, "name": row.name, "name_en": row.name_en},
            "period": {"id": period.id, "start": period.start, "end": period.end},
            "required": row.required,
            "done": row.done,
            "wanting": row.required - row.done - row.pending_review,
            "left": (period.end - today).days + 1,
            "waiting": _waiting(row.waiting or 0),
        },
        until=reminding.local(period.end + timedelta(days=1), 0),
        today=True,
    )


def _together(own: Sequence[NewNotice]) -> NewNotice:
    """One notice of all that a person is reminded of at a time."""
    if len(own) == 1:
        return own[0]
    untils = [each.until for each in own if each.until]
    lines = {language: "\n".join(_line(each, language) for each in own) for language in get_args(Language)}
    return NewNotice(
        person_id=own[0].person_id,
        kind="duty_reminders",
        occasion=" ".join(each.occasion for each in own),
        about={
            "count": len(own),
            "summary": {"name": lines["zh-CN"], "name_en": lines["en"]},
            "duties": [each.about for each in own],
        },
        until=max(untils),
        today=True,
    )


def _line(reminder: NewNotice, language: Language) -> str:
    return words(reminder.kind, reminder.about, language).body


def _waiting(count: int) -> dict[str, str]:
    """What the phone said that it still holds may be all that is wanting."""
    if not count:
        return {"name": "", "name_en": ""}
    return {
        "name": f"手机上还有 {count} 条签到未上传，请尽快联网上传。",
        "name_en": f"Check-ins that still wait on the phone: {count}; upload them.",
    }
