"""文书模板: which template of a document is in use, since when and by whom, and which were before."""

from datetime import datetime
from typing import NamedTuple, get_args
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.exchange.words import DocumentKind
from app.kernel.language import Language
from app.kernel.statements import Statement
from app.reads.answers.document_templates import TemplateHistory, TemplateVersion
from app.reads.answers.named import Named


class VersionRow(NamedTuple):
    """A version of a template, with who made it."""

    language: str
    version: int
    house: bool
    file_name: str
    made_by: UUID
    made_by_name: str
    made_at: datetime


_VERSIONS = Statement(
    VersionRow,
    """
SELECT template.language, template.version, template.content IS NULL AS house, template.file_name,
  template.made_by, person.name AS made_by_name, template.made_at
FROM document_template AS template
JOIN person ON person.county_id = template.county_id AND person.id = template.made_by
WHERE template.county_id = :county_id AND template.kind = :kind
ORDER BY template.version DESC
""",
)


async def templates(session: AsyncSession, county_id: str, kind: DocumentKind) -> list[TemplateHistory]:
    """Of each language, whether the county has ever had one of its own or not."""
    found = await _VERSIONS.all(session, county_id=county_id, kind=kind)
    return [
        TemplateHistory(
            language=language,
            versions=[
                TemplateVersion(
                    version=row.version,
                    house=row.house,
                    file_name=row.file_name,
                    made_by=Named(id=row.made_by, name=row.made_by_name),
                    made_at=row.made_at,
                )
                for row in found
                if row.language == language
            ],
        )
        for language in get_args(Language)
    ]
