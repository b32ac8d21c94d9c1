"""hours in the village as a measure; a stay knows when it came."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_MEASURES = "measure IN ('nights', 'visits', 'distinct_households', 'village_days', 'nights_in_village'{})"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.add_column("stay", sa.Column("received_at", postgresql.TIMESTAMP(timezone=True), nullable=True))
    # Nobody wrote down when these came: as if at once.
    op.execute("UPDATE stay SET received_at = until_at")
    op.alter_column("stay", "received_at", nullable=False)
    op.drop_constraint(op.f("ck_duty_rule_measure"), "duty_rule", type_="check")
    op.create_check_constraint(op.f("ck_duty_rule_measure"), "duty_rule", _MEASURES.format(", 'hours_in_village'"))
    op.create_check_constraint(
        op.f("ck_duty_rule_hours"),
        "duty_rule",
        "measure <> 'hours_in_village' OR (night_start IS NULL AND min_dwell_min IS NULL"
        " AND NOT household_required AND NOT form_required)",
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.drop_constraint(op.f("ck_duty_rule_hours"), "duty_rule", type_="check")
    op.drop_constraint(op.f("ck_duty_rule_measure"), "duty_rule", type_="check")
    op.create_check_constraint(
        op.f("ck_duty_rule_measure"), "duty_rule", _MEASURES.format(""), postgresql_not_valid=True
    )
    op.drop_column("stay", "received_at")
