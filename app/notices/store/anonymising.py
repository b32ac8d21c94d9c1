"""Of who is made anonymous, no notice is left; others' name them no more."""

from app.kernel.statements import Command

_OF = "county_id = :county_id AND person_id = ANY(CAST(:ids AS uuid[]))"
DELETE_DELIVERIES = Command(f"""
DELETE FROM delivery WHERE county_id = :county_id AND notice_id IN (SELECT id FROM notice WHERE {_OF})
""")
DELETE = Command(f"""
WITH deferred AS (DELETE FROM deferred_notice WHERE {_OF}),
  turn AS (DELETE FROM summary_turn WHERE {_OF}),
  wish AS (DELETE FROM notice_preference WHERE {_OF})
DELETE FROM notice WHERE {_OF}
""")
# `pattern` finds the words between quotes, as a member of JSON has them.
RENAME = Command("""
WITH deferred AS (
  UPDATE deferred_notice
  SET about = CAST(regexp_replace(CAST(about AS text), :pattern, '"…"', 'g') AS jsonb)
  WHERE county_id = :county_id AND CAST(about AS text) ~ :pattern
)
UPDATE notice SET about = CAST(regexp_replace(CAST(about AS text), :pattern, '"…"', 'g') AS jsonb)
WHERE county_id = :county_id AND CAST(about AS text) ~ :pattern
""")
