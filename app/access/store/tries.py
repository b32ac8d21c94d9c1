"""Statements of tries at passwords: leaky buckets, each known by when it will be empty."""

from datetime import datetime
from typing import NamedTuple

from app.kernel.statements import Command, Statement


class BucketRow(NamedTuple):
    """A bucket, whose row is held; an empty one is empty now."""

    key: bytes
    empty_at: datetime


# In one order, so that two who want the same do not wait for each other in a ring.
HOLD = Statement(
    BucketRow,
    """
INSERT INTO password_tries AS bucket (key, empty_at)
SELECT wanted.key, :now FROM unnest(CAST(:keys AS bytea[])) AS wanted (key) ORDER BY wanted.key
ON CONFLICT (key) DO UPDATE SET empty_at = greatest(bucket.empty_at, excluded.empty_at)
RETURNING key, empty_at
""",
)
ADD = Command("""
UPDATE password_tries AS bucket SET empty_at = bucket.empty_at + make_interval(secs => added.seconds)
FROM unnest(CAST(:keys AS bytea[]), CAST(:seconds AS float[])) AS added (key, seconds)
WHERE bucket.key = added.key
""")
EMPTY = Command("""
DELETE FROM password_tries WHERE key = ANY(CAST(:keys AS bytea[])) AND (key = :here OR empty_at <= :now)
""")
PURGE = Command("""
DELETE FROM password_tries WHERE key IN (
  SELECT key FROM password_tries WHERE empty_at < :now ORDER BY key FOR UPDATE SKIP LOCKED)
""")
