"""Who is meant by a name in a platform's reports is remembered.

Revision ID: 0035
Revises: 0034
"""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.create_table(
        "import_name",
        sa.Column("county_id", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("written", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Uuid()),
        sa.PrimaryKeyConstraint("county_id", "source", "written", name=op.f("pk_import_name")),
        sa.ForeignKeyConstraint(["county_id"], ["county.id"], name=op.f("fk_import_name_county_id")),
        sa.ForeignKeyConstraint(
            ["county_id", "person_id"],
            ["person.county_id", "person.id"],
            name=op.f("fk_import_name_county_id_person_id"),
        ),
    )
    op.create_index(op.f("ix_import_name_county_id_person_id"), "import_name", ["county_id", "person_id"])


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.drop_table("import_name")
