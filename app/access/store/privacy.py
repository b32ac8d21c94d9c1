"""Statements of the privacy notice, and of who has agreed to which version."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from app.kernel.statements import Command, Statement


class NoticeRow(NamedTuple):
    """A version of what the county tells its people about their data."""

    version: int
    text: str
    text_en: str
    published_at: datetime
    published_by: UUID


class ConsentRow(NamedTuple):
    """What somebody said last."""

    version: int
    at: datetime
    agreed: bool


NOTICE = Statement(
    NoticeRow,
    """
SELECT version, text, text_en, published_at, published_by FROM privacy_notice
WHERE county_id = :county_id ORDER BY version DESC LIMIT 1
""",
)
PUBLISH = Statement(
    int,
    """
INSERT INTO privacy_notice (county_id, version, text, text_en, published_at, published_by)
SELECT :county_id, coalesce((SELECT max(before.version) FROM privacy_notice AS before
  WHERE before.county_id = :county_id), 0) + 1, :text, :text_en, :now, :person_id
RETURNING version
""",
)
SAID = Statement(
    ConsentRow,
    """
SELECT version, at, agreed FROM consent
WHERE county_id = :county_id AND person_id = :person_id ORDER BY id DESC LIMIT 1
""",
)
SAY = Command("""
INSERT INTO consent (county_id, id, person_id, version, at, agreed)
VALUES (:county_id, :id, :person_id, :version, :now, :agreed)
""")
# Where the county has published nothing, nobody could agree.
AGREEING = Statement(
    UUID,
    """
SELECT asked.id FROM unnest(CAST(:person_ids AS uuid[])) AS asked (id)
WHERE NOT EXISTS (SELECT FROM privacy_notice WHERE privacy_notice.county_id = :county_id) OR coalesce((
  SELECT agreed FROM consent WHERE consent.county_id = :county_id AND consent.person_id = asked.id
  ORDER BY consent.id DESC LIMIT 1), false)
""",
)
