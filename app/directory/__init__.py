"""The directory: a county and its settings, its responsibility tree, its people and its places."""

READS = frozenset({"device_session"})
"""Tables of other rooms that statements here read."""
