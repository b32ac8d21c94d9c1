-- Tracks: fixes by month, the days they lie on, and the stays that they show.

-- 轨迹点. Partitioned by month (UTC). Without foreign keys: one to `person` would lock it against all check-ins
-- whenever a partition is made.
CREATE TABLE track_fix (
    county_id text NOT NULL,
    person_id uuid NOT NULL,
    fixed_at timestamptz NOT NULL,
    key bytea NOT NULL,
    session_id uuid NOT NULL,
    lon double precision NOT NULL,
    lat double precision NOT NULL,
    accuracy_m double precision,
    altitude_m double precision,
    speed_mps double precision,
    heading_deg double precision,
    battery double precision,
    received_at timestamptz NOT NULL,
    CONSTRAINT pk_track_fix PRIMARY KEY (county_id, person_id, fixed_at, key),
    CONSTRAINT ck_track_fix_position CHECK (abs(lon) <= 180 AND abs(lat) <= 90)
) PARTITION BY RANGE (fixed_at);

-- A month's partition is made beside the table and then attached, which locks neither readers nor writers out.
-- There is no DEFAULT partition: rows in it would keep their month's own from ever being made.
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
END $$;

-- Drops the empty partitions whose months end by then, and says how many. Whoever writes goes first: where the
-- lock cannot be had at once, nothing is dropped.
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
END $$;

-- A day on whose stays fixes bear.
CREATE TABLE track_day (
    county_id text NOT NULL,
    person_id uuid NOT NULL,
    day date NOT NULL,
    revision integer NOT NULL,
    computed integer NOT NULL DEFAULT 0,
    computed_at timestamptz,
    CONSTRAINT pk_track_day PRIMARY KEY (county_id, person_id, day),
    CONSTRAINT fk_track_day_county_id_person_id FOREIGN KEY (county_id, person_id) REFERENCES person
);
CREATE INDEX ix_track_day_county_id_day ON track_day (county_id, day);
CREATE INDEX ix_track_day_stale ON track_day (county_id, day) WHERE computed < revision;

-- 在村停留 within one day: one that goes on past midnight is a row of each day.
CREATE TABLE stay (
    county_id text NOT NULL,
    person_id uuid NOT NULL,
    day date NOT NULL,
    village_id text NOT NULL,
    from_at timestamptz NOT NULL,
    until_at timestamptz NOT NULL,
    fixes integer NOT NULL,
    geofence_version integer NOT NULL,
    received_at timestamptz NOT NULL,
    CONSTRAINT pk_stay PRIMARY KEY (county_id, person_id, day, village_id, from_at),
    CONSTRAINT fk_stay_county_id_person_id FOREIGN KEY (county_id, person_id) REFERENCES person,
    CONSTRAINT fk_stay_county_id_village_id_geofence_version
        FOREIGN KEY (county_id, village_id, geofence_version) REFERENCES geofence,
    CONSTRAINT ck_stay_fixes CHECK (fixes > 0),
    CONSTRAINT ck_stay_times CHECK (until_at > from_at)
);
CREATE INDEX ix_stay_county_id_village_id_day ON stay (county_id, village_id, day);
