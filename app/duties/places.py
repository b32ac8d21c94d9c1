"""Where and when a visit or a stay counts: conditions for `counting/`, about one row of its `asked`."""

# The village that a check-in speaks for: outside of the one it was judged against, the one that it was found in.
# One that somebody has accepted, or may yet, though it was found in none speaks for the one it was judged against.
HERE = """CASE WHEN {check_in}.standing = 'outside' THEN {check_in}.found_in_village_id
        WHEN {check_in}.place = 'outside' THEN coalesce({check_in}.found_in_village_id, {check_in}.village_id)
        ELSE coalesce({check_in}.village_id, {check_in}.found_in_village_id) END"""

# Whether all that makes a check-in count came before closing: a fix that followed too, unless a person vouches.
KNOWN_IN_TIME = """CASE WHEN {check_in}.position_added_at IS NULL OR EXISTS (
          SELECT FROM review WHERE review.county_id = :county_id AND review.check_in_id = {check_in}.id
            AND review.decision = 'count')
        THEN {check_in}.received_at ELSE greatest({check_in}.received_at, {check_in}.position_added_at) END
        < asked.closes_at"""

# What stands against a village on a day.
NOT_ASSIGNED = """asked.counts_in = 'assigned' AND NOT EXISTS (
        SELECT FROM assignment
        WHERE assignment.county_id = :county_id AND assignment.person_id = asked.person_id
          AND assignment.village_id = {village} AND assignment.from_date <= {day}
          AND (assignment.until_date IS NULL OR {day} < assignment.until_date))"""
NOT_IN_UNIT = """asked.counts_in = 'unit' AND NOT EXISTS (
        SELECT FROM village
        JOIN unit ON unit.county_id = :county_id AND unit.id = village.unit_id
        JOIN unit AS own ON own.county_id = :county_id AND own.path @> unit.path
        WHERE village.county_id = :county_id AND village.id = {village} AND (
          own.id = (SELECT unit_id FROM person WHERE county_id = :county_id AND id = asked.person_id)
          OR own.id IN (
            SELECT post.unit_id FROM post
            WHERE post.county_id = :county_id AND post.person_id = asked.person_id
              AND post.from_date <= {day} AND (post.until_date IS NULL OR {day} < post.until_date))))"""

# Where a rule wants a household and counts in one's own places, so must the household be: assigned itself, or with
# its whole village; or in one's units. Where a rule counts anywhere in the county, any household does.
NOT_THEIR_HOUSEHOLD = f"""asked.counts_in <> 'county' AND EXISTS (
        SELECT FROM household
        WHERE household.county_id = :county_id AND household.id = check_in.household_id AND (
          (asked.counts_in = 'assigned' AND NOT EXISTS (
            SELECT FROM assignment
            WHERE assignment.county_id = :county_id AND assignment.person_id = asked.person_id
              AND (assignment.household_id = household.id
                OR (assignment.household_id IS NULL AND assignment.village_id = household.village_id))
              AND assignment.from_date <= {{day}}
              AND (assignment.until_date IS NULL OR {{day}} < assignment.until_date)))
          OR ({NOT_IN_UNIT.replace("{village}", "household.village_id")})))"""
