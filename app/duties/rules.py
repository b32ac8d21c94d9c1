"""Words of duties."""

MEASURES = ("nights", "visits", "distinct_households", "village_days")
PERIOD_KINDS = ("week", "month", "quarter", "half_year", "year")
COUNTS_IN = ("assigned", "unit", "county")
DUTY_STATUSES = ("open", "met", "met_late", "missed", "excused")
FLAG_STATUSES = ("open", "acknowledged", "cleared", "withdrawn")
