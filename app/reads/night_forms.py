"""领导夜访考: what the forms of counted night visits found, by village, by person and by unit.

A rate is the sum of its numerators by the sum of its denominators, and null where nobody was asked or nothing was
looked at. A form kept from before its parts were checked is read as far as it can be.
"""

from datetime import date, datetime, time
from typing import Literal
from zoneinfo import ZoneInfo

from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncSession

from app.checkins.forms import ITEMS, NIGHT_VISIT, PAPER_STATES
from app.duties.rules import Period
from app.kernel.database import rows
from app.kernel.language import Language, Text
from app.kernel.problems import NOT_FOUND, Problem, invalid
from app.kernel.statements import Statement
from app.reads.answers.coverage import (
    ConsistencyTally,
    FormFigures,
    FormItemFigures,
    FormPeriod,
    ItemTally,
    NightVisits,
    PaperTally,
    RecognitionTally,
    SatisfactionTally,
)
from app.reads.answers.named import CodedPlace, PersonRef, UnitRef
from app.reads.visibility import VISIBLE, VisibleScope

Grouping = Literal["village", "person", "unit"]

_BAD_PERIOD = Text(
    "应为 2026-W47、2026-11、2026-Q4、2026-H2 或 2026", "Must be 2026-W47, 2026-11, 2026-Q4, 2026-H2 or 2026"
)
_TIMEZONE = Statement(
    str,
    "SELECT timezone FROM county WHERE id = :county_id",
)


def _state(part: str, state: str) -> str:
    return f"count(*) FILTER (WHERE form #>> '{{{part},state}}' = '{state}')"


def _sum(part: str, number: str) -> str:
    at = f"{{{part},{number}}}"
    return f"""CAST(coalesce(sum(CASE WHEN jsonb_typeof(form #> '{at}') = 'number'
      THEN CAST(form #>> '{at}' AS numeric) END), 0) AS float8)"""


_PAPERS = ("card", "booklet")

_FIGURES = ", ".join(
    [
        "count(*) AS forms",
        *(f"{_state(f'items,{item}', state)} AS {item}_{state}" for item in ITEMS for state in ("ok", "gap")),
        *(f"{_state(paper, state)} AS {paper}_{state}" for paper in _PAPERS for state in PAPER_STATES),
        *(f"{_state('consistent', state)} AS consistent_{state}" for state in ("yes", "no")),
        *(f"{_sum(asked, 'asked')} AS {asked}_asked" for asked in ("recognition", "satisfaction")),
        f"{_sum('recognition', 'recognised')} AS recognised",
        f"{_sum('satisfaction', 'satisfied')} AS satisfied",
    ]
)
# The village is the one that a check-in was judged against, else the one it was found in; it may have none.
_FORMS = f"""{VISIBLE}, filled AS MATERIALIZED (
  SELECT check_in.form, person.id AS person_id, person.name AS person_name, person.category, person.unit_id,
    person.department_id, coalesce(check_in.village_id, check_in.found_in_village_id) AS village_id
  FROM check_in JOIN visible_person AS person ON person.id = check_in.person_id
  WHERE check_in.county_id = :county_id AND check_in.standing = 'counted'
    AND check_in.form ->> 'kind' = '{NIGHT_VISIT}'
    AND check_in.visited_at >= :from_at AND check_in.visited_at < :until_at
)"""
_ITEMS: dict[Grouping, str] = {
    "village": f"""
      SELECT village.id, village.name, NULL AS level, NULL AS category, village.id AS place, {_FIGURES}
      FROM filled LEFT JOIN village ON village.county_id = :county_id AND village.id = filled.village_id
      GROUP BY village.id, village.name""",
    "person": f"""
      SELECT CAST(person_id AS text) AS id, person_name AS name, NULL AS level, category,
        concat(person_name, person_id) AS place, {_FIGURES}
      FROM filled GROUP BY person_id, person_name, category""",
    # Each person in one unit, as in compliance: on the ground, else by the department, else their own.
    "unit": f"""
      SELECT CAST(unit.id AS text) AS id, unit.name, unit.level, NULL AS category,
        CAST(unit.path AS text) AS place, {_FIGURES}
      FROM filled
      JOIN unit AS own ON own.county_id = :county_id AND own.id = filled.unit_id
      LEFT JOIN placed AS ground ON ground.id = filled.unit_id
      LEFT JOIN placed AS sent ON sent.id = filled.department_id
      JOIN unit ON unit.county_id = :county_id AND unit.path = coalesce(ground.path, sent.path, own.path)
      GROUP BY unit.id, unit.name, unit.level, unit.path""",
}
_REPORT = {
    grouping: f"""
    WITH {_FORMS}, placed AS (
      SELECT unit.id, subpath(unit.path, 0, least(nlevel(unit.path), nlevel(top.path) + :depth)) AS path
      FROM unnest(CAST(:paths AS ltree[])) AS top (path) JOIN visible_unit AS unit ON unit.path <@ top.path
    ), item AS ({items})
    SELECT false AS whole, item.* FROM item
    UNION ALL SELECT true, NULL, NULL, NULL, NULL, NULL, {_FIGURES} FROM filled
    ORDER BY whole, place NULLS LAST"""
    for grouping, items in _ITEMS.items()
}


async def rates(
    session: AsyncSession,
    visible: VisibleScope,
    *,
    period: str | None,
    group_by: Grouping,
    now: datetime,
    language: Language,
) -> NightVisits:
    """What the forms of a period found, of the people in sight. `period` defaults to the current week.

    By village, forms whose place was unsure and unassigned stand in an item without a village.
    """
    found = await _TIMEZONE.first(session, county_id=visible.county_id)
    if found is None:
        raise Problem(NOT_FOUND)
    timezone = ZoneInfo(found)
    try:
        asked = Period.of("week", now.astimezone(timezone).date()) if period is None else Period.parse(period)
    except ValueError:
        raise invalid("/period", "bad_period", _BAD_PERIOD) from None
    *items, total = await rows(
        session,
        _REPORT[group_by],
        **visible.parameters(),
        from_at=_midnight(asked.start, timezone),
        until_at=_midnight(asked.following.start, timezone),
        depth=1 if len(visible.paths) == 1 else 0,
    )
    return NightVisits(
        period=FormPeriod(id=asked.id, kind=asked.kind, start=asked.start, end=asked.end),
        items=[FormItemFigures(**_figures(row, language), **_whose(row, group_by)) for row in items],
        total=FormFigures(**_figures(total, language)),
    )


def _midnight(day: date, timezone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), timezone)


def _rate(part: float, whole: float) -> float | None:
    return part / whole if whole else None


def _figures(row: Row[tuple[object, ...]], language: Language) -> dict[str, object]:
    values = row._mapping  # noqa: SLF001 - its public name
    yes, no = row.consistent_yes, row.consistent_no
    return {
        "forms": row.forms,
        "items": {
            item: ItemTally(
                name=text.say(language),
                checked=values[f"{item}_ok"] + values[f"{item}_gap"],
                gaps=values[f"{item}_gap"],
            )
            for item, text in ITEMS.items()
        },
        **{
            paper: PaperTally(**{str(state): values[f"{paper}_{state}"] for state in PAPER_STATES})
            for paper in _PAPERS
        },
        "consistency": ConsistencyTally(checked=yes + no, consistent=yes, rate=_rate(yes, yes + no)),
        "recognition": RecognitionTally(
            asked=row.recognition_asked,
            recognised=row.recognised,
            rate=_rate(row.recognised, row.recognition_asked),
        ),
        "satisfaction": SatisfactionTally(
            asked=row.satisfaction_asked,
            satisfied=row.satisfied,
            rate=_rate(row.satisfied, row.satisfaction_asked),
        ),
    }


def _whose(row: Row[tuple[object, ...]], group_by: Grouping) -> dict[str, object]:
    if group_by == "village":
        return {"village": CodedPlace(id=row.id, name=row.name) if row.id else None}
    if group_by == "person":
        return {"person": PersonRef(id=row.id, name=row.name, category=row.category)}
    return {"unit": UnitRef(id=row.id, name=row.name, level=row.level)}
