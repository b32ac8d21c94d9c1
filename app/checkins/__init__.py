"""Check-ins (签到): what phones say, what is judged from it, reviews and what was found on site."""

READS = frozenset({"assignment", "contact", "device_session", "geofence", "person", "village"})
"""Tables of other rooms that statements here read."""
