"""Of who is made anonymous, no notice is left: neither theirs, nor what others were told of them."""

from app.kernel.statements import Command

# `pattern` finds their names and ids between quotes, as a member of JSON has them.
_THEIRS = """county_id = :county_id
  AND (person_id = ANY(CAST(:ids AS uuid[])) OR CAST(about AS text) ~ :pattern)"""
_OF = "county_id = :county_id AND person_id = ANY(CAST(:ids AS uuid[]))"
DELETE_DELIVERIES = Command(f"""
DELETE FROM delivery WHERE county_id = :county_id AND notice_id IN (SELECT id FROM notice WHERE {_THEIRS})
""")
DELETE = Command(f"""
WITH deferred AS (DELETE FROM deferred_notice WHERE {_THEIRS}),
  turn AS (DELETE FROM summary_turn WHERE {_OF}),
  wish AS (DELETE FROM notice_preference WHERE {_OF})
DELETE FROM notice WHERE {_THEIRS}
""")
