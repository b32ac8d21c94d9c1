"""Units and households end, and people and households have a number of the office's own.

Revision ID: 0025
Revises: 0024
"""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

_COLUMNS = (
    ("unit", "until_date", sa.Date),
    ("household", "until_date", sa.Date),
    ("household", "number", sa.Text),
    ("person", "number", sa.Text),
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    for table, column, kind in _COLUMNS:
        op.add_column(table, sa.Column(column, kind(), nullable=True))
    for table in ("person", "household"):
        op.create_unique_constraint(op.f(f"uq_{table}_county_id_number"), table, ["county_id", "number"])


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    for table in ("person", "household"):
        op.drop_constraint(op.f(f"uq_{table}_county_id_number"), table)
    for table, column, _ in _COLUMNS:
        op.drop_column(table, column)
