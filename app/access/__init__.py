"""How people get in: sign-in, sessions, devices, keys of tracking apps, and what these sent in vain (隔离)."""

READS = frozenset({"county", "person", "post", "unit"})
"""Tables of other rooms that statements here read."""
