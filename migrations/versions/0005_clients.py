"""off-the-shelf clients: keys and quarantine."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_MOMENT = postgresql.TIMESTAMP(timezone=True)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.add_column("device", sa.Column("status", postgresql.JSONB(astext_type=sa.Text()), nullable=True))
    op.add_column("device_session", sa.Column("client", sa.Text(), nullable=True))
    op.add_column("device_session", sa.Column("last_used_at", _MOMENT, nullable=True))
    op.alter_column("device_session", "expires_at", nullable=True)
    op.create_check_constraint(
        op.f("ck_device_session_client"), "device_session", "client IN ('owntracks', 'traccar', 'overland')"
    )
    op.create_check_constraint(
        op.f("ck_device_session_expiry"), "device_session", "client IS NOT NULL OR expires_at IS NOT NULL"
    )
    op.create_index(
        "ix_device_session_key",
        "device_session",
        ["county_id", "token_hash"],
        unique=True,
        postgresql_where=sa.text("client IS NOT NULL"),
    )
    op.create_table(
        "quarantine",
        sa.Column("county_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("received_at", _MOMENT, nullable=False),
        sa.Column("last_seen_at", _MOMENT, nullable=False),
        sa.Column("times_seen", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("digest", postgresql.BYTEA(), nullable=False),
        sa.CheckConstraint("times_seen > 0", name=op.f("ck_quarantine_times_seen")),
        sa.ForeignKeyConstraint(
            ["county_id", "person_id"],
            ["person.county_id", "person.id"],
            name=op.f("fk_quarantine_county_id_person_id"),
        ),
        sa.ForeignKeyConstraint(
            ["county_id", "session_id"],
            ["device_session.county_id", "device_session.id"],
            name=op.f("fk_quarantine_county_id_session_id"),
        ),
        sa.PrimaryKeyConstraint("county_id", "id", name=op.f("pk_quarantine")),
        sa.UniqueConstraint(
            "county_id", "session_id", "digest", name=op.f("uq_quarantine_county_id_session_id_digest")
        ),
    )
    op.create_index(
        op.f("ix_quarantine_county_id_person_id_id"), "quarantine", ["county_id", "person_id", "id"], unique=False
    )
    op.create_index(
        op.f("ix_quarantine_county_id_received_at"), "quarantine", ["county_id", "received_at"], unique=False
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.drop_table("quarantine")
    op.drop_index("ix_device_session_key", table_name="device_session")
    op.drop_constraint(op.f("ck_device_session_expiry"), "device_session")
    op.drop_constraint(op.f("ck_device_session_client"), "device_session")
    op.execute("DELETE FROM device_session WHERE client IS NOT NULL")  # keys mean nothing to what came before
    op.alter_column("device_session", "expires_at", nullable=False)
    op.drop_column("device_session", "last_used_at")
    op.drop_column("device_session", "client")
    op.drop_column("device", "status")
