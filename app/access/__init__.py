"""How people get in: sign-in, sessions, devices, keys of tracking apps, and what these sent in vain (隔离)."""

READS = frozenset({"county", "person", "person_merge", "post", "unit"})
"""Tables of other rooms that statements here read."""
