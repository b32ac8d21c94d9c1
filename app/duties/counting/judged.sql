-- judged: each check-in with its one outcome, `counted` or why not.
--
-- Of those that stand for the same thing the first received is taken, and what is in time before what is late: a later
-- upload never turns a duty that was met in time into one that was met late. A held one only where no other stands.
  SELECT ranked.*, CASE
      WHEN obstacle IS NOT NULL THEN obstacle
      WHEN place_in_line > 1 THEN {repeated}
      WHEN standing = 'held' THEN 'held'
      ELSE 'counted'
    END AS code
  FROM (
    SELECT visit.*, row_number() OVER (
      PARTITION BY person_id, rule_id, start, obstacle IS NULL, stands_for
      ORDER BY standing = 'held', NOT in_time, received_at, visited_at, check_in_id) AS place_in_line
    FROM visit
  ) AS ranked
