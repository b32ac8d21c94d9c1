"""A phone number is one person's at a time, and numbers and codes may change hands within a statement.

Revision ID: 0030
Revises: 0028
"""

from alembic import op

revision = "0030"
down_revision = "0028"
branch_labels = None
depends_on = None

_UNIQUE = (("person", "number"), ("household", "number"), ("unit", "code"))


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    _make_unique("DEFERRABLE")
    op.execute("ALTER TABLE person DROP CONSTRAINT uq_person_county_id_phone")
    op.execute(
        "ALTER TABLE person ADD CONSTRAINT ex_person_phone EXCLUDE USING gist "
        "(county_id WITH =, phone WITH =, daterange(from_date, until_date) WITH &&) DEFERRABLE"
    )


def downgrade() -> None:
    """Not where a number has passed from one person to another."""
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.execute("ALTER TABLE person DROP CONSTRAINT ex_person_phone")
    op.execute("ALTER TABLE person ADD CONSTRAINT uq_person_county_id_phone UNIQUE (county_id, phone)")
    _make_unique("NOT DEFERRABLE")


def _make_unique(when: str) -> None:
    for table, column in _UNIQUE:
        name = f"uq_{table}_county_id_{column}"
        op.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
        op.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} UNIQUE (county_id, {column}) {when}")
