-- What all rooms use: extensions of PostgreSQL, and the record of who did what.

-- Left in place on the way down: another schema of the same database may use them.
CREATE EXTENSION IF NOT EXISTS postgis;
CREATE EXTENSION IF NOT EXISTS ltree;
CREATE EXTENSION IF NOT EXISTS btree_gist;

-- One act: who did what to what.
CREATE TABLE audit_entry (
    county_id text NOT NULL,
    id uuid NOT NULL,
    at timestamptz NOT NULL,
    actor_id uuid,
    action text NOT NULL,
    subject text NOT NULL,
    detail jsonb NOT NULL,
    CONSTRAINT pk_audit_entry PRIMARY KEY (county_id, id)
);
CREATE INDEX ix_audit_entry_county_id_actor_id_at ON audit_entry (county_id, actor_id, at);
CREATE INDEX ix_audit_entry_county_id_subject ON audit_entry (county_id, subject);
