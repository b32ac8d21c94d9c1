-- duty_now: what the row in `duty` has to say.
--
-- A duty is closed by a round of closing; one that waited past its time, by the review that ends the wait. One that was
-- closed is open again when what has come since could meet it.
  SELECT awaited.*, CASE
      WHEN awaited.required = 0 THEN 'excused'
      WHEN awaited.in_time >= awaited.required THEN 'met'
      WHEN awaited.done >= awaited.required THEN 'met_late'
      WHEN closing.at IS NOT NULL THEN 'missed'
      ELSE 'open'
    END AS status, closing.at AS closed_at
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
