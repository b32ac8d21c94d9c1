"""Rows of one county are all that the service sees at a time; across counties it asks by these functions alone.

Each table that counties have rows in gets its policy after this step, as any later table will, from the models
(`app/kernel/roles.py`). The functions run as the owner, whom no policy binds.

Revision ID: 0045
Revises: 0044
"""

from alembic import op

from app.kernel.cluster import SERVICE

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None

_FUNCTIONS = {
    "every_county()": "SETOF county AS $$ SELECT * FROM county $$",
    "counties_with_rules()": """TABLE (id text, timezone text) AS $$
  SELECT county.id, county.timezone FROM county
  WHERE EXISTS (SELECT FROM duty_rule WHERE duty_rule.county_id = county.id)
$$""",
    "counties_with_tracks()": """TABLE (id text, timezone text, settings jsonb) AS $$
  SELECT county.id, county.timezone, county.settings FROM county
  WHERE county.settings -> 'tracks' = 'true'
    OR EXISTS (SELECT FROM track_day WHERE track_day.county_id = county.id)
$$""",
    "counties_to_seal()": "SETOF text AS $$ SELECT DISTINCT county_id FROM unsealed $$",
    # The oldest that nobody works on.
    "waiting_import(at timestamptz)": """TABLE (county_id text, id uuid) AS $$
  SELECT job.county_id, job.id FROM import_job AS job
  WHERE job.state IN ('checking', 'applying') AND (job.busy_until IS NULL OR job.busy_until < at)
  ORDER BY job.id LIMIT 1
$$""",
    # Those by which something is to be sent.
    "channels_with_due(at timestamptz)": """TABLE (
  county_id text, name text, kind text, place integer, timezone text, settings jsonb
) AS $$
  SELECT channel.county_id, channel.name, channel.kind, channel.position, county.timezone, county.settings
  FROM notice_channel AS channel JOIN county ON county.id = channel.county_id
  WHERE (channel.paused_until IS NULL OR channel.paused_until <= at) AND EXISTS (
    SELECT FROM delivery WHERE delivery.county_id = channel.county_id AND delivery.channel = channel.name
      AND delivery.status = 'waiting' AND delivery.due_at <= at)
$$""",
}


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    for name, body in _FUNCTIONS.items():
        returns, _, query = body.partition(" AS $$")
        op.execute(
            f"CREATE FUNCTION {name} RETURNS {returns} LANGUAGE sql STABLE SECURITY DEFINER"
            f" SET search_path = public, pg_temp AS $${query}"
        )
        op.execute(f"REVOKE EXECUTE ON FUNCTION {name} FROM PUBLIC")
        op.execute(f"GRANT EXECUTE ON FUNCTION {name} TO {SERVICE}")


def downgrade() -> None:
    for name in _FUNCTIONS:
        op.execute(f"DROP FUNCTION {name}")
    op.execute("""
DO $$ DECLARE guarded record; BEGIN
  FOR guarded IN SELECT tablename FROM pg_policies WHERE schemaname = 'public' AND policyname = 'own_county' LOOP
    EXECUTE format('DROP POLICY own_county ON %I', guarded.tablename);
    EXECUTE format('ALTER TABLE %I DISABLE ROW LEVEL SECURITY', guarded.tablename);
  END LOOP;
END $$""")
