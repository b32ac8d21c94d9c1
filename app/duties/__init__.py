"""Duties (任务): rules, what is owed and done, flags, appeals, leave, the calendar."""

READS = frozenset(
    {
        "assignment",
        "check_in",
        "county",
        "device",
        "household",
        "person",
        "post",
        "rejudgement",
        "review",
        "stay",
        "unit",
        "village",
    }
)
"""Tables of other rooms that statements here read."""
