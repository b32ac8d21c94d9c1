"""Activation codes, by which people get their accounts.

Revision ID: 0024
Revises: 0023
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.create_table(
        "activation",
        sa.Column("county_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("code_hash", postgresql.BYTEA(), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=True),
        sa.Column("made_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("expires_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("used_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("replaced_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.CheckConstraint("expires_at > made_at", name=op.f("ck_activation_expiry")),
        sa.ForeignKeyConstraint(
            ["county_id", "person_id"],
            ["person.county_id", "person.id"],
            name=op.f("fk_activation_county_id_person_id"),
        ),
        sa.ForeignKeyConstraint(
            ["county_id", "made_by"],
            ["person.county_id", "person.id"],
            name=op.f("fk_activation_county_id_made_by"),
        ),
        sa.PrimaryKeyConstraint("county_id", "id", name=op.f("pk_activation")),
        sa.UniqueConstraint("county_id", "code_hash", name=op.f("uq_activation_county_id_code_hash")),
    )
    op.create_index(op.f("ix_activation_county_id_person_id"), "activation", ["county_id", "person_id"])
    op.create_index(op.f("ix_sign_in_county_id_person_id"), "sign_in", ["county_id", "person_id"], unique=True)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.drop_index(op.f("ix_sign_in_county_id_person_id"), table_name="sign_in")
    op.drop_table("activation")
