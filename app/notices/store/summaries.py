"""All statements of daily summaries: whose turn it is, and what waited for them."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from app.kernel.statements import Id, Statement


class TurnRow(NamedTuple):
    """Until when a person's summaries have told them."""

    person_id: UUID
    told_until: datetime | None


# Who leads is looked at every day, whether there is news or not; others when something has waited since before
# their hour. A turn is due when the last such hour has passed since; `midnight` keeps it to one a day. Whoever
# moves it on tells the person; another worker waits, and then finds it moved. An hour that is quiet is put off to
# the end of the quiet ones.
TAKE_TURNS = Statement(
    TurnRow,
    """
WITH today AS (
  SELECT CAST(CAST(:now AS timestamptz) AT TIME ZONE timezone AS date) AS day FROM county WHERE id = :county_id
), leader AS (
  SELECT DISTINCT post.person_id FROM post CROSS JOIN today
  WHERE post.county_id = :county_id AND post.role = ANY(CAST(:leading AS text[]))
    AND post.from_date <= today.day AND (post.until_date IS NULL OR post.until_date > today.day)
), waiting AS (
  SELECT person_id, min(created_at) AS since FROM deferred_notice
  WHERE county_id = :county_id AND summary_id IS NULL GROUP BY person_id
), reader AS (
  SELECT person.id AS person_id, turn.told_until, CASE
      WHEN leader.person_id IS NULL THEN greatest(turn.told_until, waiting.since)
      ELSE coalesce(turn.told_until, CAST(:midnight AS timestamptz) - interval '1 second') END AS idle_since,
    CAST(:midnight AS timestamptz) + make_interval(mins => CASE
      WHEN mod(wanted.at - :quiet_from + 1440, 1440) < :quiet_min THEN :quiet_until ELSE wanted.at END) AS hour
  FROM leader FULL JOIN waiting USING (person_id)
  JOIN person ON person.county_id = :county_id AND person.id = coalesce(leader.person_id, waiting.person_id)
  CROSS JOIN today
  LEFT JOIN summary_turn AS turn ON turn.county_id = :county_id AND turn.person_id = person.id
  LEFT JOIN notice_preference AS preference
    ON preference.county_id = :county_id AND preference.person_id = person.id
  CROSS JOIN LATERAL (SELECT coalesce(preference.summary_at, :usual) AS at) AS wanted
  WHERE person.from_date <= today.day AND (person.until_date IS NULL OR person.until_date > today.day)
), due AS (
  SELECT person_id, told_until FROM reader
  WHERE (told_until IS NULL OR told_until < :midnight)
    AND idle_since < CASE WHEN hour <= :now THEN hour ELSE hour - interval '1 day' END
  ORDER BY person_id LIMIT :limit
), taken AS (
  INSERT INTO summary_turn (county_id, person_id, told_until)
  SELECT :county_id, person_id, :now FROM due
  ON CONFLICT (county_id, person_id) DO UPDATE SET told_until = excluded.told_until
  WHERE summary_turn.told_until < :midnight
  RETURNING person_id
)
SELECT person_id, due.told_until FROM taken JOIN due USING (person_id) ORDER BY person_id
""",
)

# Told by the summary of the occasion, where that went out.
FOLD = Statement(
    Id,
    """
UPDATE deferred_notice AS deferred SET summary_id = summary.id
FROM notice AS summary
WHERE deferred.county_id = :county_id AND deferred.summary_id IS NULL
  AND deferred.person_id = ANY(CAST(:person_ids AS uuid[]))
  AND summary.county_id = :county_id AND summary.person_id = deferred.person_id
  AND summary.occasion = :occasion
RETURNING deferred.id
""",
)
