"""forms of night visits, visits by household, and what phones say they still hold."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.add_column("device", sa.Column("waiting", sa.Integer(), nullable=True))
    op.add_column("device", sa.Column("oldest_waiting_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("device", sa.Column("waiting_said_at", sa.DateTime(timezone=True), nullable=True))
    op.create_check_constraint(op.f("ck_device_waiting"), "device", "waiting >= 0")
    op.create_index(op.f("ix_device_county_id_person_id"), "device", ["county_id", "person_id"], unique=False)
    op.create_index(
        "ix_check_in_household",
        "check_in",
        ["county_id", "household_id", "captured_at"],
        unique=False,
        postgresql_where=sa.text("household_id IS NOT NULL AND standing = 'counted'"),
    )
    op.create_index(
        "ix_check_in_night_form",
        "check_in",
        ["county_id", "captured_at"],
        unique=False,
        postgresql_where=sa.text("form ->> 'kind' = 'night_visit'"),
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.drop_index("ix_check_in_night_form", table_name="check_in")
    op.drop_index("ix_check_in_household", table_name="check_in")
    op.drop_index(op.f("ix_device_county_id_person_id"), table_name="device")
    op.drop_constraint(op.f("ck_device_waiting"), "device", type_="check")
    op.drop_column("device", "waiting_said_at")
    op.drop_column("device", "oldest_waiting_at")
    op.drop_column("device", "waiting")
