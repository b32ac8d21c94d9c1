"""All statements of a county's channels, and of how its people want to be told."""

from datetime import datetime
from typing import NamedTuple

from app.kernel.language import Language
from app.kernel.statements import Command, Json, Statement
from app.notices.words import ChannelKind


class ChannelRow(NamedTuple):
    """A way by which a county reaches its people."""

    county_id: str
    name: str
    kind: ChannelKind
    position: int
    enabled: bool
    url: str | None
    for_group: bool
    per_minute: int | None
    allowance: float
    allowance_at: datetime | None
    paused_until: datetime | None
    paused_reason: str | None


class PreferenceRow(NamedTuple):
    """How a person wants to be told."""

    language: Language
    channels: list[str] | None
    addresses: Json
    summary_at: int | None


CHANNELS = Statement(
    ChannelRow,
    "SELECT * FROM notice_channel WHERE county_id = :county_id ORDER BY position, name",
)

NEW_CHANNEL = Command("""
INSERT INTO notice_channel (county_id, name, kind, position, enabled, url, for_group, per_minute)
VALUES (:county_id, :name, 'apprise', :position, :enabled, :url, :for_group, :per_minute)
""")

CHANGE_CHANNEL = Command("""
UPDATE notice_channel SET (position, enabled, url, for_group, per_minute)
  = (:position, :enabled, coalesce(:url, url), :for_group, :per_minute)
WHERE county_id = :county_id AND name = :name
""")

RESUME = Command("""
UPDATE notice_channel SET paused_until = NULL, paused_reason = NULL
WHERE county_id = :county_id AND name = :name
""")

PREFERENCE = Statement(
    PreferenceRow,
    """
SELECT language, channels, addresses, summary_at FROM notice_preference
WHERE county_id = :county_id AND person_id = :person_id
""",
)

PUT_PREFERENCE = Command("""
INSERT INTO notice_preference (county_id, person_id, language, channels, addresses, summary_at)
VALUES (:county_id, :person_id, :language, CAST(:channels AS text[]), CAST(:addresses AS jsonb), :summary_at)
ON CONFLICT (county_id, person_id) DO UPDATE
SET (language, channels, addresses, summary_at)
  = (excluded.language, excluded.channels, excluded.addresses, excluded.summary_at)
""")
