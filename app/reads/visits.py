"""Check-ins of the people in sight: the list, one with everything the phone said, and a duty's evidence."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Literal, NamedTuple
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.checkins import forms
from app.checkins import service as checkins
from app.checkins.store.check_ins import VIEW, CheckInRow
from app.directory import service as directory
from app.directory.settings import PrivacySettings
from app.directory.words import Category
from app.duties import service as duties
from app.duties.service import DutyCounty
from app.duties.store.appeals import AGAINST_CHECK_IN
from app.kernel import retention
from app.kernel.language import Language, Text
from app.kernel.paging import cut, decode_cursor
from app.kernel.problems import NOT_FOUND, Problem
from app.kernel.statements import Json, Statement
from app.reads import board, judgements, photos, reckoning, rule_period
from app.reads.answers.board import Considered, DutyDetail, DutyEvidence, EvidenceRule, Outcome, Span
from app.reads.answers.check_ins import CheckIn, CheckInDetail, CheckInPage, Device, Raw
from app.reads.answers.named import CodedPlace, PersonRef
from app.reads.board import DutyRow
from app.reads.rule_period import RuleInPeriod
from app.reads.visibility import VISIBLE, VisibleScope


@dataclass(frozen=True, slots=True)
class VisitRow(CheckInRow):
    """A check-in with its person."""

    person_name: str
    person_category: Category
    appeal: Json | None
    review: Json | None


@dataclass(frozen=True, slots=True)
class DetailRow(VisitRow):
    """And all that the phone said."""

    crs: str
    raw_lon: float | None
    raw_lat: float | None
    fixed_at: datetime | None
    altitude_m: float | None
    speed_mps: float | None
    mock: bool | None
    position_problem: str | None
    position_added_at: datetime | None
    app_version: str | None
    form: Json | None
    photo_ids: list[UUID]
    device_id: str | None
    platform: str | None
    model: str | None


_DELETED = Text(
    "签到等依据已按规定在 {days} 天后删除，任务结果不变",
    "The check-ins behind it were deleted after {days} days, as the county has set; the result stays",
)


class AssignmentRow(NamedTuple):
    """A village that the person answered for."""

    id: str
    name: str
    from_date: date
    until_date: date | None


NAMED = """
LEFT JOIN village AS v ON v.county_id = :county_id AND v.id = c.village_id
LEFT JOIN village AS f ON f.county_id = :county_id AND f.id = c.found_in_village_id
JOIN visible_person AS person ON person.id = c.person_id
"""
SHOWN = f"""
{VIEW}, person.name AS person_name, person.category AS person_category, {AGAINST_CHECK_IN} AS appeal,
  ({judgements.STANDING_REVIEW}) AS review
"""

# Filters that are there are conditions, those that are not are nothing: so each list finds its index. A check-in
# is judged against a village that its person is assigned to, so these people's are looked through, not everyone's.
_CONDITIONS = {
    "from_at": "c.visited_at >= :from_at",
    "until_at": "c.visited_at < :until_at",
    "village_id": """(c.found_in_village_id = :village_id
      OR (c.village_id = :village_id AND c.person_id = ANY(ARRAY(
        SELECT person_id FROM assignment WHERE county_id = :county_id AND village_id = :village_id))))""",
    "person_id": "c.person_id = :person_id",
    "standing": "c.standing = :standing",
    "bbox": "c.position && ST_MakeEnvelope(:west, :south, :east, :north, 4326)",
    "older": "(c.visited_at, c.id) < (:at, CAST(:id AS uuid))",
    "newer": "(c.visited_at, c.id) > (:at, CAST(:id AS uuid))",
}
Order = Literal["newest", "oldest"]
_ORDERS: dict[Order, str] = {
    "newest": "c.visited_at DESC, c.id DESC",
    "oldest": "c.visited_at, c.id",  # a queue
}


def _listing(conditions: Sequence[str], order: Order) -> Statement[VisitRow]:
    return Statement(
        VisitRow,
        f"""
    WITH {VISIBLE} SELECT {SHOWN} FROM check_in AS c {NAMED}
    WHERE c.county_id = :county_id{"".join(f" AND {_CONDITIONS[name]}" for name in conditions)}
    ORDER BY {_ORDERS[order]} LIMIT :limit""",
    )


_ONE = Statement(
    DetailRow,
    f"""
WITH {VISIBLE}
SELECT {SHOWN}, c.crs, c.raw_lon, c.raw_lat, c.fixed_at, c.altitude_m, c.speed_mps, c.mock, c.position_problem,
  c.position_added_at, c.app_version, c.form, c.photo_ids, c.device_id, device.platform, device.model
FROM check_in AS c {NAMED}
LEFT JOIN device
  ON device.county_id = :county_id AND device.id = c.device_id AND device.person_id = c.person_id
WHERE c.county_id = :county_id AND c.id = :check_in_id
""",
)
_SOME = Statement(
    VisitRow,
    f"""
WITH {VISIBLE} SELECT {SHOWN} FROM check_in AS c {NAMED}
WHERE c.county_id = :county_id AND c.id = ANY(CAST(:ids AS uuid[]))
""",
)
_ASSIGNMENTS = Statement(
    AssignmentRow,
    """
SELECT village.id, village.name, min(assignment.from_date) AS from_date,
  nullif(max(coalesce(assignment.until_date, 'infinity')), 'infinity') AS until_date
FROM assignment JOIN village ON village.county_id = :county_id AND village.id = assignment.village_id
WHERE assignment.county_id = :county_id AND assignment.person_id = :person_id
  AND assignment.from_date <= :period_end
  AND (assignment.until_date IS NULL OR assignment.until_date > :start)
GROUP BY village.id, village.name ORDER BY from_date, village.id
""",
)


@dataclass(frozen=True, slots=True)
class CheckInFilter:
    """Which check-ins to list; None is all of them.

    A village is one that the check-in was judged against or found in; `bbox` is west, south, east, north in
    degrees.
    """

    from_at: datetime | None = None
    until_at: datetime | None = None
    village_id: str | None = None
    person_id: UUID | None = None
    standing: str | None = None
    bbox: tuple[float, float, float, float] | None = None

    def given(self) -> dict[str, object]:
        """The filters that are there, by name."""
        return {name: value for name, value in asdict(self).items() if value is not None}


async def check_ins(
    session: AsyncSession,
    visible: VisibleScope,
    filters: CheckInFilter,
    *,
    order: Order = "newest",
    cursor: str | None,
    limit: int,
    language: Language,
) -> CheckInPage:
    """Check-ins of the people in sight."""
    listing = "check-ins" if order == "newest" else "check-ins-oldest"
    given = filters.given()
    after = decode_cursor(listing, cursor, datetime, UUID)
    conditions = [*given, *(["older" if order == "newest" else "newer"] if after else [])]
    given.pop("bbox", None)
    if filters.bbox:
        given |= dict(zip(("west", "south", "east", "north"), filters.bbox, strict=True))
    if after:
        given |= {"at": after[0], "id": after[1]}
    found = await _listing(conditions, order).all(session, **visible.parameters(), **given, limit=limit + 1)
    shown, cursor_after = cut(listing, found, limit, lambda row: (row.visited_at, row.id))
    return CheckInPage(items=[CheckIn(**view(row, language)) for row in shown], next_cursor=cursor_after)


async def check_in(
    session: AsyncSession, visible: VisibleScope, check_in_id: UUID, *, language: Language
) -> CheckInDetail:
    """One check-in with what the phone said, and what was decided since. Raises `NOT_FOUND`."""
    found = await _ONE.all(session, **visible.parameters(), check_in_id=check_in_id)
    if not found:
        raise Problem(NOT_FOUND)
    row = found[0]
    history = await judgements.history(session, county_id=visible.county_id, check_in_id=check_in_id)
    return CheckInDetail(
        **view(row, language),
        **history._asdict(),
        raw=Raw(
            lon=row.raw_lon,
            lat=row.raw_lat,
            crs=row.crs,
            altitude_m=row.altitude_m,
            speed_mps=row.speed_mps,
            mock=row.mock,
            fixed_at=row.fixed_at,
            position_problem=row.position_problem,
            position_added_at=row.position_added_at,
            app_version=row.app_version,
        ),
        form=forms.described(row.form, language),
        device=Device(id=row.device_id, platform=row.platform, model=row.model) if row.device_id else None,
        photo_ids=row.photo_ids,
        photos=await photos.photos(session, visible, person_id=row.person_id, photo_ids=row.photo_ids),
    )


async def duty(
    session: AsyncSession, visible: VisibleScope, duty_id: UUID, *, now: datetime, language: Language
) -> DutyDetail:
    """A duty with its evidence: the rule it went by, and every check-in or stay considered. Raises `NOT_FOUND`."""
    row = await board.duty(session, visible, duty_id)
    asked = await rule_period.of_duty(session, county_id=visible.county_id, duty=row, now=now)
    text = rule_period.text_of(asked.rule.terms, language)
    within = (row.start, row.period_end)
    county = DutyCounty(visible.county_id, asked.timezone)
    return DutyDetail(
        **board.view(row, asked.timezone, now, language),
        evidence=DutyEvidence(
            deleted=await _deleted(session, county.id, row, language),
            rule=EvidenceRule(**rule_period.said(asked.rule, language), text=text),
            check_ins=await _considered(session, visible, asked, duty_id, now, language),
            stays=(await reckoning.stays(session, county, [duty_id], now, language))[duty_id],
            days=await reckoning.days(session, county.id, *within, language),
            calendar_assumed=row.calendar_assumed,
            leave=await reckoning.leave_taken(session, county, row.person_id, within, now),
            assignments=await _assignments(session, visible, row),
        ),
    )


async def _considered(
    session: AsyncSession,
    visible: VisibleScope,
    asked: RuleInPeriod,
    duty_id: UUID,
    now: datetime,
    language: Language,
) -> list[Considered]:
    """Every check-in in the duty's period by time, whether it counted, and why."""
    judged = await duties.evidence(
        session, county_id=visible.county_id, timezone=asked.timezone, duty_id=duty_id, now=now
    )
    found = await _SOME.all(session, **visible.parameters(), ids=[each.check_in_id for each in judged])
    shown = {row.id: CheckIn(**view(row, language)) for row in found}
    return [
        Considered(
            check_in=shown[each.check_in_id],
            counted=each.counted,
            in_time=each.in_time,
            reason=Outcome(code=each.code, detail=duties.outcome_text(each.code, language)),
        )
        for each in judged
    ]


async def _deleted(session: AsyncSession, county_id: str, duty: DutyRow, language: Language) -> str | None:
    if duty.start >= await retention.settled_before(session, county_id):
        return None
    settings = (await directory.county(session, county_id)).setting(PrivacySettings)
    return _DELETED.say(language, days=settings.evidence_retention_d)


async def _assignments(session: AsyncSession, visible: VisibleScope, duty: DutyRow) -> list[Span]:
    found = await _ASSIGNMENTS.all(
        session,
        county_id=visible.county_id,
        person_id=duty.person_id,
        start=duty.start,
        period_end=duty.period_end,
    )
    return [
        Span(village=CodedPlace(id=row.id, name=row.name), from_=row.from_date, until=row.until_date)
        for row in found
    ]


def view(row: VisitRow, language: Language) -> dict[str, object]:
    """What a `CheckIn` is made of: a row with `SHOWN`."""
    return checkins.view(row, language, to_who_reviews=True) | {
        "person": PersonRef(id=row.person_id, name=row.person_name, category=row.person_category),
        "source": row.source,
        "record": row.record,
        "withdrawn": row.withdrawn_at is not None,
        "appeal": row.appeal,
        "review": row.review,
        "late_s": max(int((row.received_at - row.visited_at).total_seconds()), 0),
    }
