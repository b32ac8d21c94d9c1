"""Every statement on what other platforms recorded: what is here already, and what is taken back."""

from typing import NamedTuple
from uuid import UUID

from app.kernel.statements import Id, Statement


class HereRow(NamedTuple):
    """A row that is here, by its number from 1."""

    number: int


class OwnRow(NamedTuple):
    """A record that is another check-in of the same visit, and that check-in."""

    number: int
    check_in_id: UUID


# By what it says, not by its key: that was made for the person of then, who may have gone into another since.
HERE = Statement(
    HereRow,
    """
SELECT DISTINCT CAST(record.number AS int) AS number
FROM unnest(CAST(:person_ids AS uuid[]), CAST(:moments AS timestamptz[]), CAST(:lon AS float8[]),
  CAST(:lat AS float8[]), CAST(:places AS text[]), CAST(:sources AS text[])) WITH ORDINALITY
  AS record(person_id, at, lon, lat, place, source, number)
JOIN check_in AS c ON c.county_id = :county_id AND c.person_id = record.person_id AND c.captured_at = record.at
WHERE c.source = record.source AND c.withdrawn_at IS NULL
  AND c.raw_lon IS NOT DISTINCT FROM record.lon AND c.raw_lat IS NOT DISTINCT FROM record.lat
  AND (record.lon IS NOT NULL OR coalesce(c.record ->> 'place', '') = record.place)
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
