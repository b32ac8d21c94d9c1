-- asked: one row for each duty that is owed, or that has a row already, with how much is owed.
--
-- Someone is `there` on the days on which they serve, and have an assignment where only assigned villages count. A
-- duty is owed as `RuleTerms` says, for the person or for each household on its own days; of what a day gives once,
-- never more than there are days. Where nothing is owed after all, its row stays and is `excused`.
  SELECT scope.person_id, span.*, duty.id, duty.status AS before, duty AS stored,
    owing.days_there, owing.required, CASE
      WHEN owing.required > 0 THEN NULL
      WHEN person.merged_into IS NOT NULL THEN 'merged'
      WHEN waiver.at IS NOT NULL THEN 'appeal'
      WHEN NOT span.governs THEN 'rule'
      WHEN NOT concerned.person THEN 'category'
      WHEN span.rule_days = 0 THEN 'days_off'
      WHEN NOT owing.present OR part.days_served = 0 THEN 'presence'
      WHEN part.days_there = 0 THEN 'leave'
      ELSE 'rounding'
    END AS excuse
  FROM scope
  -- Two columns joined as one record: else the planner believes that next to nothing is left, and loops over everybody
  -- for everybody.
  JOIN span ON CAST((span.rule_id, span.start) AS record) = CAST((scope.rule_id, scope.start) AS record)
  JOIN person ON person.county_id = :county_id AND person.id = scope.person_id
  LEFT JOIN duty ON duty.county_id = :county_id AND duty.person_id = scope.person_id
    -- No index serves IS NOT DISTINCT FROM: with older statistics than the period, a person's duty would be looked for
    -- among everybody's of the rule.
    AND duty.rule_id IS NOT DISTINCT FROM scope.rule_id AND duty.period_start = scope.start
  LEFT JOIN duty_waiver AS waiver ON waiver.county_id = :county_id AND waiver.person_id = scope.person_id
    AND waiver.rule_id = scope.rule_id AND waiver.period_start = scope.start
  -- Whether the rule means this person. OFFSET 0, here and below: nothing is worked out twice.
  CROSS JOIN LATERAL (
    SELECT person.category = ANY(span.categories) AND person.id <> ALL(span.except_ids)
      AND (cardinality(span.unit_ids) = 0 OR EXISTS (
        SELECT FROM unit AS above JOIN unit AS own ON own.county_id = :county_id AND own.path <@ above.path
        WHERE above.county_id = :county_id AND above.id = ANY(span.unit_ids)
          AND own.id IN (person.unit_id, person.department_id))) AS person
    OFFSET 0
  ) AS concerned
  -- The days of the period on which they serve, and have an assignment where that is asked for.
  CROSS JOIN LATERAL (
    SELECT datemultirange(daterange(span.start, span.next_start))
      * datemultirange(daterange(person.from_date, person.until_date))
      * CASE WHEN span.counts_in <> 'assigned' THEN datemultirange(daterange(NULL, NULL)) ELSE coalesce((
          SELECT range_agg(daterange(assignment.from_date, assignment.until_date)) FROM assignment
          WHERE assignment.county_id = :county_id AND assignment.person_id = scope.person_id), '{}') END AS days
    OFFSET 0
  ) AS there
  -- Approved leave, in half days.
  CROSS JOIN LATERAL (
    SELECT range_agg(tsrange(from_half, least(until_half, returned_half))) AS halves FROM leave
    WHERE leave.county_id = :county_id AND leave.person_id = scope.person_id AND leave.status = 'approved'
      AND from_half < span.next_start AND least(until_half, returned_half) > span.start
    OFFSET 0
  ) AS away
  CROSS JOIN LATERAL (
    {days(there.days)}
    OFFSET 0
  ) AS presence
  -- The amount, of the person or of each household, by the rule's way to share a part of a period.
  CROSS JOIN LATERAL (
    SELECT sum(each.days_served) AS days_served, sum(each.days_there) AS days_there,
      bool_or(span.share <> 'whole' OR each.days_served = span.rule_days) AS present,
      CASE span.share
        WHEN 'whole' THEN sum(span.amount) FILTER (WHERE each.days_served = span.rule_days AND each.days_there > 0)
        WHEN 'cap' THEN sum(least(span.amount, floor(each.days_there)))
        ELSE floor(span.amount * sum(each.days_there) / nullif(span.rule_days, 0) + 0.5) END AS amount
    FROM (
      SELECT presence.days_served, presence.days_there
      WHERE span.per = 'person' AND NOT isempty(there.days)
      UNION ALL
      SELECT theirs.days_served, theirs.days_there
      FROM (
        SELECT there.days * range_agg(daterange(assignment.from_date, assignment.until_date)) AS days
        FROM assignment
        WHERE span.per = 'household' AND assignment.county_id = :county_id
          AND assignment.person_id = scope.person_id AND assignment.household_id IS NOT NULL
        GROUP BY assignment.household_id
      ) AS house
      CROSS JOIN LATERAL ({days(house.days)}) AS theirs
      WHERE NOT isempty(house.days)
    ) AS each
    OFFSET 0
  ) AS part
  -- What is owed in the end: nothing after a waiver won on appeal.
  CROSS JOIN LATERAL (
    SELECT presence.days_there, span.governs AND concerned.person AS named,
      coalesce(part.present, false) AS present,
      CAST(CASE WHEN NOT (span.governs AND concerned.person) OR waiver.at IS NOT NULL THEN 0
        ELSE least(coalesce(part.amount, 0), CASE WHEN span.measure IN ({once_a_day})
          THEN floor(presence.days_there) END) END AS int) AS required
    OFFSET 0
  ) AS owing
  WHERE scope.start <= CAST(CAST(:now AS timestamptz) AT TIME ZONE :timezone AS date)
    AND ((owing.named AND owing.present AND NOT span.settled) OR duty.id IS NOT NULL)
