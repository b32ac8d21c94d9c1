"""All statements of deliveries: by which channel a notice goes, what is due, and what came of it."""

from typing import NamedTuple
from uuid import UUID

from app.kernel.ids import NEW_ID
from app.kernel.language import Language
from app.kernel.statements import Command, Id, Json, Statement
from app.notices.words import ChannelKind


class DueRow(NamedTuple):
    """A county that has something to send by a channel."""

    county_id: str
    name: str
    kind: ChannelKind
    timezone: str
    settings: Json


class TakenRow(NamedTuple):
    """A delivery that is to be tried now, with all that its channel needs."""

    id: UUID
    notice_id: UUID
    device_id: str
    attempts: int
    urgent: bool
    person_id: UUID
    kind: str
    about: Json
    person_name: str
    phone: str | None  # None: it is somebody else's since the person has left
    push: Json | None
    language: Language
    address: str | None
    title: str | None
    body: str | None
    enabled: bool
    url: str | None
    for_group: bool


# A phone is reached while its person is signed in on it.
SIGNED_IN = """EXISTS (
  SELECT FROM device_session AS own
  WHERE own.county_id = :county_id AND own.person_id = device.person_id AND own.device_id = device.id
    AND own.client IS NULL AND own.ended_at IS NULL AND own.expires_at > :now)"""


def routes(of: str, only: str = "true") -> str:
    """SQL for (notice_id, channel, device_id): the first channel by which the reader can be reached.

    `of` names a relation of (notice_id, person_id), `only` what else must hold of the channel. A phone is reached
    while the person is signed in on it.
    """
    return f"""
      SELECT notice_id, channel, device_id FROM (
        SELECT reader.notice_id, channel.name AS channel, target.device_id, rank() OVER (
          PARTITION BY reader.notice_id
          ORDER BY coalesce(array_position(preference.channels, channel.name), channel.position), channel.name
        ) AS turn
        FROM {of} AS reader
        LEFT JOIN notice_preference AS preference
          ON preference.county_id = :county_id AND preference.person_id = reader.person_id
        JOIN notice_channel AS channel ON channel.county_id = :county_id AND channel.enabled
          AND (preference.channels IS NULL OR channel.name = ANY(preference.channels)) AND {only}
        CROSS JOIN LATERAL (
          SELECT device.id AS device_id FROM device
          WHERE device.county_id = :county_id AND device.person_id = reader.person_id
            AND device.push ->> 'channel' = channel.kind AND {SIGNED_IN}
          UNION ALL
          SELECT '' WHERE channel.kind = 'apprise'
            AND (strpos(channel.url, '{{address}}') = 0 OR preference.addresses ->> channel.name <> '')
        ) AS target
      ) AS ranked WHERE turn = 1"""


# One row: what the county grants each reader of the day that `now` lies in. What cannot be read is as usual.
_TERMS = """
terms AS (
  SELECT local.day, CAST(local.day AS timestamp) AT TIME ZONE county.timezone AS since,
    CASE WHEN county.settings ->> 'notices_per_day' ~ '^[1-9][0-9]{0,3}$'
      THEN CAST(county.settings ->> 'notices_per_day' AS int) ELSE :usual END AS most
  FROM county
  CROSS JOIN LATERAL (SELECT CAST(CAST(:now AS timestamptz) AT TIME ZONE county.timezone AS date) AS day) AS local
  WHERE county.id = :county_id
)"""

# How much of it is left: a place is kept for the summary until that is told.
_READERS = """
reader AS (
  SELECT asked.person_id, terms.most - (
      SELECT count(*) FROM notice
      WHERE notice.county_id = :county_id AND notice.person_id = asked.person_id
        AND notice.created_at >= terms.since AND notice.kind <> ALL(CAST(:urgent AS text[]))
    ) - CASE WHEN EXISTS (
      SELECT FROM notice
      WHERE notice.county_id = :county_id AND notice.person_id = asked.person_id
        AND notice.created_at >= terms.since AND notice.kind = :summary
    ) THEN 0 ELSE 1 END AS room,
    EXISTS (
      SELECT FROM post
      WHERE post.county_id = :county_id AND post.person_id = asked.person_id
        AND post.role = ANY(CAST(:leading AS text[]))
        AND post.from_date <= terms.day AND (post.until_date IS NULL OR post.until_date > terms.day)
    ) AS leads
  FROM (SELECT DISTINCT person_id FROM asked) AS asked CROSS JOIN terms
)"""


def _tell(only: str = "true") -> str:
    return f"""
WITH asked AS (
  SELECT * FROM unnest(CAST(:ids AS uuid[]), CAST(:person_ids AS uuid[]), CAST(:kinds AS text[]),
    CAST(:occasions AS text[]), CAST(:abouts AS text[]), CAST(:untils AS timestamptz[]),
    CAST(:todays AS boolean[])) WITH ORDINALITY
    AS asked (id, person_id, kind, occasion, about, until, today, place)
), {_TERMS}, {_READERS}, fresh AS (
  SELECT DISTINCT ON (asked.person_id, asked.occasion) asked.*, reader.room,
    asked.kind = :summary OR asked.kind = ANY(CAST(:urgent AS text[])) AS always,
    reader.leads AND NOT asked.today AS waits
  FROM asked JOIN reader USING (person_id)
  WHERE NOT EXISTS (
      SELECT FROM notice WHERE notice.county_id = :county_id AND notice.person_id = asked.person_id
        AND notice.occasion = asked.occasion)
    AND NOT EXISTS (
      SELECT FROM deferred_notice AS deferred WHERE deferred.county_id = :county_id
        AND deferred.person_id = asked.person_id AND deferred.occasion = asked.occasion)
  ORDER BY asked.person_id, asked.occasion, asked.place
), sorted AS (
  SELECT fresh.*, always OR (NOT waits AND row_number() OVER (
    PARTITION BY person_id, always, waits ORDER BY place) <= room) AS singly
  FROM fresh
), told AS (
  INSERT INTO notice (county_id, id, person_id, kind, occasion, about, created_at, until)
  SELECT :county_id, id, person_id, kind, occasion, CAST(about AS jsonb), :now, until FROM sorted WHERE singly
  ON CONFLICT (county_id, person_id, occasion) DO NOTHING RETURNING id AS notice_id, person_id, kind
), deferred AS (
  INSERT INTO deferred_notice (county_id, id, person_id, kind, occasion, about, created_at)
  SELECT :county_id, id, person_id, kind, occasion, CAST(about AS jsonb), :now FROM sorted WHERE NOT singly
  ON CONFLICT (county_id, person_id, occasion) DO NOTHING
), route AS ({routes("told", only)})
INSERT INTO delivery (county_id, id, notice_id, channel, device_id, urgent, due_at, created_at, changed_at)
SELECT :county_id, {NEW_ID}, notice_id, channel, device_id, told.kind = ANY(CAST(:urgent AS text[])),
  :now, :now, :now
FROM route JOIN told USING (notice_id) RETURNING id
"""


# Who has been told of an occasion is not told again. The readers are held, so that two who tell one person at once
# cannot both have the day's last place.
TELL = Statement(Id, _tell())
TELL_BY = Statement(Id, _tell("channel.name = :channel"))

# The one look across counties, for the clock: which channels have something to send.
WITH_DUE = Statement(
    DueRow,
    """
SELECT county_id, name, kind, timezone, settings FROM channels_with_due(:now) ORDER BY county_id, place, name
""",
)

# As many as the channel's rate leaves room for. What somebody else is at is passed over.
TAKE = Statement(
    TakenRow,
    f"""
WITH channel AS (
  SELECT name, kind, enabled, url, for_group, per_minute, least(per_minute,
      allowance + coalesce(extract(epoch FROM CAST(:now AS timestamptz) - allowance_at) / 60, 1) * per_minute
    ) AS room
  FROM notice_channel
  WHERE county_id = :county_id AND name = :channel AND (paused_until IS NULL OR paused_until <= :now)
  FOR UPDATE
), due AS (
  SELECT delivery.id, notice.read_at IS NOT NULL OR coalesce(notice.until <= :now, false) AS needless
  FROM delivery JOIN notice ON notice.county_id = :county_id AND notice.id = delivery.notice_id
  WHERE delivery.county_id = :county_id AND delivery.channel = :channel AND delivery.status = 'waiting'
    AND delivery.due_at <= :now AND (delivery.urgent OR NOT CAST(:quiet AS boolean))
  ORDER BY delivery.urgent DESC, delivery.due_at
  LIMIT (SELECT coalesce(max(least(:most, coalesce(floor(room), :most))), 0) FROM channel)
  FOR UPDATE OF delivery SKIP LOCKED
), needless AS (
  UPDATE delivery SET status = 'needless', changed_at = :now FROM due
  WHERE delivery.county_id = :county_id AND delivery.id = due.id AND due.needless
), taken AS (
  UPDATE delivery SET attempts = attempts + 1, due_at = :again_at, changed_at = :now FROM due
  WHERE delivery.county_id = :county_id AND delivery.id = due.id AND NOT due.needless
  RETURNING delivery.id, delivery.notice_id, delivery.device_id, delivery.attempts, delivery.urgent
), spent AS (
  UPDATE notice_channel SET allowance = channel.room - (SELECT count(*) FROM taken), allowance_at = :now
  FROM channel
  WHERE notice_channel.county_id = :county_id AND notice_channel.name = channel.name
    AND channel.per_minute IS NOT NULL
)
SELECT taken.*, notice.person_id, notice.kind, notice.about, person.name AS person_name,
  CASE WHEN NOT EXISTS (
    SELECT FROM person AS successor WHERE successor.county_id = :county_id AND successor.phone = person.phone
      AND successor.from_date >= person.until_date
  ) THEN person.phone END AS phone,
  device.push, coalesce(preference.language, 'zh-CN') AS language,
  preference.addresses ->> channel.name AS address, own.title, own.body,
  channel.enabled, channel.url, channel.for_group
FROM taken CROSS JOIN channel
JOIN notice ON notice.county_id = :county_id AND notice.id = taken.notice_id
JOIN person ON person.county_id = :county_id AND person.id = notice.person_id
LEFT JOIN notice_preference AS preference
  ON preference.county_id = :county_id AND preference.person_id = notice.person_id
LEFT JOIN device ON device.county_id = :county_id AND device.id = taken.device_id
  AND device.person_id = notice.person_id AND device.push ->> 'channel' = channel.kind AND {SIGNED_IN}
LEFT JOIN notice_template AS own ON own.county_id = :county_id AND own.kind = notice.kind
  AND own.language = coalesce(preference.language, 'zh-CN')
ORDER BY taken.urgent DESC, taken.id
""",
)

# Two dispatchers that each give up one phone of the same reader would each see the other's still waiting.
LOCK_NOTICES = Statement(
    Id,
    """
SELECT id FROM notice WHERE county_id = :county_id AND id = ANY(CAST(:ids AS uuid[])) ORDER BY id FOR UPDATE
""",
)

# Whoever settles a delivery first has settled it.
SETTLE = Statement(
    Id,
    """
UPDATE delivery SET status = outcome.status, due_at = coalesce(outcome.due_at, delivery.due_at),
  reason = outcome.reason, reply = outcome.reply, changed_at = :now
FROM unnest(CAST(:ids AS uuid[]), CAST(:statuses AS text[]), CAST(:due_ats AS timestamptz[]),
  CAST(:reasons AS text[]), CAST(:replies AS text[])) AS outcome (id, status, due_at, reason, reply)
WHERE delivery.county_id = :county_id AND delivery.id = outcome.id AND delivery.status = 'waiting'
RETURNING delivery.id
""",
)

_NOT_TRIED = """NOT EXISTS (
  SELECT FROM delivery AS tried
  WHERE tried.county_id = :county_id AND tried.notice_id = reader.notice_id AND tried.channel = channel.name)"""

# Where nothing reached the reader and nothing is on its way: the next channel, or else the delivery is dead.
PASS_ON = Command(f"""
WITH stranded AS (
  SELECT DISTINCT failed.notice_id, notice.person_id, failed.urgent
  FROM delivery AS failed
  JOIN notice ON notice.county_id = :county_id AND notice.id = failed.notice_id
  WHERE failed.county_id = :county_id AND failed.id = ANY(CAST(:ids AS uuid[])) AND failed.status = 'failed'
    AND NOT EXISTS (
      SELECT FROM delivery AS other WHERE other.county_id = :county_id AND other.notice_id = failed.notice_id
        AND other.status NOT IN ('failed', 'dead'))
), route AS ({routes("stranded", _NOT_TRIED)}), passed AS (
  INSERT INTO delivery (county_id, id, notice_id, channel, device_id, urgent, due_at, created_at, changed_at)
  SELECT :county_id, {NEW_ID}, notice_id, channel, device_id, urgent, :now, :now, :now
  FROM route JOIN stranded USING (notice_id) RETURNING notice_id
)
UPDATE delivery SET status = 'dead'
WHERE county_id = :county_id AND id = ANY(CAST(:ids AS uuid[])) AND status = 'failed'
  AND notice_id IN (SELECT notice_id FROM stranded) AND notice_id NOT IN (SELECT notice_id FROM passed)
""")

PAUSE = Command("""
UPDATE notice_channel SET paused_until = :until, paused_reason = :reason
WHERE county_id = :county_id AND name = :channel AND (paused_until IS NULL OR paused_until < :until)
""")

# What a new county begins with.
PUT_USUAL_CHANNELS = Command("""
INSERT INTO notice_channel (county_id, name, kind, position, enabled)
SELECT :county_id, kind, kind, position, :enabled
FROM unnest(CAST(:kinds AS text[])) WITH ORDINALITY AS usual (kind, position)
ON CONFLICT DO NOTHING
""")

# Dead ones are sent again as if for the first time.
RESEND = Statement(
    Id,
    """
UPDATE delivery SET status = 'waiting', attempts = 0, due_at = :now, changed_at = :now
WHERE county_id = :county_id AND status = 'dead'
  AND (CAST(:id AS uuid) IS NULL OR id = :id) AND (CAST(:channel AS text) IS NULL OR channel = :channel)
RETURNING id
""",
)
