"""One person's two records become one, and who are two people is remembered.

Revision ID: 0028
Revises: 0027
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

_NOW = sa.TIMESTAMP(timezone=True)
_EXCUSES = ("rule", "category", "days_off", "presence", "leave", "rounding", "appeal")
_PERSON = ["person.county_id", "person.id"]

# What was said, as in 0027. Whose it is stands apart: see `keep_person`.
_KEEP_EVIDENCE = """
CREATE TRIGGER keep_evidence BEFORE UPDATE ON check_in FOR EACH ROW
    WHEN (
        (OLD.county_id, OLD.id, {old}OLD.device_id, OLD.captured_at, OLD.received_at,
         OLD.position_problem, OLD.purpose, OLD.household_id, OLD.note, OLD.photo_ids, OLD.form, OLD.app_version,
         OLD.content_hash, OLD.source, OLD.record_key, OLD.record)
        IS DISTINCT FROM
        (NEW.county_id, NEW.id, {new}NEW.device_id, NEW.captured_at, NEW.received_at,
         NEW.position_problem, NEW.purpose, NEW.household_id, NEW.note, NEW.photo_ids, NEW.form, NEW.app_version,
         NEW.content_hash, NEW.source, NEW.record_key, NEW.record)
        OR
        (OLD.fixed_at, OLD.crs, OLD.raw_lon, OLD.raw_lat, OLD.accuracy_m, OLD.altitude_m, OLD.speed_mps,
         OLD.mock, OLD.position_added_at)
        IS DISTINCT FROM
        (NEW.fixed_at, NEW.crs, NEW.raw_lon, NEW.raw_lat, NEW.accuracy_m, NEW.altitude_m, NEW.speed_mps,
         NEW.mock, NEW.position_added_at)
        AND NOT (OLD.raw_lon IS NULL AND OLD.position_added_at IS NULL AND NEW.position_added_at IS NOT NULL)
    )
    EXECUTE FUNCTION refuse_change_of_evidence()
"""
# A visit goes over to another person in one case: theirs is the record into which its own was merged.
_KEEP_PERSON = """
CREATE FUNCTION refuse_unless_merged() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          IF NOT EXISTS (
            SELECT FROM person WHERE county_id = OLD.county_id AND id = OLD.person_id AND merged_into = NEW.person_id
          ) THEN
            RAISE EXCEPTION 'what the phone said is evidence: % of % is not changed', TG_TABLE_NAME, OLD.id
              USING ERRCODE = 'restrict_violation';
          END IF;
          RETURN NEW;
        END $$
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.add_column("person", sa.Column("merged_into", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f("fk_person_county_id_merged_into"),
        "person",
        "person",
        ["county_id", "merged_into"],
        ["county_id", "id"],
    )
    op.create_index(op.f("ix_person_county_id_merged_into"), "person", ["county_id", "merged_into"])
    _swap_check(
        "person",
        "dates",
        "CASE WHEN merged_into IS NULL THEN until_date > from_date"
        " ELSE until_date IS NOT DISTINCT FROM from_date END",
    )
    _swap_check("duty", "excuse", f"excuse IN {(*_EXCUSES, 'merged')!r}")
    op.create_table(
        "person_merge",
        sa.Column("county_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("from_id", sa.Uuid(), nullable=False),
        sa.Column("into_id", sa.Uuid(), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("made_at", _NOW, nullable=False),
        sa.Column("was", postgresql.JSONB(), nullable=False),
        sa.Column("check_in_ids", postgresql.ARRAY(sa.Uuid()), nullable=False),
        *(
            sa.ForeignKeyConstraint(
                ["county_id", column], _PERSON, name=op.f(f"fk_person_merge_county_id_{column}")
            )
            for column in ("from_id", "into_id", "made_by")
        ),
        sa.PrimaryKeyConstraint("county_id", "id", name=op.f("pk_person_merge")),
        sa.UniqueConstraint("county_id", "from_id", name=op.f("uq_person_merge_county_id_from_id")),
    )
    op.create_index(op.f("ix_person_merge_county_id_into_id"), "person_merge", ["county_id", "into_id"])
    op.create_index(op.f("ix_person_merge_county_id_made_by"), "person_merge", ["county_id", "made_by"])
    op.create_table(
        "two_people",
        sa.Column("county_id", sa.Text(), nullable=False),
        sa.Column("one_id", sa.Uuid(), nullable=False),
        sa.Column("other_id", sa.Uuid(), nullable=False),
        sa.Column("said_by", sa.Uuid(), nullable=False),
        sa.Column("said_at", _NOW, nullable=False),
        sa.CheckConstraint("one_id < other_id", name=op.f("ck_two_people_order")),
        *(
            sa.ForeignKeyConstraint(["county_id", column], _PERSON, name=op.f(f"fk_two_people_county_id_{column}"))
            for column in ("one_id", "other_id", "said_by")
        ),
        sa.PrimaryKeyConstraint("county_id", "one_id", "other_id", name=op.f("pk_two_people")),
    )
    op.create_index(op.f("ix_two_people_county_id_other_id"), "two_people", ["county_id", "other_id"])
    op.create_index(op.f("ix_two_people_county_id_said_by"), "two_people", ["county_id", "said_by"])
    op.execute("DROP TRIGGER keep_evidence ON check_in")
    op.execute(_KEEP_EVIDENCE.format(old="", new=""))
    op.execute(_KEEP_PERSON)
    op.execute(
        "CREATE TRIGGER keep_person BEFORE UPDATE ON check_in FOR EACH ROW"
        " WHEN (OLD.person_id IS DISTINCT FROM NEW.person_id) EXECUTE FUNCTION refuse_unless_merged()"
    )


def downgrade() -> None:
    """Merged records stay ended; visits stay with whoever has them."""
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.execute("DROP TRIGGER keep_person ON check_in")
    op.execute("DROP FUNCTION refuse_unless_merged()")
    op.execute("DROP TRIGGER keep_evidence ON check_in")
    op.execute(_KEEP_EVIDENCE.format(old="OLD.person_id, ", new="NEW.person_id, "))
    op.drop_table("two_people")
    op.drop_table("person_merge")
    op.execute("UPDATE duty SET excuse = 'presence' WHERE excuse = 'merged'")
    _swap_check("duty", "excuse", f"excuse IN {_EXCUSES!r}")
    op.drop_constraint(op.f("ck_person_dates"), "person")
    op.execute("UPDATE person SET until_date = from_date + 1 WHERE merged_into IS NOT NULL")
    op.drop_index(op.f("ix_person_county_id_merged_into"), "person")
    op.drop_constraint(op.f("fk_person_county_id_merged_into"), "person")
    op.drop_column("person", "merged_into")
    op.create_check_constraint(op.f("ck_person_dates"), "person", "until_date > from_date")


def _swap_check(table: str, name: str, condition: str) -> None:
    op.drop_constraint(op.f(f"ck_{table}_{name}"), table)
    op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, condition)
