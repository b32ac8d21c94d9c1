"""Photos may speak for an appeal.

Revision ID: 0047
Revises: 0045
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0047"
down_revision = "0045"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    uuids = postgresql.ARRAY(sa.Uuid())
    op.add_column("appeal", sa.Column("photo_ids", uuids, nullable=False, server_default=sa.text("'{}'")))


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.drop_column("appeal", "photo_ids")
