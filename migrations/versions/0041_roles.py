"""The service is not the owner: what it may do to evidence are functions that do only that.

The roles themselves are made before this step runs, and what each may do in which table is granted after it, from the
models (`app/kernel/roles.py`).

Revision ID: 0041
Revises: 0040
"""

from alembic import op

from app.kernel.cluster import SERVICE

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None

_PARTITIONS = ("make_track_partition(date)", "drop_track_partitions(timestamptz)")
_MERGES = ("give_evidence(text, uuid, uuid)", "give_cases(text, uuid, uuid)")
_SAFE = "SECURITY DEFINER SET search_path = public, pg_temp"
_UNLESS_MERGED = """
  IF NOT EXISTS (SELECT FROM person WHERE person.county_id = given_county AND id = from_id AND merged_into = into_id) THEN
    RAISE EXCEPTION 'record % has not gone into %', from_id, into_id USING ERRCODE = 'restrict_violation';
  END IF;"""

_GIVE_EVIDENCE = f"""
CREATE FUNCTION give_evidence(given_county text, from_id uuid, into_id uuid) RETURNS SETOF uuid
LANGUAGE plpgsql {_SAFE} AS $$
BEGIN{_UNLESS_MERGED}
  UPDATE review SET reviewer_id = into_id WHERE county_id = given_county AND reviewer_id = from_id;
  UPDATE verification SET verifier_id = into_id WHERE county_id = given_county AND verifier_id = from_id;
  RETURN QUERY
    UPDATE check_in SET person_id = into_id WHERE county_id = given_county AND person_id = from_id RETURNING id;
END $$"""
# How many of either were the person's own.
_GIVE_CASES = f"""
CREATE FUNCTION give_cases(given_county text, from_id uuid, into_id uuid, OUT leave bigint, OUT appeals bigint)
LANGUAGE plpgsql {_SAFE} AS $$
BEGIN{_UNLESS_MERGED}
  UPDATE leave AS own SET decided_by = into_id WHERE own.county_id = given_county AND own.decided_by = from_id;
  UPDATE leave AS own SET person_id = into_id WHERE own.county_id = given_county AND own.person_id = from_id;
  GET DIAGNOSTICS leave = ROW_COUNT;
  UPDATE appeal SET decided_by = into_id WHERE county_id = given_county AND decided_by = from_id;
  UPDATE appeal SET person_id = into_id WHERE county_id = given_county AND person_id = from_id;
  GET DIAGNOSTICS appeals = ROW_COUNT;
END $$"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    for name in _PARTITIONS:
        op.execute(f"ALTER FUNCTION {name} {_SAFE}")
    op.execute(_GIVE_EVIDENCE)
    op.execute(_GIVE_CASES)
    for name in (*_PARTITIONS, *_MERGES):
        op.execute(f"REVOKE EXECUTE ON FUNCTION {name} FROM PUBLIC")
        op.execute(f"GRANT EXECUTE ON FUNCTION {name} TO {SERVICE}")


def downgrade() -> None:
    for name in _MERGES:
        op.execute(f"DROP FUNCTION {name}")
    for name in _PARTITIONS:
        op.execute(f"ALTER FUNCTION {name} SECURITY INVOKER RESET search_path")
        op.execute(f"GRANT EXECUTE ON FUNCTION {name} TO PUBLIC")
