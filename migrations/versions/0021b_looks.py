"""what photos look like; those there already are not looked at again."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0021b"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.add_column("photo", sa.Column("looks", postgresql.ARRAY(postgresql.BIT(128)), nullable=True))
    op.add_column("photo", sa.Column("look_bands", postgresql.ARRAY(sa.Integer()), nullable=True))
    # No row has a look yet: these are made in no time.
    op.create_index(
        "ix_photo_person",
        "photo",
        ["county_id", "person_id", "uploaded_at"],
        postgresql_where=sa.text("looks IS NOT NULL"),
    )
    op.create_index(
        "ix_photo_look_bands",
        "photo",
        ["look_bands"],
        postgresql_using="gin",
        postgresql_where=sa.text("look_bands IS NOT NULL"),
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.drop_index("ix_photo_look_bands", "photo")
    op.drop_index("ix_photo_person", "photo")
    op.drop_column("photo", "look_bands")
    op.drop_column("photo", "looks")
