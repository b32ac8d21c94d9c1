"""a night may lie wholly past midnight, and is then of the evening before."""

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_NIGHT = (
    "(night_start IS NULL) = (night_until IS NULL) AND night_until > night_start"
    " AND night_start BETWEEN 0 AND {most} AND night_until - night_start <= 1440"
    " AND (measure NOT IN ('nights', 'nights_in_village') OR night_start IS NOT NULL)"
)


def upgrade() -> None:
    _begin_until(2159)


def downgrade() -> None:
    _begin_until(1439)


def _begin_until(most: int) -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.drop_constraint(op.f("ck_duty_rule_night"), "duty_rule")
    op.create_check_constraint(op.f("ck_duty_rule_night"), "duty_rule", _NIGHT.format(most=most))
