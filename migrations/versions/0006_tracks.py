"""tracks and stays."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

# A month's partition is made beside the table and then attached, which locks neither readers nor writers out.
# There is no DEFAULT partition: rows in it would keep their month's own from ever being made.
MAKE_PARTITION = """
CREATE FUNCTION make_track_partition(month date) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  partition text := 'track_fix_' || to_char(month, 'YYYYMM');
BEGIN
  IF EXISTS (SELECT FROM pg_class WHERE relname = partition AND relispartition) THEN
    RETURN false;
  END IF;
  PERFORM pg_advisory_xact_lock(hashtext('partitions of track_fix'));
  IF EXISTS (SELECT FROM pg_class WHERE relname = partition AND relispartition) THEN
    RETURN false;
  END IF;
  EXECUTE format('CREATE TABLE %I (LIKE track_fix INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', partition);
  EXECUTE format('ALTER TABLE track_fix ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', partition,
    CAST(month AS timestamp) AT TIME ZONE 'UTC', CAST(month + interval '1 month' AS timestamp) AT TIME ZONE 'UTC');
  RETURN true;
END $$
"""
# Drops the empty partitions whose months end by then, and says how many. Whoever writes goes first: where the lock
# cannot be had at once, nothing is dropped.
DROP_PARTITIONS = """
CREATE FUNCTION drop_track_partitions(ending timestamptz) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
  partition text;
  kept boolean;
  dropped integer := 0;
BEGIN
  FOR partition IN
    SELECT child.relname FROM pg_inherits JOIN pg_class AS child ON child.oid = inhrelid
    WHERE inhparent = CAST('track_fix' AS regclass) AND
      (to_date(right(child.relname, 6), 'YYYYMM') + interval '1 month') AT TIME ZONE 'UTC' <= ending
    ORDER BY child.relname
  LOOP
    EXECUTE format('SELECT EXISTS (SELECT FROM %I)', partition) INTO kept;
    CONTINUE WHEN kept;
    LOCK TABLE track_fix IN ACCESS EXCLUSIVE MODE NOWAIT;
    EXECUTE format('SELECT EXISTS (SELECT FROM %I)', partition) INTO kept;
    CONTINUE WHEN kept;
    EXECUTE format('DROP TABLE %I', partition);
    dropped := dropped + 1;
  END LOOP;
  RETURN dropped;
EXCEPTION WHEN lock_not_available THEN
  RETURN 0;
END $$
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.create_table(
        "track_fix",
        sa.Column("county_id", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("fixed_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("key", postgresql.BYTEA(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("lon", sa.Double(), nullable=False),
        sa.Column("lat", sa.Double(), nullable=False),
        sa.Column("accuracy_m", sa.Double(), nullable=True),
        sa.Column("altitude_m", sa.Double(), nullable=True),
        sa.Column("speed_mps", sa.Double(), nullable=True),
        sa.Column("heading_deg", sa.Double(), nullable=True),
        sa.Column("battery", sa.Double(), nullable=True),
        sa.Column("received_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.CheckConstraint("abs(lon) <= 180 AND abs(lat) <= 90", name=op.f("ck_track_fix_position")),
        sa.PrimaryKeyConstraint("county_id", "person_id", "fixed_at", "key", name=op.f("pk_track_fix")),
        postgresql_partition_by="RANGE (fixed_at)",
    )
    op.execute(MAKE_PARTITION)
    op.execute(DROP_PARTITIONS)
    op.create_table(
        "track_day",
        sa.Column("county_id", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("computed", sa.Integer(), server_default="0", nullable=False),
        sa.Column("computed_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["county_id", "person_id"],
            ["person.county_id", "person.id"],
            name=op.f("fk_track_day_county_id_person_id"),
        ),
        sa.PrimaryKeyConstraint("county_id", "person_id", "day", name=op.f("pk_track_day")),
    )
    op.create_index(op.f("ix_track_day_county_id_day"), "track_day", ["county_id", "day"], unique=False)
    op.create_index(
        "ix_track_day_stale",
        "track_day",
        ["county_id", "day"],
        unique=False,
        postgresql_where=sa.text("computed < revision"),
    )
    op.create_table(
        "stay",
        sa.Column("county_id", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("village_id", sa.Text(), nullable=False),
        sa.Column("from_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("until_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("fixes", sa.Integer(), nullable=False),
        sa.Column("geofence_version", sa.Integer(), nullable=False),
        sa.CheckConstraint("until_at > from_at", name=op.f("ck_stay_times")),
        sa.CheckConstraint("fixes > 0", name=op.f("ck_stay_fixes")),
        sa.ForeignKeyConstraint(
            ["county_id", "person_id"],
            ["person.county_id", "person.id"],
            name=op.f("fk_stay_county_id_person_id"),
        ),
        sa.ForeignKeyConstraint(
            ["county_id", "village_id", "geofence_version"],
            ["geofence.county_id", "geofence.village_id", "geofence.version"],
            name=op.f("fk_stay_county_id_village_id_geofence_version"),
        ),
        sa.PrimaryKeyConstraint("county_id", "person_id", "day", "village_id", "from_at", name=op.f("pk_stay")),
    )
    op.create_index(
        op.f("ix_stay_county_id_village_id_day"), "stay", ["county_id", "village_id", "day"], unique=False
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.drop_table("stay")
    op.drop_table("track_day")
    op.execute("DROP FUNCTION drop_track_partitions(timestamptz)")
    op.execute("DROP FUNCTION make_track_partition(date)")
    op.drop_table("track_fix")
