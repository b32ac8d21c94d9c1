-- Check-ins, and what people and rules say of them. Evidence is immutable; judgement is current, with its history.

-- 签到: one geotagged visit record, with what the phone said and what was judged from it.
CREATE TABLE check_in (
    county_id text NOT NULL,
    id uuid NOT NULL,
    person_id uuid NOT NULL,
    device_id text,
    captured_at timestamptz NOT NULL,
    fixed_at timestamptz,
    received_at timestamptz NOT NULL,
    crs text NOT NULL,
    raw_lon double precision,
    raw_lat double precision,
    accuracy_m double precision,
    altitude_m double precision,
    speed_mps double precision,
    mock boolean,
    position_problem text,
    purpose text NOT NULL,
    household_id uuid,
    note text NOT NULL,
    photo_ids uuid[] NOT NULL,
    form jsonb,
    app_version text,
    content_hash bytea NOT NULL,
    position geometry(Point,4326),
    village_id text,
    geofence_version integer,
    found_in_village_id text,
    place text NOT NULL,
    distance_m double precision,
    confidence double precision,
    household_distance_m double precision,
    standing text NOT NULL,
    reasons jsonb NOT NULL,
    night_of date,
    position_added_at timestamptz,
    review_time timestamptz,
    visited_at timestamptz GENERATED ALWAYS AS (coalesce(review_time, captured_at)) STORED NOT NULL,
    CONSTRAINT pk_check_in PRIMARY KEY (county_id, id),
    CONSTRAINT fk_check_in_county_id_found_in_village_id
        FOREIGN KEY (county_id, found_in_village_id) REFERENCES village,
    CONSTRAINT fk_check_in_county_id_household_id FOREIGN KEY (county_id, household_id) REFERENCES household,
    CONSTRAINT fk_check_in_county_id_person_id FOREIGN KEY (county_id, person_id) REFERENCES person,
    CONSTRAINT fk_check_in_county_id_village_id_geofence_version
        FOREIGN KEY (county_id, village_id, geofence_version) REFERENCES geofence,
    CONSTRAINT ck_check_in_fence CHECK (num_nonnulls(village_id, geofence_version) IN (0, 2)),
    CONSTRAINT ck_check_in_place CHECK (place IN ('inside', 'near', 'outside', 'unsure')),
    CONSTRAINT ck_check_in_purpose
        CHECK (purpose IN ('household_visit', 'village_duty', 'night_visit', 'inspection', 'activity')),
    CONSTRAINT ck_check_in_standing CHECK (standing IN ('counted', 'held', 'outside', 'refused'))
);
CREATE INDEX ix_check_in_held ON check_in (county_id, visited_at, id) WHERE standing = 'held';
CREATE INDEX ix_check_in_household ON check_in (county_id, household_id, visited_at)
    WHERE household_id IS NOT NULL AND standing = 'counted';
CREATE INDEX ix_check_in_night_form ON check_in (county_id, visited_at) WHERE form ->> 'kind' = 'night_visit';
CREATE INDEX ix_check_in_person ON check_in (county_id, person_id, visited_at);
CREATE INDEX ix_check_in_photos ON check_in USING gin (photo_ids) WHERE photo_ids <> '{}';
CREATE INDEX ix_check_in_position ON check_in USING gist (position);
CREATE INDEX ix_check_in_village ON check_in (county_id, found_in_village_id, visited_at);
CREATE INDEX ix_check_in_visited ON check_in (county_id, visited_at DESC, id DESC);

CREATE FUNCTION refuse_change_of_evidence() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          RAISE EXCEPTION 'what the phone said is evidence: % of % is not changed', TG_TABLE_NAME, OLD.id
            USING ERRCODE = 'restrict_violation';
        END $$;

-- What the phone said, in two parts: never to be changed, and to be filled in once where there was no fix.
CREATE TRIGGER keep_evidence BEFORE UPDATE ON check_in FOR EACH ROW
    WHEN (
        (OLD.county_id, OLD.id, OLD.person_id, OLD.device_id, OLD.captured_at, OLD.received_at,
         OLD.position_problem, OLD.purpose, OLD.household_id, OLD.note, OLD.photo_ids, OLD.form, OLD.app_version,
         OLD.content_hash)
        IS DISTINCT FROM
        (NEW.county_id, NEW.id, NEW.person_id, NEW.device_id, NEW.captured_at, NEW.received_at,
         NEW.position_problem, NEW.purpose, NEW.household_id, NEW.note, NEW.photo_ids, NEW.form, NEW.app_version,
         NEW.content_hash)
        OR
        (OLD.fixed_at, OLD.crs, OLD.raw_lon, OLD.raw_lat, OLD.accuracy_m, OLD.altitude_m, OLD.speed_mps,
         OLD.mock, OLD.position_added_at)
        IS DISTINCT FROM
        (NEW.fixed_at, NEW.crs, NEW.raw_lon, NEW.raw_lat, NEW.accuracy_m, NEW.altitude_m, NEW.speed_mps,
         NEW.mock, NEW.position_added_at)
        AND NOT (OLD.raw_lon IS NULL AND OLD.position_added_at IS NULL AND NEW.position_added_at IS NOT NULL)
    )
    EXECUTE FUNCTION refuse_change_of_evidence();

-- 核实: a person decided whether a check-in counts.
CREATE TABLE review (
    county_id text NOT NULL,
    id uuid NOT NULL,
    check_in_id uuid NOT NULL,
    reviewer_id uuid NOT NULL,
    post text NOT NULL,
    decision text NOT NULL,
    reason text NOT NULL,
    before text NOT NULL,
    at timestamptz NOT NULL,
    visited_at timestamptz,
    CONSTRAINT pk_review PRIMARY KEY (county_id, id),
    CONSTRAINT fk_review_county_id_check_in_id FOREIGN KEY (county_id, check_in_id) REFERENCES check_in,
    CONSTRAINT fk_review_county_id_reviewer_id FOREIGN KEY (county_id, reviewer_id) REFERENCES person,
    CONSTRAINT ck_review_before CHECK (before IN ('counted', 'held', 'outside', 'refused')),
    CONSTRAINT ck_review_decision CHECK (decision IN ('count', 'refuse'))
);
CREATE INDEX ix_review_county_id_check_in_id ON review (county_id, check_in_id);

-- 现场核查: somebody went to see whether what looked odd about a check-in was so.
CREATE TABLE verification (
    county_id text NOT NULL,
    id uuid NOT NULL,
    check_in_id uuid NOT NULL,
    verifier_id uuid NOT NULL,
    finding text NOT NULL,
    note text NOT NULL,
    verified_at timestamptz NOT NULL,
    at timestamptz NOT NULL,
    CONSTRAINT pk_verification PRIMARY KEY (county_id, id),
    CONSTRAINT fk_verification_county_id_check_in_id FOREIGN KEY (county_id, check_in_id) REFERENCES check_in,
    CONSTRAINT fk_verification_county_id_verifier_id FOREIGN KEY (county_id, verifier_id) REFERENCES person,
    CONSTRAINT ck_verification_finding CHECK (finding IN ('confirmed', 'unfounded', 'inconclusive'))
);
CREATE INDEX ix_verification_county_id_check_in_id ON verification (county_id, check_in_id);

-- 重新判定: what was judged of a check-in before and after a fix, a fence, a photo or a review's time.
CREATE TABLE rejudgement (
    county_id text NOT NULL,
    id uuid NOT NULL,
    check_in_id uuid NOT NULL,
    cause text NOT NULL,
    before jsonb NOT NULL,
    after jsonb NOT NULL,
    at timestamptz NOT NULL,
    CONSTRAINT pk_rejudgement PRIMARY KEY (county_id, id),
    CONSTRAINT fk_rejudgement_county_id_check_in_id FOREIGN KEY (county_id, check_in_id) REFERENCES check_in,
    CONSTRAINT ck_rejudgement_cause CHECK (cause IN ('position', 'fence', 'photo', 'time', 'pattern'))
);
CREATE INDEX ix_rejudgement_county_id_check_in_id ON rejudgement (county_id, check_in_id);
