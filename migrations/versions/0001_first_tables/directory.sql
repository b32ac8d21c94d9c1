-- The directory: the county, its responsibility tree, its people and its places.

-- 县: the tenant.
CREATE TABLE county (
    id text NOT NULL,
    name text NOT NULL,
    name_en text NOT NULL,
    timezone text NOT NULL DEFAULT 'Asia/Shanghai',
    settings jsonb NOT NULL DEFAULT '{}',
    fence_version integer NOT NULL DEFAULT 0,
    outline geometry(MultiPolygon,4326),
    CONSTRAINT pk_county PRIMARY KEY (id),
    CONSTRAINT ck_county_id CHECK (id ~ '^[0-9]{6}$')
);
CREATE INDEX ix_county_outline ON county USING gist (outline);

-- 责任单元: a node of the responsibility tree.
CREATE TABLE unit (
    county_id text NOT NULL,
    id uuid NOT NULL,
    parent_id uuid,
    code text NOT NULL,
    name text NOT NULL,
    level text NOT NULL,
    path ltree NOT NULL,
    CONSTRAINT pk_unit PRIMARY KEY (county_id, id),
    CONSTRAINT uq_unit_county_id_code UNIQUE (county_id, code),
    CONSTRAINT fk_unit_county_id FOREIGN KEY (county_id) REFERENCES county,
    CONSTRAINT fk_unit_county_id_parent_id FOREIGN KEY (county_id, parent_id) REFERENCES unit,
    CONSTRAINT ck_unit_code CHECK (code ~ '^[A-Za-z0-9_]+$'),
    CONSTRAINT ck_unit_level
        CHECK (level IN ('county', 'theatre', 'sector', 'area', 'squad', 'team', 'group', 'department'))
);
CREATE INDEX ix_unit_county_id_parent_id ON unit (county_id, parent_id);
CREATE INDEX ix_unit_path ON unit USING gist (path);

-- 干部. `unit_id` answers for the person on the ground; `department_id`, if any, sent the person.
CREATE TABLE person (
    county_id text NOT NULL,
    id uuid NOT NULL,
    name text NOT NULL,
    phone text NOT NULL,
    category text NOT NULL,
    unit_id uuid NOT NULL,
    department_id uuid,
    from_date date NOT NULL,
    until_date date,
    last_contact_at timestamptz,
    CONSTRAINT pk_person PRIMARY KEY (county_id, id),
    CONSTRAINT uq_person_county_id_phone UNIQUE (county_id, phone),
    CONSTRAINT fk_person_county_id_department_id FOREIGN KEY (county_id, department_id) REFERENCES unit,
    CONSTRAINT fk_person_county_id_unit_id FOREIGN KEY (county_id, unit_id) REFERENCES unit,
    CONSTRAINT ck_person_category
        CHECK (category IN ('helper', 'resident', 'first_secretary', 'leader', 'official', 'info_officer',
          'inspector')),
    CONSTRAINT ck_person_dates CHECK (until_date > from_date)
);
CREATE INDEX ix_person_county_id_department_id ON person (county_id, department_id);
CREATE INDEX ix_person_county_id_unit_id ON person (county_id, unit_id);

-- 任职: a post puts a person in a unit with a role, from-until; scope is the subtrees of one's posts.
CREATE TABLE post (
    county_id text NOT NULL,
    id uuid NOT NULL,
    person_id uuid NOT NULL,
    unit_id uuid NOT NULL,
    role text NOT NULL,
    title text NOT NULL DEFAULT '',
    from_date date NOT NULL,
    until_date date,
    CONSTRAINT pk_post PRIMARY KEY (county_id, id),
    CONSTRAINT ex_post_overlap
        EXCLUDE USING gist (county_id WITH =, person_id WITH =, unit_id WITH =, role WITH =,
          daterange(from_date, until_date) WITH &&),
    CONSTRAINT fk_post_county_id_person_id FOREIGN KEY (county_id, person_id) REFERENCES person,
    CONSTRAINT fk_post_county_id_unit_id FOREIGN KEY (county_id, unit_id) REFERENCES unit,
    CONSTRAINT ck_post_dates CHECK (until_date > from_date),
    CONSTRAINT ck_post_role CHECK (role IN ('cadre', 'leader', 'inspector', 'office', 'admin'))
);
CREATE INDEX ix_post_county_id_unit_id ON post (county_id, unit_id);

-- 乡镇, as the statistics bureau counts it; `outline` is the union of its villages' fences.
CREATE TABLE township (
    county_id text NOT NULL,
    id text NOT NULL,
    name text NOT NULL,
    outline geometry(MultiPolygon,4326),
    CONSTRAINT pk_township PRIMARY KEY (county_id, id),
    CONSTRAINT fk_township_county_id FOREIGN KEY (county_id) REFERENCES county
);
CREATE INDEX ix_township_outline ON township USING gist (outline);

-- 村. `id` is the 12-digit code it was first known by; names repeat inside a county, so never a key.
CREATE TABLE village (
    county_id text NOT NULL,
    id text NOT NULL,
    name text NOT NULL,
    official_name text NOT NULL,
    township_id text NOT NULL,
    unit_id uuid NOT NULL,
    code text,
    CONSTRAINT pk_village PRIMARY KEY (county_id, id),
    CONSTRAINT fk_village_county_id_township_id FOREIGN KEY (county_id, township_id) REFERENCES township,
    CONSTRAINT fk_village_county_id_unit_id FOREIGN KEY (county_id, unit_id) REFERENCES unit,
    CONSTRAINT ck_village_id CHECK (id ~ '^[0-9]{12}$')
);
CREATE INDEX ix_village_county_id_township_id ON village (county_id, township_id);
CREATE INDEX ix_village_county_id_unit_id ON village (county_id, unit_id);

-- A later code of a village, from a day on: codes change, the village and its visits do not.
CREATE TABLE village_code (
    county_id text NOT NULL,
    code text NOT NULL,
    village_id text NOT NULL,
    official_name text NOT NULL,
    from_date date NOT NULL,
    source text NOT NULL,
    CONSTRAINT pk_village_code PRIMARY KEY (county_id, code),
    CONSTRAINT fk_village_code_county_id_village_id FOREIGN KEY (county_id, village_id) REFERENCES village,
    CONSTRAINT ck_village_code_code CHECK (code ~ '^[0-9]{12}$')
);
CREATE INDEX ix_village_code_county_id_village_id ON village_code (county_id, village_id);

-- 村界围栏: a version of a village's polygon, for check-ins captured in [valid_from, valid_until).
CREATE TABLE geofence (
    county_id text NOT NULL,
    village_id text NOT NULL,
    version integer NOT NULL,
    area geometry(MultiPolygon,4326) NOT NULL,
    synthetic boolean NOT NULL,
    source text NOT NULL,
    valid_from timestamptz NOT NULL,
    valid_until timestamptz,
    CONSTRAINT pk_geofence PRIMARY KEY (county_id, village_id, version),
    CONSTRAINT ex_geofence_overlap
        EXCLUDE USING gist (county_id WITH =, village_id WITH =, tstzrange(valid_from, valid_until) WITH &&),
    CONSTRAINT fk_geofence_county_id_village_id FOREIGN KEY (county_id, village_id) REFERENCES village,
    CONSTRAINT ck_geofence_times CHECK (valid_until >= valid_from)
);
CREATE INDEX ix_geofence_area ON geofence USING gist (area);

-- 农户: a point and the radius round it in which a visit is a visit to this house.
CREATE TABLE household (
    county_id text NOT NULL,
    id uuid NOT NULL,
    village_id text NOT NULL,
    head_name text NOT NULL,
    hamlet text NOT NULL DEFAULT '',
    position geometry(Point,4326),
    radius_m double precision NOT NULL DEFAULT '300',
    CONSTRAINT pk_household PRIMARY KEY (county_id, id),
    CONSTRAINT fk_household_county_id_village_id FOREIGN KEY (county_id, village_id) REFERENCES village,
    CONSTRAINT ck_household_radius_m CHECK (radius_m > 0)
);
CREATE INDEX ix_household_county_id_village_id ON household (county_id, village_id);
CREATE INDEX ix_household_position ON household USING gist (position);

-- 结对/联系: a person answers for a village, or for one household in it, from-until.
CREATE TABLE assignment (
    county_id text NOT NULL,
    id uuid NOT NULL,
    person_id uuid NOT NULL,
    village_id text NOT NULL,
    household_id uuid,
    from_date date NOT NULL,
    until_date date,
    CONSTRAINT pk_assignment PRIMARY KEY (county_id, id),
    CONSTRAINT fk_assignment_county_id_household_id FOREIGN KEY (county_id, household_id) REFERENCES household,
    CONSTRAINT fk_assignment_county_id_person_id FOREIGN KEY (county_id, person_id) REFERENCES person,
    CONSTRAINT fk_assignment_county_id_village_id FOREIGN KEY (county_id, village_id) REFERENCES village,
    CONSTRAINT ck_assignment_dates CHECK (until_date > from_date)
);
CREATE INDEX ix_assignment_county_id_person_id ON assignment (county_id, person_id);
CREATE INDEX ix_assignment_county_id_village_id ON assignment (county_id, village_id);
