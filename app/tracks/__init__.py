"""Optional GPS tracks of whole visits, and the stays in villages that they show."""

READS = frozenset({"county"})
"""Tables of other rooms that statements here read."""
