"""appeals, and who is told when misses repeat."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_OLD = "'rule', 'category', 'days_off', 'presence', 'leave', 'rounding'"
_AT = postgresql.TIMESTAMP(timezone=True)


def _person(table: str, column: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["county_id", column], ["person.county_id", "person.id"], name=op.f(f"fk_{table}_county_id_{column}")
    )


def _excuses(excuses: str, **given: bool) -> None:
    op.drop_constraint(op.f("ck_duty_excuse"), "duty", type_="check")
    op.create_check_constraint(op.f("ck_duty_excuse"), "duty", f"excuse IN ({excuses})", **given)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.create_table(
        "appeal",
        sa.Column("county_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("flag_id", sa.Uuid(), nullable=True),
        sa.Column("check_in_id", sa.Uuid(), nullable=True),
        sa.Column("instance", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("filed_at", _AT, nullable=False),
        sa.Column("until", _AT, nullable=False),
        sa.Column("due_at", _AT, nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("post", sa.Text(), nullable=True),
        sa.Column("decided_at", _AT, nullable=True),
        sa.Column("decision_reason", sa.Text(), nullable=True),
        sa.CheckConstraint("instance IN (1, 2)", name=op.f("ck_appeal_instance")),
        sa.CheckConstraint("num_nonnulls(flag_id, check_in_id) = 1", name=op.f("ck_appeal_subject")),
        sa.CheckConstraint("status IN ('open', 'upheld', 'overturned', 'late')", name=op.f("ck_appeal_status")),
        sa.CheckConstraint(
            "(status IN ('upheld', 'overturned')) = (decided_at IS NOT NULL)"
            " AND num_nonnulls(decided_by, decided_at, decision_reason, post) IN (0, 4)",
            name=op.f("ck_appeal_decision"),
        ),
        _person("appeal", "person_id"),
        _person("appeal", "decided_by"),
        sa.ForeignKeyConstraint(
            ["county_id", "flag_id"], ["flag.county_id", "flag.id"], name=op.f("fk_appeal_county_id_flag_id")
        ),
        sa.ForeignKeyConstraint(
            ["county_id", "check_in_id"],
            ["check_in.county_id", "check_in.id"],
            name=op.f("fk_appeal_county_id_check_in_id"),
        ),
        sa.PrimaryKeyConstraint("county_id", "id", name=op.f("pk_appeal")),
    )
    for subject in ("flag", "check_in"):
        column = f"{subject}_id"
        op.create_index(
            f"uq_appeal_open_{subject}",
            "appeal",
            ["county_id", column],
            unique=True,
            postgresql_where=sa.text("status = 'open'"),
        )
        op.create_index(op.f(f"ix_appeal_county_id_{column}"), "appeal", ["county_id", column])
    op.create_index(
        op.f("ix_appeal_county_id_person_id_filed_at"), "appeal", ["county_id", "person_id", "filed_at"]
    )
    op.create_table(
        "duty_waiver",
        sa.Column("county_id", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("rule_id", sa.Uuid(), nullable=False),
        sa.Column("period_start", sa.Date(), nullable=False),
        sa.Column("at", _AT, nullable=False),
        _person("duty_waiver", "person_id"),
        sa.PrimaryKeyConstraint("county_id", "person_id", "rule_id", "period_start", name=op.f("pk_duty_waiver")),
    )
    op.add_column("flag", sa.Column("level", sa.Integer(), server_default="1", nullable=False))
    op.add_column("flag", sa.Column("opened_at", _AT, nullable=True))
    op.add_column("flag", sa.Column("told_at", _AT, nullable=True))
    op.execute("UPDATE flag SET opened_at = raised_at, told_at = raised_at")
    for column in ("opened_at", "told_at"):
        op.alter_column("flag", column, nullable=False)
    op.create_index("ix_flag_open", "flag", ["county_id", "told_at"], postgresql_where=sa.text("status = 'open'"))
    _excuses(f"{_OLD}, 'appeal'")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    _excuses(_OLD, postgresql_not_valid=True)
    op.drop_index("ix_flag_open", table_name="flag")
    for column in ("told_at", "opened_at", "level"):
        op.drop_column("flag", column)
    op.drop_table("duty_waiver")
    op.drop_table("appeal")
