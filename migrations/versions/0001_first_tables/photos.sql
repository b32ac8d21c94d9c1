-- Photos: what was uploaded, and when a county's were last cleared out.

-- 照片. The row outlives the photo: its hash and time still tell a photo that is used again.
CREATE TABLE photo (
    county_id text NOT NULL,
    id uuid NOT NULL,
    person_id uuid NOT NULL,
    sha256 bytea NOT NULL,
    format text NOT NULL,
    size_bytes integer NOT NULL,
    width integer NOT NULL,
    height integer NOT NULL,
    taken_at timestamptz,
    taken_lon double precision,
    taken_lat double precision,
    object_key text NOT NULL,
    uploaded_at timestamptz NOT NULL,
    deleted_at timestamptz,
    looks bit(128)[],
    look_bands integer[],
    CONSTRAINT pk_photo PRIMARY KEY (county_id, id),
    CONSTRAINT fk_photo_county_id_person_id FOREIGN KEY (county_id, person_id) REFERENCES person,
    CONSTRAINT ck_photo_format CHECK (format IN ('jpeg', 'png', 'webp')),
    CONSTRAINT ck_photo_taken CHECK (num_nonnulls(taken_lon, taken_lat) IN (0, 2))
);
CREATE INDEX ix_photo_kept ON photo (county_id, uploaded_at) WHERE deleted_at IS NULL;
CREATE INDEX ix_photo_look_bands ON photo USING gin (look_bands) WHERE look_bands IS NOT NULL;
CREATE INDEX ix_photo_person ON photo (county_id, person_id, uploaded_at) WHERE looks IS NOT NULL;
CREATE INDEX ix_photo_sha256 ON photo (county_id, sha256);

-- When a county's expired photos and orphaned objects were last cleared out.
CREATE TABLE photo_purge (
    county_id text NOT NULL,
    done_at timestamptz NOT NULL,
    CONSTRAINT pk_photo_purge PRIMARY KEY (county_id),
    CONSTRAINT fk_photo_purge_county_id FOREIGN KEY (county_id) REFERENCES county
);
