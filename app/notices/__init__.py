"""Notices (通知): what people are told, when, by which channel, and whether it arrived."""

READS = frozenset({"county", "device", "device_session", "person", "post"})
"""Tables of other rooms that statements here read."""
