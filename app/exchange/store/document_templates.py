"""All statements of a county's own templates of documents."""

from typing import NamedTuple

from app.kernel.statements import Command, Statement


class InUseRow(NamedTuple):
    """The latest version. Without content it is the house's."""

    version: int
    content: bytes | None


_ONE = "county_id = :county_id AND kind = :kind AND language = :language"
IN_USE = Statement(
    InUseRow, f"SELECT version, content FROM document_template WHERE {_ONE} ORDER BY version DESC LIMIT 1"
)
CONTENT = Statement(
    bytes,
    f"SELECT content FROM document_template WHERE {_ONE} AND version = :version AND content IS NOT NULL",
)
# Two at once make the same version, and the second is told.
ADD = Command("""
INSERT INTO document_template (county_id, kind, language, version, file_name, content, made_by, made_at)
SELECT :county_id, :kind, :language, coalesce(max(version), 0) + 1, :file_name, :content, :made_by, :now
FROM document_template AS earlier
WHERE earlier.county_id = :county_id AND earlier.kind = :kind AND earlier.language = :language
""")
# With a record that goes into another of the same person.
TAKE_OVER = Command("""
UPDATE document_template SET made_by = :into_id WHERE county_id = :county_id AND made_by = :from_id
""")
