-- duty_now: what the row in `duty` has to say.
--
-- A duty is closed by a round of closing; one that waited past its time, by the review that ends the wait. One that was
-- closed is open again when what has come since could meet it. One that is settled stays as it is.
  SELECT awaited.person_id, awaited.rule_id, awaited.start, awaited.id, awaited.before, awaited.stored, said.*
  FROM awaited
  CROSS JOIN LATERAL (
    SELECT CASE
      WHEN :now < awaited.review_due_at THEN NULL
      WHEN (awaited.stored).closed_at IS NOT NULL THEN (awaited.stored).closed_at
      WHEN awaited.closes_at <= :now AND (CAST(:closing AS boolean)
          OR (awaited.review_due_at IS NULL AND (awaited.stored).review_due_at IS NOT NULL))
        THEN CAST(:now AS timestamptz)
    END AS at
  ) AS closing
  CROSS JOIN LATERAL (
    SELECT awaited.version, awaited.next_start, awaited.closes_at, awaited.required, awaited.rule_days,
      awaited.days_there, awaited.excuse, awaited.calendar_assumed, awaited.done, awaited.pending_review, CASE
        WHEN awaited.required = 0 THEN 'excused'
        WHEN awaited.in_time >= awaited.required THEN 'met'
        WHEN awaited.done >= awaited.required THEN 'met_late'
        WHEN closing.at IS NOT NULL THEN 'missed'
        ELSE 'open'
      END AS status, closing.at AS closed_at, awaited.review_due_at, awaited.last_visit_at
    WHERE NOT awaited.settled
    UNION ALL
    SELECT (stored).rule_version, (stored).period_end + 1, (stored).closes_at, (stored).required, (stored).days,
      (stored).days_there, (stored).excuse, (stored).calendar_assumed, (stored).done, (stored).pending_review,
      (stored).status, (stored).closed_at, (stored).review_due_at, (stored).last_visit_at
    WHERE awaited.settled
  ) AS said
