"""a review may say when a visit took place; lists and duties go by that."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0019b"
down_revision = "0019"
branch_labels = None
depends_on = None

_MOMENT = postgresql.TIMESTAMP(timezone=True)
_CAUSES = ("position", "fence", "photo")

# name, columns behind the county's, condition: each has the time of the visit in it.
_INDEXES = (
    ("person", ("person_id", "{at}"), None),
    ("village", ("found_in_village_id", "{at}"), None),
    ("household", ("household_id", "{at}"), "household_id IS NOT NULL AND standing = 'counted'"),
    ("night_form", ("{at}",), "form ->> 'kind' = 'night_visit'"),
    ("held", ("{at}", "id"), "standing = 'held'"),
)


def _put_indexes(at: str) -> None:
    for name, columns, condition in _INDEXES:
        op.drop_index(f"ix_check_in_{name}", table_name="check_in")
        op.create_index(
            f"ix_check_in_{name}",
            "check_in",
            ["county_id", *(column.format(at=at) for column in columns)],
            unique=False,
            postgresql_where=sa.text(condition) if condition else None,
        )


def _put_causes(causes: tuple[str, ...]) -> None:
    op.drop_constraint(op.f("ck_rejudgement_cause"), "rejudgement", type_="check")
    listed = ", ".join(f"'{cause}'" for cause in causes)
    op.create_check_constraint(op.f("ck_rejudgement_cause"), "rejudgement", f"cause IN ({listed})")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.add_column("check_in", sa.Column("review_time", _MOMENT, nullable=True))
    op.add_column(
        "check_in",
        sa.Column(
            "visited_at",
            _MOMENT,
            sa.Computed("coalesce(review_time, captured_at)", persisted=True),
            nullable=False,
        ),
    )
    op.add_column("review", sa.Column("visited_at", _MOMENT, nullable=True))
    _put_causes((*_CAUSES, "time"))
    _put_indexes("visited_at")
    op.drop_index("ix_check_in_captured", table_name="check_in")
    op.create_index(
        "ix_check_in_visited",
        "check_in",
        ["county_id", sa.text("visited_at DESC"), sa.text("id DESC")],
        unique=False,
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.drop_index("ix_check_in_visited", table_name="check_in")
    op.create_index(
        "ix_check_in_captured",
        "check_in",
        ["county_id", sa.text("captured_at DESC"), sa.text("id DESC")],
        unique=False,
    )
    _put_indexes("captured_at")
    op.execute("DELETE FROM rejudgement WHERE cause = 'time'")
    _put_causes(_CAUSES)
    op.drop_column("review", "visited_at")
    op.drop_column("check_in", "visited_at")
    op.drop_column("check_in", "review_time")
