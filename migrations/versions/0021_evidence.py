"""when phones were in touch."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.create_table(
        "contact",
        sa.Column("county_id", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("device_id", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("waiting", sa.Integer(), nullable=True),
        sa.Column("oldest_waiting_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["county_id", "person_id"],
            ["person.county_id", "person.id"],
            name=op.f("fk_contact_county_id_person_id"),
        ),
        sa.PrimaryKeyConstraint("county_id", "person_id", "device_id", "at", name=op.f("pk_contact")),
    )
    op.create_index(op.f("ix_contact_at"), "contact", ["at"])


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.drop_table("contact")
