"""changes of the roster: later codes of villages."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.add_column("village", sa.Column("code", sa.Text(), nullable=True))
    op.create_table(
        "village_code",
        sa.Column("county_id", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("village_id", sa.Text(), nullable=False),
        sa.Column("official_name", sa.Text(), nullable=False),
        sa.Column("from_date", sa.Date(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.CheckConstraint("code ~ '^[0-9]{12}$'", name=op.f("ck_village_code_code")),
        sa.ForeignKeyConstraint(
            ["county_id", "village_id"],
            ["village.county_id", "village.id"],
            name=op.f("fk_village_code_county_id_village_id"),
        ),
        sa.PrimaryKeyConstraint("county_id", "code", name=op.f("pk_village_code")),
    )
    op.create_index(
        op.f("ix_village_code_county_id_village_id"), "village_code", ["county_id", "village_id"], unique=False
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.drop_table("village_code")
    op.drop_column("village", "code")
