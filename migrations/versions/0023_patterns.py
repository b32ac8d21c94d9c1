"""check-ins that are held once a later one shows a pattern

What was held by it stays held on the way back, for a review to decide; its history goes.
"""

from alembic import op

revision = "0023"
down_revision = "0021b"
branch_labels = None
depends_on = None

_BEFORE = ("position", "fence", "photo", "time")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    _causes((*_BEFORE, "pattern"))


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.execute("DELETE FROM rejudgement WHERE cause = 'pattern'")
    _causes(_BEFORE)


def _causes(words: tuple[str, ...]) -> None:
    op.drop_constraint(op.f("ck_rejudgement_cause"), "rejudgement", type_="check")
    op.create_check_constraint(
        op.f("ck_rejudgement_cause"), "rejudgement", f"cause IN ({', '.join(repr(word) for word in words)})"
    )
