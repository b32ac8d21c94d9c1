"""Of who is made anonymous: what is open still, and what people wrote."""

from typing import NamedTuple

from app.kernel.statements import Command, Statement


class OpenRow(NamedTuple):
    """What is not decided yet."""

    appeals: int
    flags: int
    duties: int


OPEN = Statement(
    OpenRow,
    """
SELECT
  (SELECT count(*) FROM appeal WHERE appeal.county_id = :county_id
    AND appeal.person_id = ANY(CAST(:ids AS uuid[])) AND appeal.status = 'open') AS appeals,
  (SELECT count(*) FROM flag WHERE flag.county_id = :county_id
    AND flag.person_id = ANY(CAST(:ids AS uuid[])) AND flag.status = 'open') AS flags,
  (SELECT count(*) FROM duty WHERE duty.county_id = :county_id
    AND duty.person_id = ANY(CAST(:ids AS uuid[])) AND duty.closed_at IS NULL AND duty.required > 0) AS duties
""",
)
# Of a withdrawn flag the reason is the status that the duty turned to.
EMPTY = Command("""
UPDATE flag SET reason = CASE WHEN status = 'withdrawn' THEN reason END
WHERE county_id = :county_id AND person_id = ANY(CAST(:ids AS uuid[]))
""")
