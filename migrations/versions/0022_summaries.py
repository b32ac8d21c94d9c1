"""daily summaries: what waits for them, until when each was told, and the hour that a person chose."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0022"
down_revision = "0019b"
branch_labels = None
depends_on = None

_TIME = postgresql.TIMESTAMP(timezone=True)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.add_column("notice_preference", sa.Column("summary_at", sa.Integer(), nullable=True))
    op.create_check_constraint(
        op.f("ck_notice_preference_summary_at"), "notice_preference", "summary_at BETWEEN 0 AND 1439"
    )
    op.create_table(
        "deferred_notice",
        sa.Column("county_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("occasion", sa.Text(), nullable=False),
        sa.Column("about", postgresql.JSONB(), nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("summary_id", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("county_id", "id", name=op.f("pk_deferred_notice")),
        sa.UniqueConstraint(
            "county_id", "person_id", "occasion", name=op.f("uq_deferred_notice_county_id_person_id_occasion")
        ),
        sa.ForeignKeyConstraint(
            ["county_id", "person_id"],
            ["person.county_id", "person.id"],
            name=op.f("fk_deferred_notice_county_id_person_id"),
        ),
    )
    op.create_index(
        "ix_deferred_notice_waiting",
        "deferred_notice",
        ["county_id", "person_id"],
        postgresql_where=sa.text("summary_id IS NULL"),
    )
    op.create_table(
        "summary_turn",
        sa.Column("county_id", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("told_until", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("county_id", "person_id", name=op.f("pk_summary_turn")),
        sa.ForeignKeyConstraint(
            ["county_id", "person_id"],
            ["person.county_id", "person.id"],
            name=op.f("fk_summary_turn_county_id_person_id"),
        ),
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.drop_table("summary_turn")
    op.drop_table("deferred_notice")
    op.drop_constraint(op.f("ck_notice_preference_summary_at"), "notice_preference")
    op.drop_column("notice_preference", "summary_at")
