"""calendar, leave, and what else a rule may say."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

CHECKS = (
    ("duty", "excuse", "excuse IN ('rule', 'category', 'days_off', 'presence', 'leave', 'rounding')"),
    ("duty_rule", "per", "per IN ('person', 'household')"),
    ("duty_rule", "days", "days IN ('calendar', 'working')"),
    ("duty_rule", "share", "share IN ('whole', 'days', 'cap')"),
    ("duty_rule", "min_dwell_min", "min_dwell_min > 0"),
)
_NIGHT = (
    "(night_start IS NULL) = (night_until IS NULL) AND night_until > night_start AND night_start BETWEEN 0 AND 1439"
    " AND night_until - night_start <= 1440 AND ({} OR night_start IS NOT NULL)"
)
_MEASURES = "measure IN ('nights', 'visits', 'distinct_households', 'village_days'{})"
REPLACED = {
    "measure": (_MEASURES.format(""), _MEASURES.format(", 'nights_in_village'")),
    "night": (
        _NIGHT.format("measure <> 'nights'"),
        _NIGHT.format("measure NOT IN ('nights', 'nights_in_village')"),
    ),
}


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.create_table(
        "calendar_day",
        sa.Column("county_id", sa.Text(), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("working", sa.Boolean(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("own", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["county_id"], ["county.id"], name=op.f("fk_calendar_day_county_id")),
        sa.PrimaryKeyConstraint("county_id", "date", name=op.f("pk_calendar_day")),
    )
    op.create_table(
        "calendar_year",
        sa.Column("county_id", sa.Text(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["county_id"], ["county.id"], name=op.f("fk_calendar_year_county_id")),
        sa.PrimaryKeyConstraint("county_id", "year", name=op.f("pk_calendar_year")),
    )
    op.create_table(
        "leave",
        sa.Column("county_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("from_half", postgresql.TIMESTAMP(), nullable=False),
        sa.Column("until_half", postgresql.TIMESTAMP(), nullable=False),
        sa.Column("returned_half", postgresql.TIMESTAMP(), nullable=True),
        sa.Column("returned_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("filed_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("decision_reason", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('personal', 'sick', 'official', 'filed_duty', 'annual', 'rotation')",
            name=op.f("ck_leave_kind"),
        ),
        sa.CheckConstraint("level IN ('township', 'county')", name=op.f("ck_leave_level")),
        sa.CheckConstraint(
            "status IN ('asked', 'approved', 'refused', 'withdrawn')", name=op.f("ck_leave_status")
        ),
        sa.CheckConstraint(
            "extract(epoch FROM from_half) % 43200 = 0 AND extract(epoch FROM until_half) % 43200 = 0 AND extract(epoch FROM returned_half) % 43200 = 0",
            name=op.f("ck_leave_half_days"),
        ),
        sa.CheckConstraint("returned_half >= from_half", name=op.f("ck_leave_returned")),
        sa.CheckConstraint("until_half > from_half", name=op.f("ck_leave_halves")),
        sa.ForeignKeyConstraint(
            ["county_id", "person_id"],
            ["person.county_id", "person.id"],
            name=op.f("fk_leave_county_id_person_id"),
        ),
        sa.PrimaryKeyConstraint("county_id", "id", name=op.f("pk_leave")),
    )
    op.create_index(
        "ix_leave_asked",
        "leave",
        ["county_id", "filed_at"],
        unique=False,
        postgresql_where=sa.text("status = 'asked'"),
    )
    op.create_index(
        op.f("ix_leave_county_id_person_id_from_half"),
        "leave",
        ["county_id", "person_id", "from_half"],
        unique=False,
    )
    op.add_column("duty", sa.Column("days", sa.Integer(), server_default="0", nullable=False))
    op.add_column("duty", sa.Column("days_there", sa.Double(), server_default="0", nullable=False))
    op.add_column("duty", sa.Column("excuse", sa.Text(), nullable=True))
    op.add_column(
        "duty", sa.Column("calendar_assumed", sa.Boolean(), server_default=sa.text("false"), nullable=False)
    )
    op.add_column("duty_rule", sa.Column("per", sa.Text(), server_default="person", nullable=False))
    op.add_column("duty_rule", sa.Column("days", sa.Text(), server_default="calendar", nullable=False))
    op.add_column("duty_rule", sa.Column("share", sa.Text(), server_default="whole", nullable=False))
    op.add_column(
        "duty_rule",
        sa.Column("unit_ids", postgresql.ARRAY(sa.UUID()), server_default=sa.text("'{}'"), nullable=False),
    )
    op.add_column(
        "duty_rule",
        sa.Column("except_ids", postgresql.ARRAY(sa.UUID()), server_default=sa.text("'{}'"), nullable=False),
    )
    op.add_column("duty_rule", sa.Column("min_dwell_min", sa.Integer(), nullable=True))
    op.add_column(
        "duty_rule", sa.Column("form_required", sa.Boolean(), server_default=sa.text("false"), nullable=False)
    )
    op.add_column(
        "duty_rule", sa.Column("shift_closing", sa.Boolean(), server_default=sa.text("false"), nullable=False)
    )
    for table, name, check in CHECKS:
        op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, check)
    for name, check in REPLACED.items():
        op.drop_constraint(op.f(f"ck_duty_rule_{name}"), "duty_rule", type_="check")
        op.create_check_constraint(op.f(f"ck_duty_rule_{name}"), "duty_rule", check[1])
    # So far only whole periods were owed, by calendar days. `yefang recount --apply` does the rest.
    op.execute(
        "UPDATE duty SET days = period_end - period_start + 1,"
        " days_there = CASE WHEN status = 'excused' THEN 0 ELSE period_end - period_start + 1 END,"
        " required = CASE WHEN status = 'excused' THEN 0 ELSE required END,"
        " excuse = CASE WHEN status = 'excused' THEN 'presence' END"
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    for name, check in REPLACED.items():
        op.drop_constraint(op.f(f"ck_duty_rule_{name}"), "duty_rule", type_="check")
        op.create_check_constraint(op.f(f"ck_duty_rule_{name}"), "duty_rule", check[0], postgresql_not_valid=True)
    for table, name, _ in reversed(CHECKS):
        op.drop_constraint(op.f(f"ck_{table}_{name}"), table, type_="check")
    op.drop_column("duty_rule", "shift_closing")
    op.drop_column("duty_rule", "form_required")
    op.drop_column("duty_rule", "min_dwell_min")
    op.drop_column("duty_rule", "except_ids")
    op.drop_column("duty_rule", "unit_ids")
    op.drop_column("duty_rule", "share")
    op.drop_column("duty_rule", "days")
    op.drop_column("duty_rule", "per")
    op.drop_column("duty", "calendar_assumed")
    op.drop_column("duty", "excuse")
    op.drop_column("duty", "days_there")
    op.drop_column("duty", "days")
    op.drop_index(op.f("ix_leave_county_id_person_id_from_half"), table_name="leave")
    op.drop_index("ix_leave_asked", table_name="leave", postgresql_where=sa.text("status = 'asked'"))
    op.drop_table("leave")
    op.drop_table("calendar_year")
    op.drop_table("calendar_day")
