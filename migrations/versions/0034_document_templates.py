"""A county's own templates of documents, every version of them.

Revision ID: 0034
Revises: 0033
"""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.create_table(
        "document_template",
        sa.Column("county_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary()),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("made_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("county_id", "kind", "language", "version", name=op.f("pk_document_template")),
        sa.ForeignKeyConstraint(
            ["county_id", "made_by"],
            ["person.county_id", "person.id"],
            name=op.f("fk_document_template_county_id_made_by"),
        ),
        sa.CheckConstraint("kind IN ('circular')", name=op.f("ck_document_template_kind")),
        sa.CheckConstraint("language IN ('zh-CN', 'en')", name=op.f("ck_document_template_language")),
    )
    op.create_index(op.f("ix_document_template_county_id_made_by"), "document_template", ["county_id", "made_by"])


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.drop_table("document_template")
