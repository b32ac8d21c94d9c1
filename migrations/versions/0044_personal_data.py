"""What people are told of their data and have agreed to; who has left may be made anonymous.

Revision ID: 0044
Revises: 0043
"""

import sqlalchemy as sa
from alembic import op

from app.kernel.cluster import SERVICE

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None

_NOW = sa.TIMESTAMP(timezone=True)
_PERSON = ["person.county_id", "person.id"]
_REFUSE = """
CREATE OR REPLACE FUNCTION refuse_change_of_evidence() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN{unless}
          RAISE EXCEPTION 'what the phone said is evidence: % of % is not changed', TG_TABLE_NAME, OLD.id
            USING ERRCODE = 'restrict_violation';
        END $$
"""
# What says whose it was may be emptied once the person is anonymous; what says where and when is never changed.
_UNLESS_ANONYMOUS = """
          IF NEW.note = '' AND NEW.device_id IS NULL AND (OLD.record IS NULL OR NEW.record = '{}')
            AND (OLD.county_id, OLD.id, OLD.captured_at, OLD.received_at, OLD.position_problem, OLD.purpose,
              OLD.household_id, OLD.photo_ids, OLD.form, OLD.app_version, OLD.content_hash, OLD.source,
              OLD.record_key, OLD.fixed_at, OLD.crs, OLD.raw_lon, OLD.raw_lat, OLD.accuracy_m, OLD.altitude_m,
              OLD.speed_mps, OLD.mock, OLD.position_added_at)
            IS NOT DISTINCT FROM
            (NEW.county_id, NEW.id, NEW.captured_at, NEW.received_at, NEW.position_problem, NEW.purpose,
              NEW.household_id, NEW.photo_ids, NEW.form, NEW.app_version, NEW.content_hash, NEW.source,
              NEW.record_key, NEW.fixed_at, NEW.crs, NEW.raw_lon, NEW.raw_lat, NEW.accuracy_m, NEW.altitude_m,
              NEW.speed_mps, NEW.mock, NEW.position_added_at)
            AND EXISTS (SELECT FROM person WHERE county_id = OLD.county_id AND id = OLD.person_id
              AND anonymised_at IS NOT NULL)
          THEN RETURN NEW; END IF;"""
_SIGNATURE = "anonymise_evidence(text, uuid, timestamptz)"
# Of one who has left, and of the records that were merged into theirs: what is sealed loses its words, and the audit
# log their names. Never without an entry of it, and sealed as it is then: nothing but this notes rows as `EMPTIED`.
_ANONYMISE = r"""
CREATE FUNCTION anonymise_evidence(given_county text, given_person uuid, given_at timestamptz,
  OUT visits bigint, OUT absences bigint, OUT entries bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  this CONSTANT bigint := CAST(CAST(pg_current_xact_id() AS text) AS bigint);
  noted bigint;
  people uuid[];
  theirs uuid[];
  named text;
BEGIN
  IF NOT EXISTS (
    SELECT FROM unsealed JOIN audit_entry AS entry ON entry.county_id = given_county AND entry.id = ANY(row_ids)
    WHERE unsealed.county_id = given_county AND tx = this AND op = 'INSERT' AND table_name = 'audit_entry'
      AND entry.action = 'person.anonymised' AND entry.subject = 'person:' || given_person
  ) THEN
    RAISE EXCEPTION 'evidence is emptied with an audit entry in the same transaction, before it'
      USING ERRCODE = 'restrict_violation';
  END IF;
  SELECT max(id) INTO noted FROM unsealed WHERE county_id = given_county AND tx = this;
  SELECT array_agg(id) INTO people FROM person
  WHERE county_id = given_county AND (id = given_person OR merged_into = given_person);
  IF EXISTS (
    SELECT FROM person WHERE county_id = given_county AND id = ANY(people)
      AND (until_date IS NULL OR until_date > CAST(given_at AS date))
  ) THEN
    RAISE EXCEPTION 'only of who has left' USING ERRCODE = 'restrict_violation';
  END IF;
  -- As members of JSON, with what a pattern would read otherwise escaped.
  SELECT string_agg(DISTINCT regexp_replace(CAST(to_json(word) AS text), '([][\\.*+?^$(){}|])', '\\\1', 'g'), '|')
  INTO named FROM person CROSS JOIN LATERAL unnest(ARRAY[name, phone, number]) AS word
  WHERE county_id = given_county AND id = ANY(people) AND word <> '';
  UPDATE person SET anonymised_at = given_at WHERE county_id = given_county AND id = ANY(people);
  UPDATE person_merge SET was = '{}'
  WHERE county_id = given_county AND (into_id = ANY(people) OR from_id = ANY(people));
  SELECT coalesce(array_agg(id), '{}') INTO theirs FROM check_in
  WHERE county_id = given_county AND person_id = ANY(people);
  visits := cardinality(theirs);
  UPDATE check_in SET note = '', device_id = NULL, record = CASE WHEN record IS NOT NULL THEN CAST('{}' AS jsonb) END,
    reasons = (SELECT coalesce(jsonb_agg(CASE WHEN reason ? 'said' THEN reason || '{"said": "…"}' ELSE reason END),
      '[]') FROM jsonb_array_elements(reasons) AS reason)
  WHERE county_id = given_county AND id = ANY(theirs);
  UPDATE review SET reason = CASE WHEN check_in_id = ANY(theirs) THEN '' ELSE reason END,
    post = CASE WHEN reviewer_id = ANY(people) THEN '' ELSE post END
  WHERE county_id = given_county AND (check_in_id = ANY(theirs) OR reviewer_id = ANY(people));
  UPDATE verification SET note = '' WHERE county_id = given_county AND check_in_id = ANY(theirs);
  UPDATE appeal SET text = CASE WHEN person_id = ANY(people) THEN '' ELSE text END,
    decision_reason = CASE WHEN person_id = ANY(people) AND decision_reason IS NOT NULL THEN '' ELSE decision_reason END,
    post = CASE WHEN decided_by = ANY(people) THEN '' ELSE post END
  WHERE county_id = given_county AND (person_id = ANY(people) OR decided_by = ANY(people));
  UPDATE leave SET reason = '', decision_reason = CASE WHEN decision_reason IS NOT NULL THEN '' END
  WHERE county_id = given_county AND person_id = ANY(people);
  GET DIAGNOSTICS absences = ROW_COUNT;
  UPDATE audit_entry SET detail = detail - CAST('{reason,text,note}' AS text[])
  WHERE county_id = given_county AND subject IN (
    SELECT 'check_in:' || check_in FROM unnest(theirs) AS check_in
    UNION ALL SELECT 'leave:' || id FROM leave WHERE county_id = given_county AND person_id = ANY(people)
    UNION ALL SELECT 'appeal:' || id FROM appeal WHERE county_id = given_county AND person_id = ANY(people)
    UNION ALL SELECT 'flag:' || id FROM flag WHERE county_id = given_county AND person_id = ANY(people));
  UPDATE audit_entry SET detail = CAST(regexp_replace(CAST(detail AS text), named, '"…"', 'g') AS jsonb)
  WHERE county_id = given_county AND CAST(detail AS text) ~ named;
  GET DIAGNOSTICS entries = ROW_COUNT;
  UPDATE unsealed SET op = 'EMPTIED'
  WHERE county_id = given_county AND tx = this AND op = 'UPDATE' AND id > noted;
END $$
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.add_column("person", sa.Column("anonymised_at", _NOW, nullable=True))
    op.create_table(
        "privacy_notice",
        sa.Column("county_id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("text_en", sa.Text(), nullable=False),
        sa.Column("published_at", _NOW, nullable=False),
        sa.Column("published_by", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("county_id", "version", name=op.f("pk_privacy_notice")),
        sa.ForeignKeyConstraint(["county_id"], ["county.id"], name=op.f("fk_privacy_notice_county_id_county")),
        sa.ForeignKeyConstraint(
            ["county_id", "published_by"], _PERSON, name=op.f("fk_privacy_notice_county_id_published_by_person")
        ),
        sa.CheckConstraint("version > 0", name=op.f("ck_privacy_notice_version")),
    )
    op.create_index(
        op.f("ix_privacy_notice_county_id_published_by"), "privacy_notice", ["county_id", "published_by"]
    )
    op.create_table(
        "consent",
        sa.Column("county_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("at", _NOW, nullable=False),
        sa.Column("agreed", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("county_id", "id", name=op.f("pk_consent")),
        sa.ForeignKeyConstraint(
            ["county_id", "person_id"], _PERSON, name=op.f("fk_consent_county_id_person_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["county_id", "version"],
            ["privacy_notice.county_id", "privacy_notice.version"],
            name=op.f("fk_consent_county_id_version_privacy_notice"),
        ),
    )
    op.create_index(op.f("ix_consent_county_id_person_id_id"), "consent", ["county_id", "person_id", "id"])
    op.get_bind().exec_driver_sql(_REFUSE.replace("{unless}", _UNLESS_ANONYMOUS))
    op.get_bind().exec_driver_sql(_ANONYMISE)
    op.execute(f"REVOKE EXECUTE ON FUNCTION {_SIGNATURE} FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION {_SIGNATURE} TO {SERVICE}")


def downgrade() -> None:
    """Who is anonymous stays so."""
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.execute(f"DROP FUNCTION {_SIGNATURE}")
    op.get_bind().exec_driver_sql(_REFUSE.replace("{unless}", ""))
    op.drop_table("consent")
    op.drop_table("privacy_notice")
    op.drop_column("person", "anonymised_at")
