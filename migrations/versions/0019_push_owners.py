"""a registration for pushes has one owner; phone numbers are digits."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0019"
down_revision = "0020"
branch_labels = None
depends_on = None

# What tells one registration from all others.
_KEY = """sha256(convert_to(concat_ws(' ', push ->> 'channel',
  coalesce(push ->> 'fid', push ->> 'token', push -> 'subscription' ->> 'endpoint', CAST(push AS text))), 'UTF8'))"""

# Without spacing, country code and full-width digits; not where somebody else has that number already.
_DIGITS = r"""regexp_replace(regexp_replace(
  translate(phone, '０１２３４５６７８９＋', '0123456789+'), '[^0-9+]', '', 'g'), '^(\+86|0086)', '')"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.create_table(
        "push_owner",
        sa.Column("key", postgresql.BYTEA(), nullable=False),
        sa.Column("county_id", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("device_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_push_owner")),
    )
    op.execute(f"""
        INSERT INTO push_owner (key, county_id, person_id, device_id)
        SELECT DISTINCT ON ({_KEY}) {_KEY}, county_id, person_id, id FROM device
        WHERE push IS NOT NULL ORDER BY {_KEY}, last_seen_at DESC
    """)
    op.execute(f"""
        UPDATE device SET push = NULL WHERE push IS NOT NULL AND NOT EXISTS (
          SELECT FROM push_owner AS owner WHERE owner.key = {_KEY} AND owner.county_id = device.county_id
            AND owner.person_id = device.person_id AND owner.device_id = device.id)
    """)
    for table, scope in (("person", "other.county_id = said.county_id AND"), ("sign_in", "")):
        op.execute(f"""
            UPDATE {table} AS said SET phone = {_DIGITS}
            WHERE phone ~ '[^0-9]' AND phone !~ '[[:alpha:]]' AND NOT EXISTS (
              SELECT FROM {table} AS other WHERE {scope} other.phone = {_DIGITS.replace("phone", "said.phone")})
        """)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.drop_table("push_owner")
