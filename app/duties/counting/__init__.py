"""The one definition of who owes what, and which check-ins count: a statement in named parts.

Each part is a file beside this one, `span.sql` and so on, to be read in the order below; what a measure counts is
a row in `measures.py`. `statement(scope, ending)` puts the parts together. `scope` says which (person_id, rule_id,
start of period) are asked about; the parts derive, from rules, calendar, leave, appeals won, assignments and
check-ins:

    span     each period of a rule among them, once: the rule's version, window of time, deadline, number of days,
             how much of a day its evening is (all where only evenings count, half where any hour does)
    asked    one row per duty that is owed, or that has a row already, with how much is owed
    visit    every check-in of the person inside that window, and what stands against its counting, if anything
    judged   the same with its single outcome: `counted`, or why not
    stayed   where hours are what counts, in place of these: every stay in a village, with its outcome
    awaited  the same with how long what awaits review keeps it open
    duty_now what the row in `duty` has to say

Progress, evidence, openings, closings and the full recount all end on these, so they cannot differ.
Parameters of every statement: county_id, timezone, now, closing (whether duties past their time are closed now).
"""

from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from app.duties.counting.measures import BY_STAYS, ONCE_A_DAY, REPEATED, STANDS_FOR
from app.duties.places import HERE, KNOWN_IN_TIME, NOT_ASSIGNED, NOT_IN_UNIT, NOT_THEIR_HOUSEHOLD
from app.duties.scopes import TAIL, next_start
from app.kernel.retention import SETTLED
from app.kernel.sql_files import Fragment, read
from app.kernel.statements import Statement


class SpanRow(NamedTuple):
    """When a period closes, and its days by the rule."""

    closes_at: datetime
    rule_days: int
    calendar_assumed: bool


def calendar(first: str, after: str) -> str:
    """SQL for the days from `first` to before `after`: `day`, and whether it is `working`.

    Monday to Friday, except where the county's calendar says otherwise.
    """
    return f"""
      SELECT CAST(each.day AS date) AS day, coalesce(special.working, extract(isodow FROM each.day) < 6) AS working
      FROM generate_series(CAST({first} AS timestamp), {after} - interval '1 day', interval '1 day') AS each (day)
      LEFT JOIN calendar_day AS special
        ON special.county_id = :county_id AND special.date = CAST(each.day AS date)"""


# How many of the rule's days lie in `days`, a multirange; and what leave has left of them.
def _days(days: str) -> str:
    of_rule = f"""FROM ({calendar("span.start", "span.next_start")}) AS day
        WHERE (span.days = 'calendar' OR working) AND {days} @> day"""
    return f"""
    SELECT served.days AS days_served, CAST(CASE WHEN away.halves IS NULL THEN served.days ELSE (
        SELECT coalesce(sum(1
          - (1 - span.evening) * CAST(away.halves @> tsrange(day, day + time '12:00') AS int)
          - span.evening * CAST(away.halves @> tsrange(day + time '12:00', day + 1) AS int)), 0)
        {of_rule}) END AS float8) AS days_there
    FROM (
      SELECT CASE WHEN {days} @> daterange(span.start, span.next_start) THEN span.rule_days
        ELSE (SELECT CAST(count(*) AS int) {of_rule}) END AS days
      OFFSET 0
    ) AS served"""


# From the first to the last of the check-ins there that day, or in the hours of that night where only they count.
_DWELL = f"""
        SELECT max(beside.visited_at) - min(beside.visited_at) FROM check_in AS beside
        WHERE beside.county_id = :county_id AND beside.person_id = asked.person_id
          AND beside.visited_at >= (at.day + coalesce(asked.night_start, interval '0')) AT TIME ZONE :timezone
          AND beside.visited_at < (at.day + coalesce(asked.night_until, interval '1 day')) AT TIME ZONE :timezone
          AND beside.standing IN ('counted', 'outside', check_in.standing)
          AND {HERE.format(check_in="beside")} IS NOT DISTINCT FROM at.here AND {{known}}"""

# Since when a held check-in awaits review: since it was received, or judged anew, as by a corrected boundary.
HELD_SINCE = """greatest({check_in}.received_at, (
  SELECT max(anew.at) FROM rejudgement AS anew
  WHERE anew.county_id = :county_id AND anew.check_in_id = {check_in}.id
    AND anew.before ->> 'standing' <> 'held' AND anew.after ->> 'standing' = 'held'))"""

# What a duty's own words need of its rule beside its measure: what is asked of a visit.
OF_RULE = """rule.night_start, rule.night_until, rule.min_dwell_min, rule.share, rule.form_required,
  rule.household_required OR rule.measure = 'distinct_households' AS household_required"""

# Whether a duty asks for hours of which there can be no more.
TRACKS_OFF = """(rule.measure = 'hours_in_village' AND NOT coalesce(
    (SELECT settings -> 'tracks' = 'true' FROM county WHERE county.id = :county_id), false))"""

_HOURS = """(
    SELECT CAST(floor(coalesce(extract(epoch FROM sum(upper(part) - lower(part))), 0) / 3600) AS int)
    FROM unnest({during}) AS part)"""

# For how long what awaits review keeps a duty open, as `DutySettings.review_wait_days` reads it.
REVIEW_WAIT = """(SELECT make_interval(days => CASE
    WHEN CAST(settings -> 'review_wait_days' AS text) ~ '^[1-9][0-9]{0,2}$'
      THEN CAST(settings ->> 'review_wait_days' AS int) ELSE 10 END)
  FROM county WHERE county.id = :county_id)"""


def _not_assigned(village: str, day: str) -> str:
    return NOT_ASSIGNED.format(village=village, day=day)


def _not_in_unit(village: str, day: str) -> str:
    return NOT_IN_UNIT.format(village=village, day=day)


def _known_in_time(check_in: str) -> str:
    return KNOWN_IN_TIME.format(check_in=check_in)


def _part(name: str, **fragments: Fragment) -> str:
    return read(Path(__file__).with_name(f"{name}.sql"), **fragments)


SPAN = _part("span", calendar=calendar, tail=TAIL, next_start=next_start, settled=SETTLED)
ASKED = _part("asked", days=_days, once_a_day=ONCE_A_DAY)
VISIT = _part(
    "visit",
    known_in_time=_known_in_time,
    stay=_DWELL.format(known="true"),
    stay_in_time=_DWELL.format(known=_known_in_time("beside")),
    held_since=lambda check_in: HELD_SINCE.format(check_in=check_in),
    stands_for=STANDS_FOR,
    here=lambda check_in: HERE.format(check_in=check_in),
    not_assigned=_not_assigned,
    not_in_unit=_not_in_unit,
    not_their_household=lambda day: NOT_THEIR_HOUSEHOLD.format(day=day),
    by_stays=BY_STAYS,
)
JUDGED = _part("judged", repeated=REPEATED)
STAYED = _part("stayed", not_assigned=_not_assigned, not_in_unit=_not_in_unit, by_stays=BY_STAYS)
VISITS_TALLY = _part("visits_tally", review_wait=REVIEW_WAIT)
STAYS_TALLY = _part("stays_tally", hours=lambda during: _HOURS.format(during=during))
AWAITED = _part("awaited", review_wait=REVIEW_WAIT)
DUTY_NOW = _part("duty_now")


def statement(scope: str, ending: str, *, by_stays: bool = True) -> str:
    """The whole statement. `ending` continues after `WITH ...`: a SELECT, or `, name AS (...) SELECT`.

    Without what goes `by_stays` it leaves duties of hours alone, and is a tenth faster.
    """
    span = SPAN if by_stays else f"{SPAN} WHERE rule.measure NOT IN ({BY_STAYS})"
    stayed = f" stayed AS ({STAYED})," if by_stays else ""
    tally = f"{VISITS_TALLY} UNION ALL {STAYS_TALLY}" if by_stays else VISITS_TALLY
    return (
        f"WITH scope AS MATERIALIZED ({scope}), span AS MATERIALIZED ({span}), asked AS ({ASKED}),"
        f" visit AS MATERIALIZED ({VISIT}), judged AS ({JUDGED}),{stayed}"
        f" tally AS MATERIALIZED ({tally}), awaited AS ({AWAITED}), duty_now AS ({DUTY_NOW}){ending}"
    )


# One period of one rule, whoever owes in it.
OF_ONE = Statement(
    SpanRow,
    f"""
  WITH scope AS (SELECT CAST(:rule_id AS uuid) AS rule_id, CAST(:start AS date) AS start), span AS ({SPAN})
  SELECT closes_at, rule_days, calendar_assumed FROM span
""",
)
