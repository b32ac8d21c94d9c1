"""Decisions of the directory."""

from datetime import timedelta

UPLOAD_AFTER_SERVICE = timedelta(days=30)
"""Who has left, or was replaced, may so long still upload what was captured in service, and read their own."""
