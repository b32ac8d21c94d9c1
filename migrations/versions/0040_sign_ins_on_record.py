"""Tries at passwords are counted by number and network, and sign-ins are on record.

Revision ID: 0040
Revises: 0038
"""

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0038"
branch_labels = None
depends_on = None

_RESULTS = ("signed_in", "wrong_password", "second_factor", "password_changed", "activated")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.create_table(
        "password_tries",
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("empty_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_password_tries")),
    )
    op.create_index(op.f("ix_password_tries_empty_at"), "password_tries", ["empty_at"])
    op.create_table(
        "sign_in_event",
        sa.Column("county_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("device_id", sa.Text(), nullable=True),
        sa.Column("agent", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("county_id", "id", name=op.f("pk_sign_in_event")),
        sa.ForeignKeyConstraint(
            ["county_id", "person_id"],
            ["person.county_id", "person.id"],
            name=op.f("fk_sign_in_event_county_id_person_id_person"),
        ),
        sa.CheckConstraint(f"result IN {_RESULTS!r}", name=op.f("ck_sign_in_event_result")),
    )
    op.create_index(
        op.f("ix_sign_in_event_county_id_person_id_id"), "sign_in_event", ["county_id", "person_id", "id"]
    )
    op.create_index(op.f("ix_sign_in_event_county_id_at"), "sign_in_event", ["county_id", "at"])
    op.create_table(
        "second_factor",
        sa.Column("county_id", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("made_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("last_step", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("county_id", "person_id", name=op.f("pk_second_factor")),
        sa.ForeignKeyConstraint(
            ["county_id", "person_id"],
            ["person.county_id", "person.id"],
            name=op.f("fk_second_factor_county_id_person_id_person"),
        ),
    )
    op.drop_column("sign_in", "failures")
    op.drop_column("sign_in", "last_failure_at")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.add_column("sign_in", sa.Column("last_failure_at", sa.TIMESTAMP(timezone=True)))
    op.add_column("sign_in", sa.Column("failures", sa.Integer(), server_default="0", nullable=False))
    op.drop_table("second_factor")
    op.drop_table("sign_in_event")
    op.drop_table("password_tries")
