"""Check-ins that are past their time, and what was said of them: all of it sealed."""

from typing import NamedTuple
from uuid import UUID

from app.kernel.statements import Id, Statement


class SaidRow(NamedTuple):
    """A review, a verification or a rejudgement."""

    table_name: str
    id: UUID


# Neither made nor received since: what a phone brings years later is kept as long as any other.
OLD = Statement(
    Id,
    """
SELECT id FROM check_in WHERE county_id = :county_id AND visited_at < :before AND received_at < :before
ORDER BY visited_at LIMIT :limit
""",
)
SAID = Statement(
    SaidRow,
    """
SELECT 'review' AS table_name, id FROM review
WHERE county_id = :county_id AND check_in_id = ANY(CAST(:ids AS uuid[]))
UNION ALL
SELECT 'verification', id FROM verification
WHERE verification.county_id = :county_id AND check_in_id = ANY(CAST(:ids AS uuid[]))
UNION ALL
SELECT 'rejudgement', id FROM rejudgement
WHERE rejudgement.county_id = :county_id AND check_in_id = ANY(CAST(:ids AS uuid[]))
""",
)
