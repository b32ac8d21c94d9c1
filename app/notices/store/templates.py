"""All statements of a county's own words for notices."""

from typing import NamedTuple

from app.kernel.statements import Command, Statement


class TemplateRow(NamedTuple):
    """A county's own words for a kind of notice."""

    kind: str
    language: str
    title: str
    body: str


OWN = Statement(
    TemplateRow,
    "SELECT kind, language, title, body FROM notice_template WHERE county_id = :county_id",
)

PUT = Command("""
INSERT INTO notice_template (county_id, kind, language, title, body, changed_at, changed_by)
VALUES (:county_id, :kind, :language, :title, :body, :now, :actor_id)
ON CONFLICT (county_id, kind, language) DO UPDATE
SET (title, body, changed_at, changed_by)
  = (excluded.title, excluded.body, excluded.changed_at, excluded.changed_by)
""")

RESET = Command("""
DELETE FROM notice_template WHERE county_id = :county_id AND kind = :kind AND language = :language
""")
