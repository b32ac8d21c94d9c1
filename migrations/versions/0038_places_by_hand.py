"""A household is of a category.

Revision ID: 0038
Revises: 0037
"""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

_CATEGORIES = ("lifted", "lifted_unstable", "near_poor", "hardship", "ordinary")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.add_column("household", sa.Column("category", sa.Text(), nullable=True))
    op.create_check_constraint(
        op.f("ck_household_category"),
        "household",
        f"category IN ({', '.join(repr(each) for each in _CATEGORIES)})",
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.drop_constraint(op.f("ck_household_category"), "household")
    op.drop_column("household", "category")
