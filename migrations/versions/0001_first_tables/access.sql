-- Access: who signs in, on which devices, and what their phones and apps said.

-- Who signs in with which phone number, before the county is known: a reference table.
CREATE TABLE sign_in (
    phone text NOT NULL,
    county_id text NOT NULL,
    person_id uuid NOT NULL,
    password_hash text NOT NULL,
    failures integer NOT NULL DEFAULT 0,
    last_failure_at timestamptz,
    CONSTRAINT pk_sign_in PRIMARY KEY (phone)
);

-- A phone or browser in one person's hands; the same phone in two hands is two rows, and a signal.
CREATE TABLE device (
    county_id text NOT NULL,
    id text NOT NULL,
    person_id uuid NOT NULL,
    platform text,
    model text,
    app_version text,
    push jsonb,
    last_seen_at timestamptz NOT NULL,
    status jsonb,
    waiting integer,
    oldest_waiting_at timestamptz,
    waiting_said_at timestamptz,
    CONSTRAINT pk_device PRIMARY KEY (county_id, id, person_id),
    CONSTRAINT fk_device_county_id_person_id FOREIGN KEY (county_id, person_id) REFERENCES person,
    CONSTRAINT ck_device_waiting CHECK (waiting >= 0)
);
CREATE INDEX ix_device_county_id_person_id ON device (county_id, person_id);

-- Who is told by a registration for pushes: a reference table, for a phone may go to another county.
CREATE TABLE push_owner (
    key bytea NOT NULL,
    county_id text NOT NULL,
    person_id uuid NOT NULL,
    device_id text NOT NULL,
    CONSTRAINT pk_push_owner PRIMARY KEY (key)
);

-- A signed-in device.
CREATE TABLE device_session (
    county_id text NOT NULL,
    id uuid NOT NULL,
    person_id uuid NOT NULL,
    device_id text,
    token_hash bytea NOT NULL,
    started_at timestamptz NOT NULL,
    expires_at timestamptz,
    ended_at timestamptz,
    end_reason text,
    client text,
    last_used_at timestamptz,
    CONSTRAINT pk_device_session PRIMARY KEY (county_id, id),
    CONSTRAINT fk_device_session_county_id_person_id FOREIGN KEY (county_id, person_id) REFERENCES person,
    CONSTRAINT ck_device_session_client CHECK (client IN ('owntracks', 'traccar', 'overland')),
    CONSTRAINT ck_device_session_expiry CHECK (client IS NOT NULL OR expires_at IS NOT NULL)
);
CREATE INDEX ix_device_session_county_id_person_id ON device_session (county_id, person_id);
CREATE INDEX ix_device_session_device ON device_session (county_id, device_id);
CREATE UNIQUE INDEX ix_device_session_key ON device_session (county_id, token_hash) WHERE client IS NOT NULL;

-- 联系: when a phone was in touch, and what it said that it still held; null where it did not say.
CREATE TABLE contact (
    county_id text NOT NULL,
    person_id uuid NOT NULL,
    device_id text NOT NULL,
    at timestamptz NOT NULL,
    waiting integer,
    oldest_waiting_at timestamptz,
    CONSTRAINT pk_contact PRIMARY KEY (county_id, person_id, device_id, at),
    CONSTRAINT fk_contact_county_id_person_id FOREIGN KEY (county_id, person_id) REFERENCES person
);
CREATE INDEX ix_contact_at ON contact (at);

-- 隔离: what a tracking app sent and nobody can take.
CREATE TABLE quarantine (
    county_id text NOT NULL,
    id uuid NOT NULL,
    person_id uuid NOT NULL,
    session_id uuid NOT NULL,
    received_at timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL,
    times_seen integer NOT NULL,
    reason text NOT NULL,
    body text NOT NULL,
    size integer NOT NULL,
    digest bytea NOT NULL,
    CONSTRAINT pk_quarantine PRIMARY KEY (county_id, id),
    CONSTRAINT uq_quarantine_county_id_session_id_digest UNIQUE (county_id, session_id, digest),
    CONSTRAINT fk_quarantine_county_id_person_id FOREIGN KEY (county_id, person_id) REFERENCES person,
    CONSTRAINT fk_quarantine_county_id_session_id FOREIGN KEY (county_id, session_id) REFERENCES device_session,
    CONSTRAINT ck_quarantine_times_seen CHECK (times_seen > 0)
);
CREATE INDEX ix_quarantine_county_id_person_id_id ON quarantine (county_id, person_id, id);
CREATE INDEX ix_quarantine_county_id_received_at ON quarantine (county_id, received_at);
