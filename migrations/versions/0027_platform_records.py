"""Check-ins that another platform recorded: their source, what it said, and when their import was taken back.

Revision ID: 0027
Revises: 0026
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

_SOURCES = ("dingtalk", "wecom", "feishu")
_CAUSES = ("position", "fence", "photo", "time", "pattern")
_SAID = (
    *("county_id", "id", "person_id", "device_id", "captured_at", "received_at", "position_problem", "purpose"),
    *("household_id", "note", "photo_ids", "form", "app_version", "content_hash"),
)
_RECORD = ("source", "record_key", "record")
_FIX = (
    *("fixed_at", "crs", "raw_lon", "raw_lat", "accuracy_m", "altitude_m", "speed_mps", "mock"),
    "position_added_at",
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.add_column("check_in", sa.Column("source", sa.Text()))
    op.add_column("check_in", sa.Column("record_key", sa.Uuid()))
    op.add_column("check_in", sa.Column("record", postgresql.JSONB()))
    op.add_column("check_in", sa.Column("withdrawn_at", sa.TIMESTAMP(timezone=True)))
    op.create_check_constraint(op.f("ck_check_in_source"), "check_in", f"source IN {_SOURCES!r}")
    op.create_check_constraint(
        op.f("ck_check_in_record"), "check_in", "num_nonnulls(source, record_key, record) IN (0, 3)"
    )
    op.create_check_constraint(
        op.f("ck_check_in_withdrawn"), "check_in", "withdrawn_at IS NULL OR source IS NOT NULL"
    )
    op.create_index(
        "uq_check_in_record",
        "check_in",
        ["county_id", "record_key"],
        unique=True,
        postgresql_where=sa.text("record_key IS NOT NULL AND withdrawn_at IS NULL"),
    )
    _keep_evidence((*_SAID, *_RECORD))
    _causes((*_CAUSES, "withdrawn"))


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.execute("DELETE FROM rejudgement WHERE cause = 'withdrawn'")
    _causes(_CAUSES)
    _keep_evidence(_SAID)
    op.drop_index("uq_check_in_record", "check_in")
    op.drop_constraint(op.f("ck_check_in_withdrawn"), "check_in")
    op.drop_constraint(op.f("ck_check_in_record"), "check_in")
    op.drop_constraint(op.f("ck_check_in_source"), "check_in")
    op.drop_column("check_in", "withdrawn_at")
    op.drop_column("check_in", "record")
    op.drop_column("check_in", "record_key")
    op.drop_column("check_in", "source")


def _causes(allowed: tuple[str, ...]) -> None:
    op.drop_constraint(op.f("ck_rejudgement_cause"), "rejudgement")
    op.create_check_constraint(op.f("ck_rejudgement_cause"), "rejudgement", f"cause IN {allowed!r}")


def _keep_evidence(said: tuple[str, ...]) -> None:
    """What was said is never changed; a fix is filled in once, where there was none."""

    def of(row: str, columns: tuple[str, ...]) -> str:
        return "(" + ", ".join(f"{row}.{column}" for column in columns) + ")"

    op.execute("DROP TRIGGER keep_evidence ON check_in")
    op.execute(
        f"""
CREATE TRIGGER keep_evidence BEFORE UPDATE ON check_in FOR EACH ROW
    WHEN (
        {of("OLD", said)} IS DISTINCT FROM {of("NEW", said)}
        OR
        {of("OLD", _FIX)} IS DISTINCT FROM {of("NEW", _FIX)}
        AND NOT (OLD.raw_lon IS NULL AND OLD.position_added_at IS NULL AND NEW.position_added_at IS NOT NULL)
    )
    EXECUTE FUNCTION refuse_change_of_evidence()"""
    )
