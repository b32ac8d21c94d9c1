"""Words of a check-in."""

PURPOSES = ("household_visit", "village_duty", "night_visit", "inspection", "activity")
PLACES = ("inside", "near", "outside", "unsure")
STANDINGS = ("counted", "held", "outside", "refused")
POSITION_PROBLEMS = ("denied", "timeout", "unavailable")
