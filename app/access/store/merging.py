"""What gets a person in, of a record that went into another: both phones go on, one number signs in."""

from app.kernel.statements import Command, Statement

# Phones stay signed in, as the one who stays: their next refresh tells them, and what they still hold comes in.
TAKE_OVER = Statement(
    int,
    """
WITH sessions AS (
  UPDATE device_session SET person_id = CASE WHEN person_id = :from_id THEN :into_id ELSE person_id END,
    issued_by = CASE WHEN issued_by = :from_id THEN :into_id ELSE issued_by END
  WHERE county_id = :county_id AND (person_id = :from_id OR issued_by = :from_id)
  RETURNING person_id, ended_at
), devices AS (
  UPDATE device SET person_id = :into_id WHERE county_id = :county_id AND person_id = :from_id AND NOT EXISTS (
    SELECT FROM device AS own WHERE own.county_id = :county_id AND own.person_id = :into_id AND own.id = device.id)
), contacts AS (
  UPDATE contact SET person_id = :into_id WHERE county_id = :county_id AND person_id = :from_id AND NOT EXISTS (
    SELECT FROM contact AS own WHERE own.county_id = :county_id AND own.person_id = :into_id
      AND own.device_id = contact.device_id AND own.at = contact.at)
), pushes AS (
  UPDATE push_owner SET person_id = :into_id WHERE county_id = :county_id AND person_id = :from_id
), second_factors AS (
  UPDATE second_factor SET person_id = :into_id WHERE county_id = :county_id AND person_id = :from_id
    AND NOT EXISTS (
      SELECT FROM second_factor AS own WHERE own.county_id = :county_id AND own.person_id = :into_id)
), tries AS (
  UPDATE sign_in_event SET person_id = :into_id WHERE county_id = :county_id AND person_id = :from_id
), quarantined AS (
  UPDATE quarantine SET person_id = :into_id WHERE county_id = :county_id AND person_id = :from_id
), codes AS (
  UPDATE activation SET
    person_id = CASE WHEN person_id = :from_id THEN :into_id ELSE person_id END,
    made_by = CASE WHEN made_by = :from_id THEN :into_id ELSE made_by END,
    replaced_at = CASE WHEN person_id = :from_id AND used_at IS NULL THEN coalesce(replaced_at, :now)
      ELSE replaced_at END
  WHERE county_id = :county_id AND (person_id = :from_id OR made_by = :from_id)
)
SELECT count(*) AS open FROM sessions WHERE ended_at IS NULL AND person_id = :into_id
""",
)
# The account of the one who stays is kept; where only the other has one, it goes over to the number of who stays.
DROP_ACCOUNT = Command("""
DELETE FROM sign_in WHERE county_id = :county_id AND person_id = :from_id AND EXISTS (
  SELECT FROM sign_in AS own WHERE own.county_id = :county_id AND own.person_id = :into_id)
""")
GIVE_ACCOUNT = Command("""
UPDATE sign_in SET person_id = :into_id, phone = person.phone
FROM person WHERE person.county_id = :county_id AND person.id = :into_id
  AND sign_in.county_id = :county_id AND sign_in.person_id = :from_id
""")
