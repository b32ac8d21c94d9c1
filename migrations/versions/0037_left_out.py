"""Villages may end; an import keeps the list of what its file leaves out, so that nothing ends unseen.

Revision ID: 0037
Revises: 0035
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0037"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.add_column("village", sa.Column("until_date", sa.Date(), nullable=True))
    op.add_column("import_job", sa.Column("missing", JSONB(), server_default=sa.text("'[]'"), nullable=False))


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.drop_column("import_job", "missing")
    op.drop_column("village", "until_date")
