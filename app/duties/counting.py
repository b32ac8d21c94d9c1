"""The one definition of who owes what, and which check-ins count: a statement in named parts.

`statement(scope, ending)` puts them together. `scope` says which (person_id, rule_id, start of period) are asked
about; the parts between derive, from rules, calendar, leave, appeals won, assignments and check-ins:

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
from typing import NamedTuple

from app.duties.places import HERE, KNOWN_IN_TIME, NOT_ASSIGNED, NOT_IN_UNIT, NOT_THEIR_HOUSEHOLD
from app.duties.scopes import TAIL, next_start
from app.duties.words import DAILY
from app.kernel.statements import Statement


class SpanRow(NamedTuple):
    """When a period closes, and its days by the rule."""

    closes_at: datetime
    rule_days: int
    calendar_assumed: bool


_ONCE_A_DAY = ", ".join(f"'{measure}'" for measure in DAILY)


def calendar(first: str, after: str) -> str:
    """SQL for the days from `first` to before `after`: `day`, and whether it is `working`.

    Monday to Friday, except where the county's calendar says otherwise.
    """
    return f"""
      SELECT CAST(each.day AS date) AS day, coalesce(special.working, extract(isodow FROM each.day) < 6) AS working
      FROM generate_series(CAST({first} AS timestamp), {after} - interval '1 day', interval '1 day') AS each (day)
      LEFT JOIN calendar_day AS special
        ON special.county_id = :county_id AND special.date = CAST(each.day AS date)"""


_SPAN = f"""
  SELECT of.start, rule.*, following.next_start, period.from_at, period.until_at,
    greatest(period.closes_at, CAST(worked.first + 1 AS timestamp) AT TIME ZONE :timezone) AS closes_at,
    CASE WHEN rule.days = 'calendar' THEN following.next_start - of.start ELSE (
        SELECT CAST(count(*) FILTER (WHERE working) AS int)
        FROM ({calendar("of.start", "following.next_start")}) AS day) END AS rule_days,
    CASE WHEN rule.night_start >= interval '12 hours' THEN 1 WHEN rule.night_until <= interval '12 hours' THEN 0
      ELSE 0.5 END AS evening,
    EXISTS (
      SELECT FROM (VALUES (rule.days = 'working', of.start), (rule.days = 'working', following.next_start - 1),
        (rule.shift_closing, following.next_start), (rule.shift_closing, worked.first)) AS asked (goes_by, day)
      WHERE goes_by AND NOT EXISTS (
        SELECT FROM calendar_year WHERE calendar_year.county_id = :county_id
          AND calendar_year.year = extract(year FROM asked.day))
    ) AS calendar_assumed
  FROM (SELECT DISTINCT rule_id, start FROM scope) AS of
  CROSS JOIN LATERAL (
    SELECT rule.id AS rule_id, rule.version, rule.categories, rule.unit_ids, rule.except_ids, rule.measure,
      rule.period_kind, rule.required AS amount, rule.per, rule.days, rule.share, rule.counts_in,
      rule.household_required OR rule.measure = 'distinct_households' AS household_required,
      rule.form_required, make_interval(mins => rule.min_dwell_min) AS min_dwell,
      make_interval(mins => rule.night_start) AS night_start,
      make_interval(mins => rule.night_until) AS night_until, {TAIL} AS tail, rule.grace_h, rule.shift_closing,
      rule.effective_from <= of.start
        AND (rule.effective_until IS NULL OR of.start < rule.effective_until) AS governs
    FROM duty_rule AS rule WHERE rule.county_id = :county_id AND rule.id = of.rule_id
    ORDER BY governs DESC, rule.version DESC LIMIT 1
  ) AS rule
  CROSS JOIN LATERAL (SELECT {next_start("rule.period_kind", "of.start")} AS next_start) AS following
  CROSS JOIN LATERAL (
    SELECT (of.start + rule.tail) AT TIME ZONE :timezone AS from_at,
      (following.next_start + rule.tail) AT TIME ZONE :timezone AS until_at,
      (following.next_start + rule.tail) AT TIME ZONE :timezone
        + make_interval(hours => rule.grace_h) AS closes_at
  ) AS period
  CROSS JOIN LATERAL (
    SELECT CASE WHEN rule.shift_closing THEN (
      SELECT min(day) FROM ({calendar("following.next_start", "following.next_start + 31")}) AS after
      WHERE working) END AS first
  ) AS worked
"""


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


# Someone is `there` on the days on which they serve, and have an assignment where only assigned villages count. A
# duty is owed as `RuleTerms` says, for the person or for each household on its own days; of what a day gives once,
# never more than there are days. Where nothing is owed after all, its row stays and is `excused`. OFFSET 0 keeps
# the planner from working out anything twice; two columns joined as one record keep it from believing that next to
# nothing is left (and from looping over everybody for everybody). No index serves IS NOT DISTINCT FROM: with older
# statistics than the period, a person's duty would be looked for among everybody's of the rule.
_ASKED = f"""
  SELECT scope.person_id, span.*, duty.id, duty.status AS before, duty AS stored,
    owing.days_there, owing.required, CASE
      WHEN owing.required > 0 THEN NULL
      WHEN waiver.at IS NOT NULL THEN 'appeal'
      WHEN NOT span.governs THEN 'rule'
      WHEN NOT concerned.person THEN 'category'
      WHEN span.rule_days = 0 THEN 'days_off'
      WHEN NOT owing.present OR part.days_served = 0 THEN 'presence'
      WHEN part.days_there = 0 THEN 'leave'
      ELSE 'rounding'
    END AS excuse
  FROM scope
  JOIN span ON CAST((span.rule_id, span.start) AS record) = CAST((scope.rule_id, scope.start) AS record)
  JOIN person ON person.county_id = :county_id AND person.id = scope.person_id
  LEFT JOIN duty ON duty.county_id = :county_id AND duty.person_id = scope.person_id
    AND duty.rule_id IS NOT DISTINCT FROM scope.rule_id AND duty.period_start = scope.start
  LEFT JOIN duty_waiver AS waiver ON waiver.county_id = :county_id AND waiver.person_id = scope.person_id
    AND waiver.rule_id = scope.rule_id AND waiver.period_start = scope.start
  CROSS JOIN LATERAL (
    SELECT person.category = ANY(span.categories) AND person.id <> ALL(span.except_ids)
      AND (cardinality(span.unit_ids) = 0 OR EXISTS (
        SELECT FROM unit AS above JOIN unit AS own ON own.county_id = :county_id AND own.path <@ above.path
        WHERE above.county_id = :county_id AND above.id = ANY(span.unit_ids)
          AND own.id IN (person.unit_id, person.department_id))) AS person
    OFFSET 0
  ) AS concerned
  CROSS JOIN LATERAL (
    SELECT datemultirange(daterange(span.start, span.next_start))
      * datemultirange(daterange(person.from_date, person.until_date))
      * CASE WHEN span.counts_in <> 'assigned' THEN datemultirange(daterange(NULL, NULL)) ELSE coalesce((
          SELECT range_agg(daterange(assignment.from_date, assignment.until_date)) FROM assignment
          WHERE assignment.county_id = :county_id AND assignment.person_id = scope.person_id), '{{}}') END AS days
    OFFSET 0
  ) AS there
  CROSS JOIN LATERAL (
    SELECT range_agg(tsrange(from_half, least(until_half, returned_half))) AS halves FROM leave
    WHERE leave.county_id = :county_id AND leave.person_id = scope.person_id AND leave.status = 'approved'
      AND from_half < span.next_start AND least(until_half, returned_half) > span.start
    OFFSET 0
  ) AS away
  CROSS JOIN LATERAL (
    {_days("there.days")}
    OFFSET 0
  ) AS presence
  CROSS JOIN LATERAL (
    SELECT sum(each.days_served) AS days_served, sum(each.days_there) AS days_there,
      bool_or(span.share <> 'whole' OR each.days_served = span.rule_days) AS present,
      CASE span.share
        WHEN 'whole' THEN sum(span.amount) FILTER (WHERE each.days_served = span.rule_days AND each.days_there > 0)
        WHEN 'cap' THEN sum(least(span.amount, floor(each.days_there)))
        ELSE floor(span.amount * sum(each.days_there) / nullif(span.rule_days, 0) + 0.5) END AS amount
    FROM (
      SELECT presence.days_served, presence.days_there
      WHERE span.per = 'person' AND NOT isempty(there.days)
      UNION ALL
      SELECT theirs.days_served, theirs.days_there
      FROM (
        SELECT there.days * range_agg(daterange(assignment.from_date, assignment.until_date)) AS days
        FROM assignment
        WHERE span.per = 'household' AND assignment.county_id = :county_id
          AND assignment.person_id = scope.person_id AND assignment.household_id IS NOT NULL
        GROUP BY assignment.household_id
      ) AS house
      CROSS JOIN LATERAL ({_days("house.days")}) AS theirs
      WHERE NOT isempty(house.days)
    ) AS each
    OFFSET 0
  ) AS part
  CROSS JOIN LATERAL (
    SELECT presence.days_there, span.governs AND concerned.person AS named,
      coalesce(part.present, false) AS present,
      CAST(CASE WHEN NOT (span.governs AND concerned.person) OR waiver.at IS NOT NULL THEN 0
        ELSE least(coalesce(part.amount, 0), CASE WHEN span.measure IN ({_ONCE_A_DAY})
          THEN floor(presence.days_there) END) END AS int) AS required
    OFFSET 0
  ) AS owing
  WHERE scope.start <= CAST(CAST(:now AS timestamptz) AT TIME ZONE :timezone AS date)
    AND ((owing.named AND owing.present) OR duty.id IS NOT NULL)
"""

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

# `here` is the village that a check-in speaks for: the one it was judged against, or, when it was outside of
# that, the one it was found in. Where the place is unsure, or outside and held or accepted all the same, whoever
# accepts the check-in vouches for the place.
# It is `in_time` when all that makes it count was received before closing: itself, a fix that followed unless a
# person has vouched for it, and the other check-ins of a stay.
# `stands_for` is what the measure counts: check-ins that stand for the same thing count once.
_VISIT = f"""
  SELECT asked.person_id, asked.rule_id, asked.start, asked.closes_at, asked.measure,
    check_in.id AS check_in_id, check_in.visited_at, check_in.received_at, check_in.standing,
    {KNOWN_IN_TIME.format(check_in="check_in")} AND CASE WHEN asked.min_dwell IS NULL THEN true
      ELSE asked.min_dwell <= ({_DWELL.format(known=KNOWN_IN_TIME.format(check_in="beside"))}) END AS in_time,
    CASE WHEN check_in.standing = 'held' THEN {HELD_SINCE.format(check_in="check_in")} END AS held_since,
    CASE asked.measure
      WHEN 'distinct_households' THEN CAST(check_in.household_id AS text)
      WHEN 'visits' THEN concat_ws(' ', at.day, coalesce(CAST(check_in.household_id AS text), at.here))
      ELSE CAST(at.day AS text)
    END AS stands_for,
    CASE
      WHEN check_in.standing = 'refused' THEN 'refused'
      WHEN NOT at.vouched AND at.here IS NULL THEN 'outside'
      WHEN NOT at.vouched AND {NOT_ASSIGNED.format(village="at.here", day="at.day")} THEN 'not_assigned_village'
      WHEN NOT at.vouched AND {NOT_IN_UNIT.format(village="at.here", day="at.day")} THEN 'not_in_unit'
      WHEN asked.household_required AND check_in.household_id IS NULL THEN 'no_household'
      WHEN asked.household_required AND {NOT_THEIR_HOUSEHOLD.format(day="at.day")} THEN 'not_your_household'
      WHEN asked.form_required AND check_in.form ->> 'kind' IS DISTINCT FROM 'night_visit' THEN 'no_form'
      WHEN at.local < at.day + asked.night_start OR at.local >= at.day + asked.night_until THEN 'not_at_night'
      WHEN asked.min_dwell IS NOT NULL AND asked.min_dwell > ({_DWELL.format(known="true")}) THEN 'too_short'
    END AS obstacle
  FROM asked
  JOIN check_in ON check_in.county_id = :county_id AND check_in.person_id = asked.person_id
    AND check_in.visited_at >= asked.from_at AND check_in.visited_at < asked.until_at
    AND asked.measure <> 'hours_in_village'
  CROSS JOIN LATERAL (
    SELECT check_in.visited_at AT TIME ZONE :timezone AS local,
      CAST(check_in.visited_at AT TIME ZONE :timezone - asked.tail AS date) AS day,
      {HERE.format(check_in="check_in")} AS here,
      check_in.place = 'unsure' OR (check_in.place = 'outside' AND check_in.standing <> 'outside') AS vouched
  ) AS at
"""

# Of those that stand for the same thing the first received is taken, and what is in time before what is late: a
# later upload never turns a duty that was met in time into one that was met late. A held one only where no other
# stands.
_JUDGED = """
  SELECT ranked.*, CASE
      WHEN obstacle IS NOT NULL THEN obstacle
      WHEN place_in_line > 1 THEN CASE measure WHEN 'nights' THEN 'same_night'
        WHEN 'nights_in_village' THEN 'same_night' WHEN 'visits' THEN 'same_visit'
        WHEN 'distinct_households' THEN 'same_household' ELSE 'same_day' END
      WHEN standing = 'held' THEN 'held'
      ELSE 'counted'
    END AS code
  FROM (
    SELECT visit.*, row_number() OVER (
      PARTITION BY person_id, rule_id, start, obstacle IS NULL, stands_for
      ORDER BY standing = 'held', NOT in_time, received_at, visited_at, check_in_id) AS place_in_line
    FROM visit
  ) AS ranked
"""

# Stays are rows of one day each, so that none lies across the bounds of a period. OFFSET 0: looked for only where
# hours are asked for.
_STAYED = f"""
  SELECT asked.person_id, asked.rule_id, asked.start, asked.closes_at, stay.village_id, stay.received_at,
    tstzrange(stay.from_at, stay.until_at) AS during,
    CASE
      WHEN {NOT_ASSIGNED.format(village="stay.village_id", day="stay.day")} THEN 'not_assigned_village'
      WHEN {NOT_IN_UNIT.format(village="stay.village_id", day="stay.day")} THEN 'not_in_unit'
      ELSE 'counted'
    END AS code
  FROM asked
  CROSS JOIN LATERAL (
    SELECT village_id, day, from_at, until_at, received_at FROM stay
    WHERE stay.county_id = :county_id AND stay.person_id = asked.person_id
      AND stay.day >= asked.start AND stay.day < asked.next_start
    OFFSET 0
  ) AS stay
  WHERE asked.measure = 'hours_in_village'
"""

# What a duty's own words need of its rule beside its measure: what is asked of a visit.
OF_RULE = """rule.night_start, rule.night_until, rule.min_dwell_min, rule.share, rule.form_required,
  rule.household_required OR rule.measure = 'distinct_households' AS household_required"""

# Whether a duty asks for hours of which there can be no more.
TRACKS_OFF = """(rule.measure = 'hours_in_village' AND NOT coalesce(
    (SELECT settings -> 'tracks' = 'true' FROM county WHERE county.id = :county_id), false))"""

# Where fences overlap, so do stays: a moment counts once.
_HOURS = """(
    SELECT CAST(floor(coalesce(extract(epoch FROM sum(upper(part) - lower(part))), 0) / 3600) AS int)
    FROM unnest({during}) AS part)"""
# For how long what awaits review keeps a duty open, as `CountySettings.review_wait_days` reads it.
REVIEW_WAIT = """(SELECT make_interval(days => CASE
    WHEN CAST(settings -> 'review_wait_days' AS text) ~ '^[1-9][0-9]{0,2}$'
      THEN CAST(settings ->> 'review_wait_days' AS int) ELSE 10 END)
  FROM county WHERE county.id = :county_id)"""

# What awaits review, but not what was received when the first wait was over: for that nobody waits anew.
_VISITS_TALLY = f"""
  SELECT person_id, rule_id, start, CAST(count(*) FILTER (WHERE code = 'counted') AS int) AS done,
    count(*) FILTER (WHERE code = 'counted' AND in_time) AS in_time,
    CAST(count(*) FILTER (WHERE code = 'held') AS int) AS pending_review,
    array_agg(held_since ORDER BY held_since) FILTER (
      WHERE code = 'held' AND received_at < closes_at + {REVIEW_WAIT}) AS held_since,
    max(visited_at) FILTER (WHERE obstacle IS NULL AND standing <> 'held') AS last_visit_at
  FROM judged GROUP BY person_id, rule_id, start
"""
_STAYS_TALLY = f"""
  SELECT person_id, rule_id, start, {_HOURS.format(during="during")}, {_HOURS.format(during="in_time")}, 0,
    CAST(NULL AS timestamptz[]), until_at
  FROM (
    SELECT person_id, rule_id, start, range_agg(during) AS during,
      range_agg(during) FILTER (WHERE received_at < closes_at) AS in_time, max(upper(during)) AS until_at
    FROM stayed WHERE code = 'counted' GROUP BY person_id, rule_id, start
  ) AS total
"""

# What is held could meet a duty from when the last one needed of them was held: later ones, which somebody may
# upload for ever, move nothing.
# Nothing is tallied that is not asked, so that FULL means LEFT; but it is never done by a loop in a loop.
_AWAITED = f"""
  SELECT asked.*, coalesce(tally.done, 0) AS done, coalesce(tally.pending_review, 0) AS pending_review,
    coalesce(tally.in_time, 0) AS in_time, tally.last_visit_at,
    CASE WHEN tally.held_since[asked.required - tally.done] IS NOT NULL
      THEN greatest(asked.closes_at, tally.held_since[asked.required - tally.done]) + {REVIEW_WAIT}
    END AS review_due_at
  FROM asked FULL JOIN tally USING (person_id, rule_id, start)
"""

# A duty is closed by a round of closing; one that waited past its time, by the review that ends the wait. One that
# was closed is open again when what has come since could meet it.
_DUTY_NOW = """
  SELECT awaited.*, CASE
      WHEN awaited.required = 0 THEN 'excused'
      WHEN awaited.in_time >= awaited.required THEN 'met'
      WHEN awaited.done >= awaited.required THEN 'met_late'
      WHEN closing.at IS NOT NULL THEN 'missed'
      ELSE 'open'
    END AS status, closing.at AS closed_at
  FROM awaited
  CROSS JOIN LATERAL (
    SELECT CASE
      WHEN :now < awaited.review_due_at THEN NULL
      WHEN (awaited.stored).closed_at IS NOT NULL THEN (awaited.stored).closed_at
      WHEN awaited.closes_at <= :now AND (CAST(:closing AS boolean)
          OR (awaited.review_due_at IS NULL AND (awaited.stored).review_due_at IS NOT NULL))
        THEN CAST(:now AS timestamptz)
    END AS at
  ) AS closing
"""


def statement(scope: str, ending: str, *, by_stays: bool = True) -> str:
    """The whole statement. `ending` continues after `WITH ...`: a SELECT, or `, name AS (...) SELECT`.

    Without what goes `by_stays` it leaves duties of hours alone, and is a tenth faster.
    """
    span = _SPAN if by_stays else f"{_SPAN} WHERE rule.measure <> 'hours_in_village'"
    stayed = f" stayed AS ({_STAYED})," if by_stays else ""
    tally = f"{_VISITS_TALLY} UNION ALL {_STAYS_TALLY}" if by_stays else _VISITS_TALLY
    return (
        f"WITH scope AS MATERIALIZED ({scope}), span AS MATERIALIZED ({span}), asked AS ({_ASKED}),"
        f" visit AS MATERIALIZED ({_VISIT}), judged AS ({_JUDGED}),{stayed}"
        f" tally AS MATERIALIZED ({tally}), awaited AS ({_AWAITED}), duty_now AS ({_DUTY_NOW}){ending}"
    )


# One period of one rule, whoever owes in it.
OF_ONE = Statement(
    SpanRow,
    f"""
  WITH scope AS (SELECT CAST(:rule_id AS uuid) AS rule_id, CAST(:start AS date) AS start), span AS ({_SPAN})
  SELECT closes_at, rule_days, calendar_assumed FROM span
""",
)
