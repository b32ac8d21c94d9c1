"""Every statement on a county's calendar."""

from datetime import date
from typing import NamedTuple

from app.kernel.statements import Command, Statement


class ChangedRow(NamedTuple):
    """From when until when days have changed."""

    first: date
    last: date


class SaidRow(NamedTuple):
    """What the office says of a day."""

    date: date
    working: bool
    name: str
    name_en: str
    source: str


class DayRow(NamedTuple):
    """A day of the calendar, whoever says what it is."""

    date: date
    working: bool
    name: str | None
    name_en: str | None
    source: str | None
    own: bool
    by_office: bool
    known: bool


# The national calendar as the library has it now; what the county has said stays.
SYNC = Statement(
    ChangedRow,
    """
WITH given AS (
  SELECT * FROM unnest(CAST(:dates AS date[]), CAST(:workings AS boolean[]), CAST(:names AS text[]),
    CAST(:names_en AS text[]), CAST(:sources AS text[])) AS given (date, working, name, name_en, source)
), gone AS (
  DELETE FROM calendar_day
  WHERE county_id = :county_id AND NOT own AND date <> ALL(CAST(:dates AS date[])) RETURNING date
), put AS (
  INSERT INTO calendar_day (county_id, date, working, name, name_en, source, own)
  SELECT :county_id, date, working, name, name_en, source, false FROM given
  ON CONFLICT (county_id, date) DO UPDATE
  SET working = excluded.working, name = excluded.name, name_en = excluded.name_en, source = excluded.source
  WHERE NOT calendar_day.own AND calendar_day.working <> excluded.working
  RETURNING date
), known AS (
  INSERT INTO calendar_year (county_id, year, source)
  SELECT :county_id, year, :source FROM unnest(CAST(:years AS int[])) AS known (year)
  ON CONFLICT (county_id, year) DO NOTHING RETURNING year
)
SELECT min(day) AS first, max(day) AS last FROM (
  SELECT date AS day FROM gone UNION ALL SELECT date FROM put
  UNION ALL SELECT make_date(year, 1, 1) FROM known UNION ALL SELECT make_date(year, 12, 31) FROM known
) AS changed
""",
)

PUT_DAYS = Statement(
    date,
    """
INSERT INTO calendar_day (county_id, date, working, name, name_en, source, own, regional)
SELECT :county_id, given.*, true, CASE WHEN :regional THEN to_jsonb(given) - 'date' END
FROM unnest(CAST(:dates AS date[]), CAST(:workings AS boolean[]), CAST(:names AS text[]),
  CAST(:names_en AS text[]), CAST(:sources AS text[])) AS given (date, working, name, name_en, source)
ON CONFLICT (county_id, date) DO UPDATE
SET working = excluded.working, name = excluded.name, name_en = excluded.name_en, source = excluded.source,
  own = true, regional = coalesce(excluded.regional, calendar_day.regional)
RETURNING date
""",
)

# Whether the office says a day: what is the region's own word is not the office's to take back.
BY_OFFICE = """
({day}.own AND ({day}.regional IS NULL OR ({day}.working, {day}.name)
  IS DISTINCT FROM (CAST({day}.regional ->> 'working' AS boolean), {day}.regional ->> 'name')))"""

# Of each day one of the two: where the region has said something, that holds again; else the nation's does, by the
# next sync.
DROP_DAYS = Statement(
    date,
    f"""
WITH back AS (
  UPDATE calendar_day SET working = CAST(regional ->> 'working' AS boolean), name = regional ->> 'name',
    name_en = regional ->> 'name_en', source = regional ->> 'source'
  WHERE county_id = :county_id AND date = ANY(CAST(:dates AS date[]))
    AND regional IS NOT NULL AND {BY_OFFICE.format(day="calendar_day")}
  RETURNING date
), gone AS (
  DELETE FROM calendar_day
  WHERE county_id = :county_id AND date = ANY(CAST(:dates AS date[])) AND regional IS NULL AND own RETURNING date
)
SELECT date FROM back UNION ALL SELECT date FROM gone
""",
)

PUT_YEAR = Command("""
INSERT INTO calendar_year (county_id, year, source) VALUES (:county_id, :year, :source)
ON CONFLICT (county_id, year) DO UPDATE SET source = excluded.source
""")

# What the office says of these days.
BY_OFFICE_ON = Statement(
    SaidRow,
    f"""
SELECT date, working, name, name_en, source FROM calendar_day
WHERE county_id = :county_id AND date = ANY(CAST(:dates AS date[])) AND {BY_OFFICE.format(day="calendar_day")}
""",
)

# What the library's years and days are summed up by: cheap to ask each round.
SYNCED = Statement(
    bool,
    """
SELECT (SELECT count(*) FROM calendar_year WHERE county_id = :county_id AND year = ANY(CAST(:years AS int[])))
    = cardinality(CAST(:years AS int[]))
  AND NOT EXISTS (
    SELECT FROM unnest(CAST(:dates AS date[]), CAST(:workings AS boolean[])) AS given (date, working)
    LEFT JOIN calendar_day ON calendar_day.county_id = :county_id AND calendar_day.date = given.date
    WHERE calendar_day.date IS NULL OR (NOT calendar_day.own AND calendar_day.working <> given.working))
  AND NOT EXISTS (
    SELECT FROM calendar_day
    WHERE county_id = :county_id AND NOT own AND date <> ALL(CAST(:dates AS date[]))) AS synced
""",
)

DAYS = Statement(
    DayRow,
    f"""
SELECT CAST(each.day AS date) AS date, coalesce(special.working, extract(isodow FROM each.day) < 6) AS working,
  special.name, special.name_en, special.source, coalesce(special.own, false) AS own,
  coalesce({BY_OFFICE.format(day="special")}, false) AS by_office,
  year.year IS NOT NULL AS known
FROM generate_series(CAST(CAST(:first AS date) AS timestamp), CAST(CAST(:last AS date) AS timestamp),
  interval '1 day') AS each (day)
LEFT JOIN calendar_day AS special
  ON special.county_id = :county_id AND special.date = CAST(each.day AS date)
LEFT JOIN calendar_year AS year
  ON year.county_id = :county_id AND year.year = extract(year FROM each.day)
ORDER BY each.day
""",
)
