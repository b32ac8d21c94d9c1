"""Imports as jobs, and what a county's own headings mean.

Revision ID: 0026
Revises: 0025
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

_NOW = sa.TIMESTAMP(timezone=True)
_STATES = ("checking", "ready", "failed", "applying", "applied", "undone")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.create_table(
        "import_job",
        sa.Column("county_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("content", postgresql.BYTEA(), nullable=False),
        sa.Column("options", postgresql.JSONB(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("progress", sa.Integer(), server_default="0", nullable=False),
        sa.Column("rows", sa.Integer(), server_default="0", nullable=False),
        sa.Column("findings", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("changes", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("undo", postgresql.BYTEA(), nullable=True),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("made_at", _NOW, nullable=False),
        sa.Column("changed_at", _NOW, nullable=False),
        sa.Column("busy_until", _NOW, nullable=True),
        sa.CheckConstraint(f"state IN {_STATES!r}", name=op.f("ck_import_job_state")),
        sa.CheckConstraint("progress BETWEEN 0 AND 100", name=op.f("ck_import_job_progress")),
        sa.ForeignKeyConstraint(
            ["county_id", "made_by"],
            ["person.county_id", "person.id"],
            name=op.f("fk_import_job_county_id_made_by"),
        ),
        sa.PrimaryKeyConstraint("county_id", "id", name=op.f("pk_import_job")),
    )
    op.create_index(op.f("ix_import_job_county_id_made_by"), "import_job", ["county_id", "made_by"])
    op.create_index(
        "ix_import_job_due",
        "import_job",
        ["busy_until"],
        postgresql_where=sa.text("state IN ('checking', 'applying')"),
    )
    op.create_table(
        "import_heading",
        sa.Column("county_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("heading", sa.Text(), nullable=False),
        sa.Column("column_key", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["county_id"], ["county.id"], name=op.f("fk_import_heading_county_id")),
        sa.PrimaryKeyConstraint("county_id", "kind", "heading", name=op.f("pk_import_heading")),
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.drop_table("import_heading")
    op.drop_table("import_job")
