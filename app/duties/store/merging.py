"""Duties, leave and appeals of a record that goes into another of the same person."""

from typing import NamedTuple

from app.kernel.statements import Command, Statement


class GivenRow(NamedTuple):
    """How much went over."""

    leave: int
    appeals: int


# Of periods in which only the other owed, the duty goes over as it is, with its flag. Where both did, the other's
# was counted from half of the visits: it goes, or where a flag rests on it stays and is excused by the recount.
GIVE_DUTIES = Command("""
WITH given AS (
  UPDATE duty SET person_id = :into_id WHERE county_id = :county_id AND person_id = :from_id AND NOT EXISTS (
    SELECT FROM duty AS own WHERE own.county_id = :county_id AND own.person_id = :into_id
      AND own.rule_id = duty.rule_id AND own.period_start = duty.period_start)
  RETURNING id
), dropped AS (
  DELETE FROM duty WHERE county_id = :county_id AND person_id = :from_id
    AND EXISTS (SELECT FROM duty AS own WHERE own.county_id = :county_id AND own.person_id = :into_id
      AND own.rule_id = duty.rule_id AND own.period_start = duty.period_start)
    AND NOT EXISTS (SELECT FROM flag WHERE flag.county_id = :county_id AND flag.duty_id = duty.id)
)
UPDATE flag SET person_id = :into_id FROM given WHERE flag.county_id = :county_id AND flag.duty_id = given.id
""")

# What was asked and decided is not the service's to change: the owner's function lets it go over along a merge.
# `put_before`: flags of others that the record was to see. Waivers won by either hold.
GIVE = Statement(
    GivenRow,
    """
WITH waived AS (
  INSERT INTO duty_waiver (county_id, person_id, rule_id, period_start, at)
  SELECT :county_id, :into_id, rule_id, period_start, at FROM duty_waiver AS theirs
  WHERE theirs.county_id = :county_id AND theirs.person_id = :from_id
  ON CONFLICT DO NOTHING
), decided AS (
  UPDATE flag SET changed_by = CASE WHEN changed_by = :from_id THEN :into_id ELSE changed_by END,
    unreviewed_by = array_replace(unreviewed_by, :from_id, :into_id)
  WHERE county_id = :county_id AND (changed_by = :from_id OR CAST(:from_id AS uuid) = ANY(unreviewed_by))
), put_before AS (
  INSERT INTO flag_recipient (county_id, flag_id, person_id)
  SELECT :county_id, flag_id, :into_id FROM flag_recipient AS theirs
  WHERE theirs.county_id = :county_id AND theirs.person_id = :from_id
  ON CONFLICT DO NOTHING
), before AS (
  DELETE FROM flag_recipient WHERE county_id = :county_id AND person_id = :from_id
)
SELECT leave, appeals FROM give_cases(:county_id, CAST(:from_id AS uuid), CAST(:into_id AS uuid))
""",
)
