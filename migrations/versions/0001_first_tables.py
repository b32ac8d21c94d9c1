"""first tables."""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql


class Ltree(sa.types.UserDefinedType):
    cache_ok = True

    def get_col_spec(self, **_: object) -> str:
        return "LTREE"


revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    # Left in place on the way down: another schema of the same database may use them.
    for extension in ("postgis", "ltree", "btree_gist"):
        op.execute(f"CREATE EXTENSION IF NOT EXISTS {extension}")
    op.create_table(
        "audit_entry",
        sa.Column("county_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("detail", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("county_id", "id", name=op.f("pk_audit_entry")),
    )
    op.create_index(
        op.f("ix_audit_entry_county_id_actor_id_at"),
        "audit_entry",
        ["county_id", "actor_id", "at"],
        unique=False,
    )
    op.create_index(
        op.f("ix_audit_entry_county_id_subject"), "audit_entry", ["county_id", "subject"], unique=False
    )
    op.create_geospatial_table(
        "county",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("timezone", sa.Text(), server_default="Asia/Shanghai", nullable=False),
        sa.Column(
            "settings",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'"),
            nullable=False,
        ),
        sa.Column("fence_version", sa.Integer(), server_default="0", nullable=False),
        sa.Column(
            "outline",
            Geometry(
                geometry_type="MULTIPOLYGON",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
            ),
            nullable=True,
        ),
        sa.CheckConstraint("id ~ '^[0-9]{6}$'", name=op.f("ck_county_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_county")),
    )
    op.create_geospatial_index(
        "ix_county_outline", "county", ["outline"], unique=False, postgresql_using="gist", postgresql_ops={}
    )
    op.create_table(
        "sign_in",
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("county_id", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("last_failure_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("phone", name=op.f("pk_sign_in")),
    )
    op.create_table(
        "duty_rule",
        sa.Column("county_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("categories", postgresql.ARRAY(sa.TEXT()), nullable=False),
        sa.Column("measure", sa.Text(), nullable=False),
        sa.Column("period_kind", sa.Text(), nullable=False),
        sa.Column("required", sa.Integer(), nullable=False),
        sa.Column("counts_in", sa.Text(), nullable=False),
        sa.Column("household_required", sa.Boolean(), nullable=False),
        sa.Column("night_start", sa.Integer(), nullable=True),
        sa.Column("night_until", sa.Integer(), nullable=True),
        sa.Column("grace_h", sa.Integer(), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("effective_until", sa.Date(), nullable=True),
        sa.CheckConstraint("counts_in IN ('assigned', 'unit', 'county')", name=op.f("ck_duty_rule_counts_in")),
        sa.CheckConstraint(
            "measure IN ('nights', 'visits', 'distinct_households', 'village_days')",
            name=op.f("ck_duty_rule_measure"),
        ),
        sa.CheckConstraint(
            "period_kind IN ('week', 'month', 'quarter', 'half_year', 'year')",
            name=op.f("ck_duty_rule_period_kind"),
        ),
        sa.CheckConstraint("grace_h >= 0", name=op.f("ck_duty_rule_grace_h")),
        sa.CheckConstraint(
            "(night_start IS NULL) = (night_until IS NULL) AND night_until > night_start"
            " AND night_start BETWEEN 0 AND 1439 AND night_until - night_start <= 1440"
            " AND (measure <> 'nights' OR night_start IS NOT NULL)",
            name=op.f("ck_duty_rule_night"),
        ),
        sa.CheckConstraint("effective_until > effective_from", name=op.f("ck_duty_rule_dates")),
        postgresql.ExcludeConstraint(
            (sa.column("county_id"), "="),
            (sa.column("id"), "="),
            (sa.literal_column("daterange(effective_from, effective_until)"), "&&"),
            using="gist",
            name="ex_duty_rule_overlap",
        ),
        sa.CheckConstraint("required > 0", name=op.f("ck_duty_rule_required")),
        sa.ForeignKeyConstraint(["county_id"], ["county.id"], name=op.f("fk_duty_rule_county_id")),
        sa.PrimaryKeyConstraint("county_id", "id", "version", name=op.f("pk_duty_rule")),
    )
    op.create_table(
        "duty_period",
        sa.Column("county_id", sa.Text(), nullable=False),
        sa.Column("rule_id", sa.Uuid(), nullable=False),
        sa.Column("start", sa.Date(), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["county_id"], ["county.id"], name=op.f("fk_duty_period_county_id")),
        sa.PrimaryKeyConstraint("county_id", "rule_id", "start", name=op.f("pk_duty_period")),
    )
    op.create_geospatial_table(
        "township",
        sa.Column("county_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column(
            "outline",
            Geometry(
                geometry_type="MULTIPOLYGON",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
            ),
            nullable=True,
        ),
        sa.ForeignKeyConstraint(["county_id"], ["county.id"], name=op.f("fk_township_county_id")),
        sa.PrimaryKeyConstraint("county_id", "id", name=op.f("pk_township")),
    )
    op.create_geospatial_index(
        "ix_township_outline",
        "township",
        ["outline"],
        unique=False,
        postgresql_using="gist",
        postgresql_ops={},
    )
    op.create_table(
        "unit",
        sa.Column("county_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("path", Ltree(), nullable=False),
        sa.CheckConstraint("code ~ '^[A-Za-z0-9_]+$'", name=op.f("ck_unit_code")),
        sa.CheckConstraint(
            "level IN ('county', 'theatre', 'sector', 'area', 'squad', 'team', 'group', 'department')",
            name=op.f("ck_unit_level"),
        ),
        sa.ForeignKeyConstraint(
            ["county_id", "parent_id"],
            ["unit.county_id", "unit.id"],
            name=op.f("fk_unit_county_id_parent_id"),
        ),
        sa.ForeignKeyConstraint(["county_id"], ["county.id"], name=op.f("fk_unit_county_id")),
        sa.PrimaryKeyConstraint("county_id", "id", name=op.f("pk_unit")),
        sa.UniqueConstraint("county_id", "code", name=op.f("uq_unit_county_id_code")),
    )
    op.create_index(op.f("ix_unit_county_id_parent_id"), "unit", ["county_id", "parent_id"], unique=False)
    op.create_index("ix_unit_path", "unit", ["path"], unique=False, postgresql_using="gist")
    op.create_table(
        "person",
        sa.Column("county_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("department_id", sa.Uuid(), nullable=True),
        sa.Column("from_date", sa.Date(), nullable=False),
        sa.Column("until_date", sa.Date(), nullable=True),
        sa.Column("last_contact_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.CheckConstraint(
            "category IN ('helper', 'resident', 'first_secretary', 'leader', 'official', 'info_officer', 'inspector')",
            name=op.f("ck_person_category"),
        ),
        sa.CheckConstraint("until_date > from_date", name=op.f("ck_person_dates")),
        sa.ForeignKeyConstraint(
            ["county_id", "department_id"],
            ["unit.county_id", "unit.id"],
            name=op.f("fk_person_county_id_department_id"),
        ),
        sa.ForeignKeyConstraint(
            ["county_id", "unit_id"], ["unit.county_id", "unit.id"], name=op.f("fk_person_county_id_unit_id")
        ),
        sa.PrimaryKeyConstraint("county_id", "id", name=op.f("pk_person")),
        sa.UniqueConstraint("county_id", "phone", name=op.f("uq_person_county_id_phone")),
    )
    op.create_index(
        op.f("ix_person_county_id_department_id"), "person", ["county_id", "department_id"], unique=False
    )
    op.create_index(op.f("ix_person_county_id_unit_id"), "person", ["county_id", "unit_id"], unique=False)
    op.create_table(
        "village",
        sa.Column("county_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("official_name", sa.Text(), nullable=False),
        sa.Column("township_id", sa.Text(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("id ~ '^[0-9]{12}$'", name=op.f("ck_village_id")),
        sa.ForeignKeyConstraint(
            ["county_id", "township_id"],
            ["township.county_id", "township.id"],
            name=op.f("fk_village_county_id_township_id"),
        ),
        sa.ForeignKeyConstraint(
            ["county_id", "unit_id"], ["unit.county_id", "unit.id"], name=op.f("fk_village_county_id_unit_id")
        ),
        sa.PrimaryKeyConstraint("county_id", "id", name=op.f("pk_village")),
    )
    op.create_index(
        op.f("ix_village_county_id_township_id"), "village", ["county_id", "township_id"], unique=False
    )
    op.create_index(op.f("ix_village_county_id_unit_id"), "village", ["county_id", "unit_id"], unique=False)
    op.create_table(
        "device",
        sa.Column("county_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("platform", sa.Text(), nullable=True),
        sa.Column("model", sa.Text(), nullable=True),
        sa.Column("app_version", sa.Text(), nullable=True),
        sa.Column("push", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("last_seen_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["county_id", "person_id"],
            ["person.county_id", "person.id"],
            name=op.f("fk_device_county_id_person_id"),
        ),
        sa.PrimaryKeyConstraint("county_id", "id", "person_id", name=op.f("pk_device")),
    )
    op.create_table(
        "device_session",
        sa.Column("county_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("device_id", sa.Text(), nullable=True),
        sa.Column("token_hash", postgresql.BYTEA(), nullable=False),
        sa.Column("started_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("expires_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("ended_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("end_reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["county_id", "person_id"],
            ["person.county_id", "person.id"],
            name=op.f("fk_device_session_county_id_person_id"),
        ),
        sa.PrimaryKeyConstraint("county_id", "id", name=op.f("pk_device_session")),
    )
    op.create_index(
        op.f("ix_device_session_county_id_person_id"),
        "device_session",
        ["county_id", "person_id"],
        unique=False,
    )
    op.create_table(
        "duty",
        sa.Column("county_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("rule_id", sa.Uuid(), nullable=False),
        sa.Column("rule_version", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("period_start", sa.Date(), nullable=False),
        sa.Column("period_end", sa.Date(), nullable=False),
        sa.Column("closes_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("required", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("pending_review", sa.Integer(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("closed_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("last_visit_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.CheckConstraint(
            "status IN ('open', 'met', 'met_late', 'missed', 'excused')", name=op.f("ck_duty_status")
        ),
        sa.ForeignKeyConstraint(
            ["county_id", "person_id"],
            ["person.county_id", "person.id"],
            name=op.f("fk_duty_county_id_person_id"),
        ),
        sa.ForeignKeyConstraint(
            ["county_id", "rule_id", "rule_version"],
            ["duty_rule.county_id", "duty_rule.id", "duty_rule.version"],
            name=op.f("fk_duty_county_id_rule_id_rule_version"),
        ),
        sa.PrimaryKeyConstraint("county_id", "id", name=op.f("pk_duty")),
        sa.UniqueConstraint(
            "county_id",
            "person_id",
            "rule_id",
            "period_start",
            name=op.f("uq_duty_county_id_person_id_rule_id_period_start"),
        ),
    )
    op.create_index("ix_duty_period", "duty", ["county_id", "rule_id", "period_start", "status"], unique=False)
    op.create_index(
        "ix_duty_to_close",
        "duty",
        ["county_id", "closes_at"],
        unique=False,
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_geospatial_table(
        "geofence",
        sa.Column("county_id", sa.Text(), nullable=False),
        sa.Column("village_id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column(
            "area",
            Geometry(
                geometry_type="MULTIPOLYGON",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
        ),
        sa.Column("synthetic", sa.Boolean(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("valid_from", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("valid_until", postgresql.TIMESTAMP(timezone=True), nullable=True),
        postgresql.ExcludeConstraint(
            (sa.column("county_id"), "="),
            (sa.column("village_id"), "="),
            (sa.literal_column("tstzrange(valid_from, valid_until)"), "&&"),
            using="gist",
            name="ex_geofence_overlap",
        ),
        sa.CheckConstraint("valid_until > valid_from", name=op.f("ck_geofence_times")),
        sa.ForeignKeyConstraint(
            ["county_id", "village_id"],
            ["village.county_id", "village.id"],
            name=op.f("fk_geofence_county_id_village_id"),
        ),
        sa.PrimaryKeyConstraint("county_id", "village_id", "version", name=op.f("pk_geofence")),
    )
    op.create_geospatial_index(
        "ix_geofence_area", "geofence", ["area"], unique=False, postgresql_using="gist", postgresql_ops={}
    )
    op.create_geospatial_table(
        "household",
        sa.Column("county_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("village_id", sa.Text(), nullable=False),
        sa.Column("head_name", sa.Text(), nullable=False),
        sa.Column("hamlet", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "position",
            Geometry(
                geometry_type="POINT",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
            ),
            nullable=True,
        ),
        sa.Column("radius_m", sa.Double(), server_default="300", nullable=False),
        sa.CheckConstraint("radius_m > 0", name=op.f("ck_household_radius_m")),
        sa.ForeignKeyConstraint(
            ["county_id", "village_id"],
            ["village.county_id", "village.id"],
            name=op.f("fk_household_county_id_village_id"),
        ),
        sa.PrimaryKeyConstraint("county_id", "id", name=op.f("pk_household")),
    )
    op.create_index(
        op.f("ix_household_county_id_village_id"), "household", ["county_id", "village_id"], unique=False
    )
    op.create_geospatial_index(
        "ix_household_position",
        "household",
        ["position"],
        unique=False,
        postgresql_using="gist",
        postgresql_ops={},
    )
    op.create_table(
        "notice",
        sa.Column("county_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("occasion", sa.Text(), nullable=False),
        sa.Column("about", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("read_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["county_id", "person_id"],
            ["person.county_id", "person.id"],
            name=op.f("fk_notice_county_id_person_id"),
        ),
        sa.PrimaryKeyConstraint("county_id", "id", name=op.f("pk_notice")),
        sa.UniqueConstraint(
            "county_id", "person_id", "occasion", name=op.f("uq_notice_county_id_person_id_occasion")
        ),
    )
    op.create_index(
        "ix_notice_inbox",
        "notice",
        ["county_id", "person_id", sa.literal_column("created_at DESC"), sa.literal_column("id DESC")],
        unique=False,
    )
    op.create_table(
        "post",
        sa.Column("county_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), server_default="", nullable=False),
        sa.Column("from_date", sa.Date(), nullable=False),
        sa.Column("until_date", sa.Date(), nullable=True),
        postgresql.ExcludeConstraint(
            (sa.column("county_id"), "="),
            (sa.column("person_id"), "="),
            (sa.column("unit_id"), "="),
            (sa.column("role"), "="),
            (sa.literal_column("daterange(from_date, until_date)"), "&&"),
            using="gist",
            name="ex_post_overlap",
        ),
        sa.CheckConstraint(
            "role IN ('cadre', 'leader', 'inspector', 'office', 'admin')", name=op.f("ck_post_role")
        ),
        sa.CheckConstraint("until_date > from_date", name=op.f("ck_post_dates")),
        sa.ForeignKeyConstraint(
            ["county_id", "person_id"],
            ["person.county_id", "person.id"],
            name=op.f("fk_post_county_id_person_id"),
        ),
        sa.ForeignKeyConstraint(
            ["county_id", "unit_id"], ["unit.county_id", "unit.id"], name=op.f("fk_post_county_id_unit_id")
        ),
        sa.PrimaryKeyConstraint("county_id", "id", name=op.f("pk_post")),
    )
    op.create_index(op.f("ix_post_county_id_unit_id"), "post", ["county_id", "unit_id"], unique=False)
    op.create_table(
        "assignment",
        sa.Column("county_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("village_id", sa.Text(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=True),
        sa.Column("from_date", sa.Date(), nullable=False),
        sa.Column("until_date", sa.Date(), nullable=True),
        sa.CheckConstraint("until_date > from_date", name=op.f("ck_assignment_dates")),
        sa.ForeignKeyConstraint(
            ["county_id", "household_id"],
            ["household.county_id", "household.id"],
            name=op.f("fk_assignment_county_id_household_id"),
        ),
        sa.ForeignKeyConstraint(
            ["county_id", "person_id"],
            ["person.county_id", "person.id"],
            name=op.f("fk_assignment_county_id_person_id"),
        ),
        sa.ForeignKeyConstraint(
            ["county_id", "village_id"],
            ["village.county_id", "village.id"],
            name=op.f("fk_assignment_county_id_village_id"),
        ),
        sa.PrimaryKeyConstraint("county_id", "id", name=op.f("pk_assignment")),
    )
    op.create_index(
        op.f("ix_assignment_county_id_person_id"), "assignment", ["county_id", "person_id"], unique=False
    )
    op.create_index(
        op.f("ix_assignment_county_id_village_id"), "assignment", ["county_id", "village_id"], unique=False
    )
    op.create_geospatial_table(
        "check_in",
        sa.Column("county_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("device_id", sa.Text(), nullable=True),
        sa.Column("captured_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("fixed_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("received_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("crs", sa.Text(), nullable=False),
        sa.Column("raw_lon", sa.Double(), nullable=True),
        sa.Column("raw_lat", sa.Double(), nullable=True),
        sa.Column("accuracy_m", sa.Double(), nullable=True),
        sa.Column("altitude_m", sa.Double(), nullable=True),
        sa.Column("speed_mps", sa.Double(), nullable=True),
        sa.Column("mock", sa.Boolean(), nullable=True),
        sa.Column("position_problem", sa.Text(), nullable=True),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("photo_ids", postgresql.ARRAY(sa.UUID()), nullable=False),
        sa.Column("form", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("app_version", sa.Text(), nullable=True),
        sa.Column("content_hash", postgresql.BYTEA(), nullable=False),
        sa.Column(
            "position",
            Geometry(
                geometry_type="POINT",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
            ),
            nullable=True,
        ),
        sa.Column("village_id", sa.Text(), nullable=True),
        sa.Column("geofence_version", sa.Integer(), nullable=True),
        sa.Column("found_in_village_id", sa.Text(), nullable=True),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("distance_m", sa.Double(), nullable=True),
        sa.Column("confidence", sa.Double(), nullable=True),
        sa.Column("household_distance_m", sa.Double(), nullable=True),
        sa.Column("standing", sa.Text(), nullable=False),
        sa.Column("reasons", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("night_of", sa.Date(), nullable=True),
        sa.CheckConstraint("place IN ('inside', 'near', 'outside', 'unsure')", name=op.f("ck_check_in_place")),
        sa.CheckConstraint(
            "purpose IN ('household_visit', 'village_duty', 'night_visit', 'inspection', 'activity')",
            name=op.f("ck_check_in_purpose"),
        ),
        sa.CheckConstraint(
            "standing IN ('counted', 'held', 'outside', 'refused')", name=op.f("ck_check_in_standing")
        ),
        sa.ForeignKeyConstraint(
            ["county_id", "found_in_village_id"],
            ["village.county_id", "village.id"],
            name=op.f("fk_check_in_county_id_found_in_village_id"),
        ),
        sa.ForeignKeyConstraint(
            ["county_id", "household_id"],
            ["household.county_id", "household.id"],
            name=op.f("fk_check_in_county_id_household_id"),
        ),
        sa.ForeignKeyConstraint(
            ["county_id", "person_id"],
            ["person.county_id", "person.id"],
            name=op.f("fk_check_in_county_id_person_id"),
        ),
        sa.ForeignKeyConstraint(
            ["county_id", "village_id", "geofence_version"],
            ["geofence.county_id", "geofence.village_id", "geofence.version"],
            name=op.f("fk_check_in_county_id_village_id_geofence_version"),
        ),
        sa.PrimaryKeyConstraint("county_id", "id", name=op.f("pk_check_in")),
    )
    op.create_index(
        "ix_check_in_captured",
        "check_in",
        ["county_id", sa.literal_column("captured_at DESC"), sa.literal_column("id DESC")],
        unique=False,
    )
    op.create_index("ix_check_in_person", "check_in", ["county_id", "person_id", "captured_at"], unique=False)
    op.create_geospatial_index(
        "ix_check_in_position",
        "check_in",
        ["position"],
        unique=False,
        postgresql_using="gist",
        postgresql_ops={},
    )
    op.create_index(
        "ix_check_in_village", "check_in", ["county_id", "found_in_village_id", "captured_at"], unique=False
    )
    op.create_table(
        "flag",
        sa.Column("county_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("duty_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("misses", sa.Integer(), nullable=False),
        sa.Column("raised_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("changed_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("changed_by", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "status IN ('open', 'acknowledged', 'cleared', 'withdrawn')", name=op.f("ck_flag_status")
        ),
        sa.ForeignKeyConstraint(
            ["county_id", "duty_id"], ["duty.county_id", "duty.id"], name=op.f("fk_flag_county_id_duty_id")
        ),
        sa.ForeignKeyConstraint(
            ["county_id", "person_id"],
            ["person.county_id", "person.id"],
            name=op.f("fk_flag_county_id_person_id"),
        ),
        sa.PrimaryKeyConstraint("county_id", "id", name=op.f("pk_flag")),
        sa.UniqueConstraint("county_id", "duty_id", name=op.f("uq_flag_county_id_duty_id")),
    )
    op.create_index(op.f("ix_flag_county_id_person_id"), "flag", ["county_id", "person_id"], unique=False)
    op.create_index(
        "ix_flag_raised",
        "flag",
        ["county_id", sa.literal_column("raised_at DESC"), sa.literal_column("id DESC")],
        unique=False,
    )
    op.create_table(
        "flag_recipient",
        sa.Column("county_id", sa.Text(), nullable=False),
        sa.Column("flag_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["county_id", "flag_id"],
            ["flag.county_id", "flag.id"],
            name=op.f("fk_flag_recipient_county_id_flag_id"),
        ),
        sa.ForeignKeyConstraint(
            ["county_id", "person_id"],
            ["person.county_id", "person.id"],
            name=op.f("fk_flag_recipient_county_id_person_id"),
        ),
        sa.PrimaryKeyConstraint("county_id", "flag_id", "person_id", name=op.f("pk_flag_recipient")),
    )
    op.create_index(
        op.f("ix_flag_recipient_county_id_person_id"),
        "flag_recipient",
        ["county_id", "person_id"],
        unique=False,
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.drop_index(op.f("ix_flag_recipient_county_id_person_id"), table_name="flag_recipient")
    op.drop_table("flag_recipient")
    op.drop_index("ix_flag_raised", table_name="flag")
    op.drop_index(op.f("ix_flag_county_id_person_id"), table_name="flag")
    op.drop_table("flag")
    op.drop_index("ix_check_in_village", table_name="check_in")
    op.drop_geospatial_index(
        "ix_check_in_position", table_name="check_in", postgresql_using="gist", column_name="position"
    )
    op.drop_index("ix_check_in_person", table_name="check_in")
    op.drop_index("ix_check_in_captured", table_name="check_in")
    op.drop_geospatial_table("check_in")
    op.drop_index(op.f("ix_assignment_county_id_village_id"), table_name="assignment")
    op.drop_index(op.f("ix_assignment_county_id_person_id"), table_name="assignment")
    op.drop_table("assignment")
    op.drop_index(op.f("ix_post_county_id_unit_id"), table_name="post")
    op.drop_table("post")
    op.drop_index("ix_notice_inbox", table_name="notice")
    op.drop_table("notice")
    op.drop_geospatial_index(
        "ix_household_position", table_name="household", postgresql_using="gist", column_name="position"
    )
    op.drop_index(op.f("ix_household_county_id_village_id"), table_name="household")
    op.drop_geospatial_table("household")
    op.drop_geospatial_index(
        "ix_geofence_area", table_name="geofence", postgresql_using="gist", column_name="area"
    )
    op.drop_geospatial_table("geofence")
    op.drop_index("ix_duty_to_close", table_name="duty", postgresql_where=sa.text("closed_at IS NULL"))
    op.drop_index("ix_duty_period", table_name="duty")
    op.drop_table("duty")
    op.drop_index(op.f("ix_device_session_county_id_person_id"), table_name="device_session")
    op.drop_table("device_session")
    op.drop_table("device")
    op.drop_index(op.f("ix_village_county_id_unit_id"), table_name="village")
    op.drop_index(op.f("ix_village_county_id_township_id"), table_name="village")
    op.drop_table("village")
    op.drop_index(op.f("ix_person_county_id_unit_id"), table_name="person")
    op.drop_index(op.f("ix_person_county_id_department_id"), table_name="person")
    op.drop_table("person")
    op.drop_index("ix_unit_path", table_name="unit", postgresql_using="gist")
    op.drop_index(op.f("ix_unit_county_id_parent_id"), table_name="unit")
    op.drop_table("unit")
    op.drop_geospatial_index(
        "ix_township_outline", table_name="township", postgresql_using="gist", column_name="outline"
    )
    op.drop_geospatial_table("township")
    op.drop_table("duty_period")
    op.drop_table("duty_rule")
    op.drop_table("sign_in")
    op.drop_geospatial_index(
        "ix_county_outline", table_name="county", postgresql_using="gist", column_name="outline"
    )
    op.drop_geospatial_table("county")
    op.drop_index(op.f("ix_audit_entry_county_id_subject"), table_name="audit_entry")
    op.drop_index(op.f("ix_audit_entry_county_id_actor_id_at"), table_name="audit_entry")
    op.drop_table("audit_entry")
