"""reviews, verifications, and judging again."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_MOMENT = postgresql.TIMESTAMP(timezone=True)

# What the phone said, in two parts: never to be changed, and to be filled in once where there was no fix.
_FIXED = (
    "county_id", "id", "person_id", "device_id", "captured_at", "received_at", "position_problem", "purpose",
    "household_id", "note", "photo_ids", "form", "app_version", "content_hash",
)  # fmt: skip
_FIX = (
    "fixed_at", "crs", "raw_lon", "raw_lat", "accuracy_m", "altitude_m", "speed_mps", "mock", "position_added_at",
)  # fmt: skip


def _differ(columns: tuple[str, ...]) -> str:
    old, new = (", ".join(f"{row}.{column}" for column in columns) for row in ("OLD", "NEW"))
    return f"({old}) IS DISTINCT FROM ({new})"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.add_column("check_in", sa.Column("position_added_at", _MOMENT, nullable=True))
    op.create_index(
        "ix_check_in_held",
        "check_in",
        ["county_id", "captured_at", "id"],
        unique=False,
        postgresql_where=sa.text("standing = 'held'"),
    )
    op.execute("""
        CREATE FUNCTION refuse_change_of_evidence() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          RAISE EXCEPTION 'what the phone said is evidence: % of % is not changed', TG_TABLE_NAME, OLD.id
            USING ERRCODE = 'restrict_violation';
        END $$
    """)
    op.execute(f"""
        CREATE TRIGGER keep_evidence BEFORE UPDATE ON check_in FOR EACH ROW
        WHEN ({_differ(_FIXED)} OR {_differ(_FIX)}
          AND NOT (OLD.raw_lon IS NULL AND OLD.position_added_at IS NULL AND NEW.position_added_at IS NOT NULL))
        EXECUTE FUNCTION refuse_change_of_evidence()
    """)
    op.create_table(
        "review",
        sa.Column("county_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("check_in_id", sa.Uuid(), nullable=False),
        sa.Column("reviewer_id", sa.Uuid(), nullable=False),
        sa.Column("post", sa.Text(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.CheckConstraint("decision IN ('count', 'refuse')", name=op.f("ck_review_decision")),
        sa.CheckConstraint("before IN ('counted', 'held', 'outside', 'refused')", name=op.f("ck_review_before")),
        _of_check_in("review"),
        _by_person("review", "reviewer_id"),
        sa.PrimaryKeyConstraint("county_id", "id", name=op.f("pk_review")),
    )
    op.create_table(
        "verification",
        sa.Column("county_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("check_in_id", sa.Uuid(), nullable=False),
        sa.Column("verifier_id", sa.Uuid(), nullable=False),
        sa.Column("finding", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("verified_at", _MOMENT, nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.CheckConstraint(
            "finding IN ('confirmed', 'unfounded', 'inconclusive')", name=op.f("ck_verification_finding")
        ),
        _of_check_in("verification"),
        _by_person("verification", "verifier_id"),
        sa.PrimaryKeyConstraint("county_id", "id", name=op.f("pk_verification")),
    )
    op.create_table(
        "rejudgement",
        sa.Column("county_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("check_in_id", sa.Uuid(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("before", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("after", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.CheckConstraint("cause IN ('position', 'fence', 'photo')", name=op.f("ck_rejudgement_cause")),
        _of_check_in("rejudgement"),
        sa.PrimaryKeyConstraint("county_id", "id", name=op.f("pk_rejudgement")),
    )
    for table in ("review", "verification", "rejudgement"):
        op.create_index(
            op.f(f"ix_{table}_county_id_check_in_id"), table, ["county_id", "check_in_id"], unique=False
        )


def _of_check_in(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["county_id", "check_in_id"],
        ["check_in.county_id", "check_in.id"],
        name=op.f(f"fk_{table}_county_id_check_in_id"),
    )


def _by_person(table: str, column: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["county_id", column], ["person.county_id", "person.id"], name=op.f(f"fk_{table}_county_id_{column}")
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    for table in ("rejudgement", "verification", "review"):
        op.drop_index(op.f(f"ix_{table}_county_id_check_in_id"), table_name=table)
        op.drop_table(table)
    op.execute("DROP TRIGGER keep_evidence ON check_in")
    op.execute("DROP FUNCTION refuse_change_of_evidence()")
    op.drop_index("ix_check_in_held", table_name="check_in", postgresql_where=sa.text("standing = 'held'"))
    op.drop_column("check_in", "position_added_at")
