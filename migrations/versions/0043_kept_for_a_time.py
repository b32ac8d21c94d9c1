"""Until which day rows are deleted for their age; the stored photo has a hash of its own.

Revision ID: 0043
Revises: 0042
"""

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.create_table(
        "deletion",
        sa.Column("county_id", sa.Text(), nullable=False),
        sa.Column("table_name", sa.Text(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("done_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("county_id", "table_name", name=op.f("pk_deletion")),
    )
    op.add_column("photo", sa.Column("kept_sha256", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    """What was deleted stays deleted; duties from before would be counted as missed."""
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.drop_column("photo", "kept_sha256")
    op.drop_table("deletion")
