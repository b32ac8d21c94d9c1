"""deliveries of notices by channels; preferences and a county's own words."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.create_table(
        "notice_channel",
        sa.Column("county_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("enabled", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("for_group", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("per_minute", sa.Integer(), nullable=True),
        sa.Column("allowance", sa.Double(), server_default="0", nullable=False),
        sa.Column("allowance_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("paused_until", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("paused_reason", sa.Text(), nullable=True),
        sa.CheckConstraint("(kind = 'apprise') = (url IS NOT NULL)", name=op.f("ck_notice_channel_url")),
        sa.CheckConstraint("kind IN ('fcm', 'webpush', 'apprise')", name=op.f("ck_notice_channel_kind")),
        sa.CheckConstraint("name ~ '^[a-z][a-z0-9_]{0,30}$'", name=op.f("ck_notice_channel_name")),
        sa.CheckConstraint("per_minute > 0", name=op.f("ck_notice_channel_per_minute")),
        sa.ForeignKeyConstraint(["county_id"], ["county.id"], name=op.f("fk_notice_channel_county_id")),
        sa.PrimaryKeyConstraint("county_id", "name", name=op.f("pk_notice_channel")),
    )
    op.create_table(
        "notice_preference",
        sa.Column("county_id", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("language", sa.Text(), server_default="zh-CN", nullable=False),
        sa.Column("channels", postgresql.ARRAY(sa.TEXT()), nullable=True),
        sa.Column(
            "addresses", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False
        ),
        sa.CheckConstraint("language IN ('zh-CN', 'en')", name=op.f("ck_notice_preference_language")),
        sa.ForeignKeyConstraint(
            ["county_id", "person_id"],
            ["person.county_id", "person.id"],
            name=op.f("fk_notice_preference_county_id_person_id"),
        ),
        sa.PrimaryKeyConstraint("county_id", "person_id", name=op.f("pk_notice_preference")),
    )
    op.create_table(
        "notice_template",
        sa.Column("county_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("changed_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("changed_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint("language IN ('zh-CN', 'en')", name=op.f("ck_notice_template_language")),
        sa.ForeignKeyConstraint(
            ["county_id", "changed_by"],
            ["person.county_id", "person.id"],
            name=op.f("fk_notice_template_county_id_changed_by"),
        ),
        sa.ForeignKeyConstraint(["county_id"], ["county.id"], name=op.f("fk_notice_template_county_id")),
        sa.PrimaryKeyConstraint("county_id", "kind", "language", name=op.f("pk_notice_template")),
    )
    op.create_table(
        "delivery",
        sa.Column("county_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("notice_id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("device_id", sa.Text(), server_default="", nullable=False),
        sa.Column("status", sa.Text(), server_default="waiting", nullable=False),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("due_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("reply", sa.Text(), nullable=True),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("changed_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.CheckConstraint(
            "status IN ('waiting', 'sent', 'failed', 'dead', 'needless')", name=op.f("ck_delivery_status")
        ),
        sa.ForeignKeyConstraint(
            ["county_id", "channel"],
            ["notice_channel.county_id", "notice_channel.name"],
            name=op.f("fk_delivery_county_id_channel"),
        ),
        sa.ForeignKeyConstraint(
            ["county_id", "notice_id"],
            ["notice.county_id", "notice.id"],
            name=op.f("fk_delivery_county_id_notice_id"),
        ),
        sa.PrimaryKeyConstraint("county_id", "id", name=op.f("pk_delivery")),
        sa.UniqueConstraint(
            "county_id",
            "notice_id",
            "channel",
            "device_id",
            name=op.f("uq_delivery_county_id_notice_id_channel_device_id"),
        ),
    )
    op.create_index(
        "ix_delivery_dead",
        "delivery",
        ["county_id", "changed_at"],
        unique=False,
        postgresql_where=sa.text("status = 'dead'"),
    )
    op.create_index(
        "ix_delivery_due",
        "delivery",
        ["county_id", "channel", sa.literal_column("urgent DESC"), "due_at"],
        unique=False,
        postgresql_where=sa.text("status = 'waiting'"),
    )
    op.add_column("notice", sa.Column("until", postgresql.TIMESTAMP(timezone=True), nullable=True))
    # A county that is there already begins with what a new one gets.
    op.execute(
        "INSERT INTO notice_channel (county_id, name, kind, position)"
        " SELECT county.id, usual.kind, usual.kind, usual.position"
        " FROM county CROSS JOIN (VALUES ('fcm', 1), ('webpush', 2)) AS usual (kind, position)"
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.drop_column("notice", "until")
    op.drop_index("ix_delivery_due", table_name="delivery", postgresql_where=sa.text("status = 'waiting'"))
    op.drop_index("ix_delivery_dead", table_name="delivery", postgresql_where=sa.text("status = 'dead'"))
    op.drop_table("delivery")
    op.drop_table("notice_template")
    op.drop_table("notice_preference")
    op.drop_table("notice_channel")
