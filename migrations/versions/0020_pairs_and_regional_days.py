"""what belongs together is there together; what the region says of a day stays when the office speaks over it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0020"
down_revision = "0018"
branch_labels = None
depends_on = None

# A village without a version was judged by the fence of that time, or else by its first; where it has none, by none.
_MENDED = (
    """
    UPDATE check_in SET geofence_version = (
      SELECT geofence.version FROM geofence
      WHERE geofence.county_id = check_in.county_id AND geofence.village_id = check_in.village_id
      ORDER BY geofence.valid_from <= check_in.captured_at
          AND (geofence.valid_until IS NULL OR geofence.valid_until > check_in.captured_at) DESC, geofence.version
      LIMIT 1)
    WHERE village_id IS NOT NULL AND geofence_version IS NULL
    """,
    """
    UPDATE check_in SET village_id = NULL, geofence_version = NULL, distance_m = NULL, confidence = NULL
    WHERE (village_id IS NULL) <> (geofence_version IS NULL)
    """,
    "UPDATE photo SET taken_lon = NULL, taken_lat = NULL WHERE num_nonnulls(taken_lon, taken_lat) = 1",
    "UPDATE leave SET returned_half = until_half WHERE returned_at IS NOT NULL AND returned_half IS NULL",
    """
    UPDATE leave SET decided_by = NULL, decided_at = NULL, decision_reason = NULL
    WHERE num_nonnulls(decided_by, decided_at, decision_reason) NOT IN (0, 3)
    """,
)
_PAIRS = (
    ("check_in", "fence", "num_nonnulls(village_id, geofence_version) IN (0, 2)"),
    ("photo", "taken", "num_nonnulls(taken_lon, taken_lat) IN (0, 2)"),
    ("leave", "back", "returned_at IS NULL OR returned_half IS NOT NULL"),
    ("leave", "decision", "num_nonnulls(decided_by, decided_at, decision_reason) IN (0, 3)"),
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    for statement in _MENDED:
        op.execute(statement)
    for table, name, condition in _PAIRS:
        op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, condition)
    op.add_column("calendar_day", sa.Column("regional", postgresql.JSONB(), nullable=True))
    # Until now a county of Guangxi was given its region's days as its own.
    op.execute("""
    UPDATE calendar_day
    SET regional = jsonb_build_object('working', working, 'name', name, 'name_en', name_en, 'source', source)
    WHERE own AND county_id LIKE '45%' AND name LIKE '壮族三月三%'
    """)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.drop_column("calendar_day", "regional")
    for table, name, _ in reversed(_PAIRS):
        op.drop_constraint(op.f(f"ck_{table}_{name}"), table, type_="check")
