"""what the integrity signals look up."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.create_index("ix_device_session_device", "device_session", ["county_id", "device_id"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_device_session_device", table_name="device_session")
