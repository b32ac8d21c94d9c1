"""Tables of exchange: imports as jobs, what headings and names in files mean, a county's own templates."""

from datetime import datetime
from typing import get_args
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, PrimaryKeyConstraint, text
from sqlalchemy.dialects.postgresql import BYTEA, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.exchange.words import DocumentKind, ImportState
from app.kernel.database import Base, Timestamp, one_of
from app.kernel.language import Language


class ImportJob(Base):
    """导入: a file on its way into the county. Whoever works on it holds it until `busy_until`."""

    __tablename__ = "import_job"
    may = ("INSERT", "UPDATE", "DELETE")
    kept = "import_retention_d"
    __table_args__ = (
        PrimaryKeyConstraint("county_id", "id"),
        ForeignKeyConstraint(["county_id", "made_by"], ["person.county_id", "person.id"]),
        one_of("state", ImportState),
        CheckConstraint("progress BETWEEN 0 AND 100", name="progress"),
        Index(None, "county_id", "made_by"),
        Index("ix_import_job_due", "busy_until", postgresql_where=text("state IN ('checking', 'applying')")),
    )

    county_id: Mapped[str]
    id: Mapped[UUID]
    kind: Mapped[str]
    file_name: Mapped[str]
    content: Mapped[bytes] = mapped_column(BYTEA)
    options: Mapped[dict[str, object]] = mapped_column(JSONB)
    state: Mapped[str]
    progress: Mapped[int] = mapped_column(server_default="0")  # percent of what the state says
    rows: Mapped[int] = mapped_column(server_default="0")
    findings: Mapped[dict[str, object]] = mapped_column(JSONB, server_default=text("'{}'"))
    changes: Mapped[dict[str, object]] = mapped_column(JSONB, server_default=text("'{}'"))
    missing: Mapped[list[object]] = mapped_column(JSONB, server_default=text("'[]'"))  # that the file leaves out
    undo: Mapped[bytes | None] = mapped_column(BYTEA)  # the rows as they were, packed
    made_by: Mapped[UUID]
    made_at: Mapped[datetime] = mapped_column(Timestamp)
    changed_at: Mapped[datetime] = mapped_column(Timestamp)
    busy_until: Mapped[datetime | None] = mapped_column(Timestamp)


class ImportHeading(Base):
    """列名对应: what a heading in the county's own files means; mapped once and remembered."""

    __tablename__ = "import_heading"
    may = ("INSERT", "UPDATE")
    lasts = "the county's own words, of nobody"
    __table_args__ = (
        PrimaryKeyConstraint("county_id", "kind", "heading"),
        ForeignKeyConstraint(["county_id"], ["county.id"]),
    )

    county_id: Mapped[str]
    kind: Mapped[str]
    heading: Mapped[str]
    column_key: Mapped[str]


class DocumentTemplate(Base):
    """文书模板: a county's own template of a document in one language; the latest version is in use, all are kept.

    Without `content` it says that the house's is used again.
    """

    __tablename__ = "document_template"
    may = ("INSERT", "UPDATE")
    lasts = "the county's own documents, of nobody"
    __table_args__ = (
        PrimaryKeyConstraint("county_id", "kind", "language", "version"),
        ForeignKeyConstraint(["county_id", "made_by"], ["person.county_id", "person.id"]),
        one_of("kind", DocumentKind),
        one_of("language", get_args(Language)),
        Index(None, "county_id", "made_by"),
    )

    county_id: Mapped[str]
    kind: Mapped[str]
    language: Mapped[str]
    version: Mapped[int]
    file_name: Mapped[str]  # as it came
    content: Mapped[bytes | None] = mapped_column(BYTEA)
    made_by: Mapped[UUID]
    made_at: Mapped[datetime] = mapped_column(Timestamp)


class ImportName(Base):
    """姓名对应: who is meant by a name in a platform's reports; said once and remembered."""

    __tablename__ = "import_name"
    may = ("INSERT", "UPDATE", "DELETE")
    lasts = "the roster's: names as other platforms write them; go when the person is made anonymous"
    __table_args__ = (
        PrimaryKeyConstraint("county_id", "source", "written"),
        ForeignKeyConstraint(["county_id"], ["county.id"]),
        ForeignKeyConstraint(["county_id", "person_id"], ["person.county_id", "person.id"]),
        Index(None, "county_id", "person_id"),
    )

    county_id: Mapped[str]
    source: Mapped[str]  # the platform
    written: Mapped[str]  # name and department, as its reports have them
    person_id: Mapped[UUID | None]  # null: somebody who is left out
