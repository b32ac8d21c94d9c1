-- awaited: the tally beside what was asked, and how long what awaits review keeps a duty open.
--
-- What is held could meet a duty from when the last one needed of them was held: later ones, which somebody may upload
-- for ever, move nothing.
  SELECT asked.*, coalesce(tally.done, 0) AS done, coalesce(tally.pending_review, 0) AS pending_review,
    coalesce(tally.in_time, 0) AS in_time, tally.last_visit_at,
    CASE WHEN tally.held_since[asked.required - tally.done] IS NOT NULL
      THEN greatest(asked.closes_at, tally.held_since[asked.required - tally.done]) + {review_wait}
    END AS review_due_at
  -- Nothing is tallied that is not asked, so that FULL means LEFT; but it is never done by a loop in a loop.
  FROM asked FULL JOIN tally USING (person_id, rule_id, start)
