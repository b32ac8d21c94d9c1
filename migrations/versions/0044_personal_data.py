"""What people are told of their data and have agreed to; who has left may be made anonymous.

Revision ID: 0044
Revises: 0043
"""

import sqlalchemy as sa
from alembic import op

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
_ANONYMISE = """
CREATE FUNCTION anonymise_evidence(of_county text, people uuid[], named text, OUT visits bigint, OUT entries bigint)
  LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  theirs uuid[];
BEGIN
  IF EXISTS (SELECT FROM person WHERE county_id = of_county AND id = ANY(people) AND anonymised_at IS NULL) THEN
    RAISE EXCEPTION 'only of who is anonymous' USING ERRCODE = 'restrict_violation';
  END IF;
  SELECT coalesce(array_agg(id), '{}') INTO theirs FROM check_in
  WHERE county_id = of_county AND person_id = ANY(people);
  UPDATE check_in SET note = '', device_id = NULL, record = CASE WHEN record IS NOT NULL THEN CAST('{}' AS jsonb) END,
    reasons = (SELECT coalesce(jsonb_agg(CASE WHEN reason ? 'said' THEN reason || '{"said": "…"}' ELSE reason END),
      '[]') FROM jsonb_array_elements(reasons) AS reason)
  WHERE county_id = of_county AND id = ANY(theirs);
  UPDATE review SET reason = CASE WHEN check_in_id = ANY(theirs) THEN '' ELSE reason END,
    post = CASE WHEN reviewer_id = ANY(people) THEN '' ELSE post END
  WHERE county_id = of_county AND (check_in_id = ANY(theirs) OR reviewer_id = ANY(people));
  UPDATE verification SET note = '' WHERE county_id = of_county AND check_in_id = ANY(theirs);
  UPDATE appeal SET text = CASE WHEN person_id = ANY(people) THEN '' ELSE text END,
    decision_reason = CASE WHEN person_id = ANY(people) AND decision_reason IS NOT NULL THEN '' ELSE decision_reason END,
    post = CASE WHEN decided_by = ANY(people) THEN '' ELSE post END
  WHERE county_id = of_county AND (person_id = ANY(people) OR decided_by = ANY(people));
  UPDATE audit_entry SET detail = detail - CAST('{reason,text,note}' AS text[])
  WHERE county_id = of_county AND subject IN (
    SELECT 'check_in:' || check_in FROM unnest(theirs) AS check_in
    UNION ALL SELECT 'leave:' || id FROM leave WHERE county_id = of_county AND person_id = ANY(people)
    UNION ALL SELECT 'appeal:' || id FROM appeal WHERE county_id = of_county AND person_id = ANY(people)
    UNION ALL SELECT 'flag:' || id FROM flag WHERE county_id = of_county AND person_id = ANY(people));
  UPDATE audit_entry SET detail = CAST(regexp_replace(CAST(detail AS text), named, '"…"', 'g') AS jsonb)
  WHERE county_id = of_county AND CAST(detail AS text) ~ named;
  GET DIAGNOSTICS entries = ROW_COUNT;
  visits := cardinality(theirs);
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


def downgrade() -> None:
    """Who is anonymous stays so."""
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.execute("DROP FUNCTION anonymise_evidence(text, uuid[], text)")
    op.get_bind().exec_driver_sql(_REFUSE.replace("{unless}", ""))
    op.drop_table("consent")
    op.drop_table("privacy_notice")
    op.drop_column("person", "anonymised_at")
