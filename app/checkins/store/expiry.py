"""Check-ins are deleted after their time, with what was said of them."""

from app.kernel.removal import removing
from app.kernel.statements import Id, Statement

# Neither made nor received since: what a phone brings years later is kept as long as any other. Locked, so that
# nothing more is said of them.
OLD = Statement(
    Id,
    """
SELECT id FROM check_in WHERE county_id = :county_id AND visited_at < :before AND received_at < :before
ORDER BY visited_at LIMIT :limit FOR UPDATE
""",
)
_THEIRS = "county_id = :county_id AND check_in_id = ANY(CAST(:ids AS uuid[]))"
REMOVE_REVIEWS = removing("review", f"ARRAY(SELECT id FROM review WHERE {_THEIRS})")
REMOVE_VERIFICATIONS = removing("verification", f"ARRAY(SELECT id FROM verification WHERE {_THEIRS})")
REMOVE_REJUDGEMENTS = removing("rejudgement", f"ARRAY(SELECT id FROM rejudgement WHERE {_THEIRS})")
REMOVE = removing("check_in")
