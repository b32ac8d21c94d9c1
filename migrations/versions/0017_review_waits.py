"""until when what awaits review keeps a duty open, and who should have reviewed what a flag was raised over."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0017"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.add_column("duty", sa.Column("review_due_at", postgresql.TIMESTAMP(timezone=True), nullable=True))
    op.add_column(
        "flag",
        sa.Column("unreviewed_by", postgresql.ARRAY(sa.UUID()), server_default=sa.text("'{}'"), nullable=False),
    )
    op.drop_index("ix_duty_to_close", table_name="duty", postgresql_where=sa.text("closed_at IS NULL"))
    op.create_index(
        "ix_duty_to_close",
        "duty",
        ["county_id", sa.text("greatest(closes_at, review_due_at)")],
        unique=False,
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    # Duties that wait by now are found by `yefang recount --apply`.


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.drop_index("ix_duty_to_close", table_name="duty", postgresql_where=sa.text("closed_at IS NULL"))
    op.create_index(
        "ix_duty_to_close",
        "duty",
        ["county_id", "closes_at"],
        unique=False,
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.drop_column("flag", "unreviewed_by")
    op.drop_column("duty", "review_due_at")
