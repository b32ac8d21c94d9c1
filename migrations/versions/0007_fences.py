"""a fence version may be left without time by a correction."""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.drop_constraint(op.f("ck_geofence_times"), "geofence", type_="check")
    op.create_check_constraint(op.f("ck_geofence_times"), "geofence", "valid_until >= valid_from")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.drop_constraint(op.f("ck_geofence_times"), "geofence", type_="check")
    # Versions without time stay: the stricter rule is for those to come.
    op.create_check_constraint(
        op.f("ck_geofence_times"), "geofence", "valid_until > valid_from", postgresql_not_valid=True
    )
