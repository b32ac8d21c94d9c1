"""Evidence is sealed: what is written is noted, and becomes a link of the county's chain; keys say who made them.

What is sealed of which table stands at its model; `app/kernel/sealing.py` makes the triggers and the function that seals
after this step, and after every later one.

Revision ID: 0042
Revises: 0041
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from app.kernel.cluster import SERVICE

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None

_SAFE = "SECURITY DEFINER SET search_path = public, pg_temp"
# The only argument is SQL for a row's id.
_NOTE = f"""
CREATE FUNCTION note_unsealed() RETURNS trigger LANGUAGE plpgsql {_SAFE} AS $$
BEGIN
  EXECUTE format('INSERT INTO unsealed (county_id, tx, table_name, op, row_ids)
    SELECT county_id, CAST(CAST(pg_current_xact_id() AS text) AS bigint), %L, %L, array_agg(%s)
    FROM those GROUP BY county_id', TG_TABLE_NAME, TG_OP, TG_ARGV[0]);
  RETURN NULL;
END $$"""
# What age deletes, or a person's right to be forgotten: never without a line in the audit log, which is sealed.
_REMOVE = f"""
CREATE FUNCTION remove_evidence(given_county text, given_table text, ids uuid[]) RETURNS bigint
LANGUAGE plpgsql {_SAFE} AS $$
DECLARE
  key text;
  removed bigint;
BEGIN
  SELECT convert_from(substring(tgargs FROM 1 FOR length(tgargs) - 1), 'UTF8') INTO key FROM pg_trigger
  WHERE tgrelid = to_regclass(quote_ident(given_table)) AND tgname = 'note_removed';
  IF key IS NULL THEN
    RAISE EXCEPTION '% is not sealed', given_table USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF NOT EXISTS (
    SELECT FROM unsealed WHERE county_id = given_county AND table_name = 'audit_entry' AND op = 'INSERT'
      AND tx = CAST(CAST(pg_current_xact_id() AS text) AS bigint)
  ) THEN
    RAISE EXCEPTION 'evidence is removed with an audit entry in the same transaction, before it'
      USING ERRCODE = 'restrict_violation';
  END IF;
  EXECUTE format('DELETE FROM %I WHERE county_id = $1 AND %s = ANY($2)', given_table, key) USING given_county, ids;
  GET DIAGNOSTICS removed = ROW_COUNT;
  RETURN removed;
END $$"""
_FUNCTIONS = ("note_unsealed()", "remove_evidence(text, text, uuid[])")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.create_table(
        "unsealed",
        sa.Column("county_id", sa.Text(), nullable=False),
        sa.Column("tx", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("table_name", sa.Text(), nullable=False),
        sa.Column("op", sa.Text(), nullable=False),
        sa.Column("row_ids", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.PrimaryKeyConstraint("county_id", "tx", "id", name=op.f("pk_unsealed")),
    )
    op.create_table(
        "seal",
        sa.Column("county_id", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("sealed_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("previous", postgresql.BYTEA(), nullable=False),
        sa.Column("hash", postgresql.BYTEA(), nullable=False),
        sa.Column("parts", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("row_ids", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("digests", postgresql.ARRAY(postgresql.BYTEA()), nullable=False),
        sa.PrimaryKeyConstraint("county_id", "number", name=op.f("pk_seal")),
    )
    op.add_column("device_session", sa.Column("issued_by", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f("fk_device_session_county_id_issued_by"),
        "device_session",
        "person",
        ["county_id", "issued_by"],
        ["county_id", "id"],
    )
    op.execute(_NOTE)
    op.execute(_REMOVE)
    for name in _FUNCTIONS:
        op.execute(f"REVOKE EXECUTE ON FUNCTION {name} FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION {_FUNCTIONS[1]} TO {SERVICE}")


def downgrade() -> None:
    op.execute("DROP FUNCTION note_unsealed() CASCADE")  # with its triggers
    op.execute("DROP FUNCTION remove_evidence(text, text, uuid[])")
    op.execute("DROP FUNCTION IF EXISTS seal_county(text, timestamptz, integer)")
    op.drop_constraint(op.f("fk_device_session_county_id_issued_by"), "device_session")
    op.drop_column("device_session", "issued_by")
    op.drop_table("seal")
    op.drop_table("unsealed")
