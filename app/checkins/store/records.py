"""Every statement on what other platforms recorded: what is here already, and what is taken back."""

from typing import NamedTuple
from uuid import UUID

from app.kernel.statements import Id, Statement


class KeyRow(NamedTuple):
    """The key of a row that is here."""

    record_key: UUID


class OwnRow(NamedTuple):
    """A record that is another check-in of the same visit, and that check-in."""

    number: int
    check_in_id: UUID


HERE = Statement(
    KeyRow,
    """
SELECT record_key FROM check_in
WHERE county_id = :county_id AND record_key = ANY(CAST(:keys AS uuid[])) AND withdrawn_at IS NULL
""",
)

# Without a place on either side the time alone decides.
OWN = Statement(
    OwnRow,
    """
SELECT DISTINCT ON (record.number) CAST(record.number AS int) AS number, c.id AS check_in_id
FROM unnest(CAST(:person_ids AS uuid[]), CAST(:moments AS timestamptz[]), CAST(:lon AS float8[]),
  CAST(:lat AS float8[]), CAST(:sources AS text[])) WITH ORDINALITY
  AS record(person_id, at, lon, lat, source, number)
JOIN check_in AS c ON c.county_id = :county_id AND c.person_id = record.person_id
  AND c.visited_at BETWEEN record.at - make_interval(mins => :minutes)
    AND record.at + make_interval(mins => :minutes)
WHERE c.source IS DISTINCT FROM record.source AND c.withdrawn_at IS NULL
  AND (record.lon IS NULL OR c.position IS NULL OR ST_DWithin(
    c.position::geography, ST_SetSRID(ST_MakePoint(record.lon, record.lat), 4326)::geography, :metres))
ORDER BY record.number, c.visited_at, c.id
""",
)

LOOKED_AT = Statement(
    Id,
    """
SELECT check_in_id AS id FROM review WHERE county_id = :county_id AND check_in_id = ANY(CAST(:ids AS uuid[]))
UNION
SELECT check_in_id FROM verification WHERE county_id = :county_id AND check_in_id = ANY(CAST(:ids AS uuid[]))
""",
)

PEOPLE = Statement(
    Id,
    """
SELECT DISTINCT person_id AS id FROM check_in
WHERE county_id = :county_id AND id = ANY(CAST(:ids AS uuid[])) ORDER BY 1
""",
)

WITHDRAW = Statement(
    Id,
    """
UPDATE check_in SET withdrawn_at = :now
WHERE county_id = :county_id AND id = ANY(CAST(:ids AS uuid[])) RETURNING id
""",
)
