"""All statements of a county's channels, and of how its people want to be told."""

CHANNELS = "SELECT * FROM notice_channel WHERE county_id = :county_id ORDER BY position, name"

NEW_CHANNEL = """
INSERT INTO notice_channel (county_id, name, kind, position, enabled, url, for_group, per_minute)
VALUES (:county_id, :name, 'apprise', :position, :enabled, :url, :for_group, :per_minute)
RETURNING name
"""

CHANGE_CHANNEL = """
UPDATE notice_channel SET (position, enabled, url, for_group, per_minute)
  = (:position, :enabled, coalesce(:url, url), :for_group, :per_minute)
WHERE county_id = :county_id AND name = :name RETURNING name
"""

RESUME = """
UPDATE notice_channel SET paused_until = NULL, paused_reason = NULL
WHERE county_id = :county_id AND name = :name RETURNING name
"""

PREFERENCE = """
SELECT language, channels, addresses, summary_at FROM notice_preference
WHERE county_id = :county_id AND person_id = :person_id
"""

PUT_PREFERENCE = """
INSERT INTO notice_preference (county_id, person_id, language, channels, addresses, summary_at)
VALUES (:county_id, :person_id, :language, CAST(:channels AS text[]), CAST(:addresses AS jsonb), :summary_at)
ON CONFLICT (county_id, person_id) DO UPDATE
SET (language, channels, addresses, summary_at)
  = (excluded.language, excluded.channels, excluded.addresses, excluded.summary_at)
RETURNING person_id
"""
