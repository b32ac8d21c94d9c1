"""Check-ins are deleted after their time, with what was said of them."""

from app.kernel.statements import Command, Id, Statement

# Neither made nor received since: what a phone brings years later is kept as long as any other.
OLD = Statement(
    Id,
    """
SELECT id FROM check_in WHERE county_id = :county_id AND visited_at < :before AND received_at < :before
ORDER BY visited_at LIMIT :limit FOR UPDATE
""",
)
DELETE = Command("""
WITH reviewed AS (
  DELETE FROM review WHERE county_id = :county_id AND check_in_id = ANY(CAST(:ids AS uuid[]))
), verified AS (
  DELETE FROM verification WHERE county_id = :county_id AND check_in_id = ANY(CAST(:ids AS uuid[]))
), rejudged AS (
  DELETE FROM rejudgement WHERE county_id = :county_id AND check_in_id = ANY(CAST(:ids AS uuid[]))
)
DELETE FROM check_in WHERE county_id = :county_id AND id = ANY(CAST(:ids AS uuid[]))
""")
