"""Imports are deleted after their time: the file, what was found in it, how to take it back."""

from app.kernel.statements import Command

DELETE_IMPORTS = Command("""
DELETE FROM import_job WHERE county_id = :county_id AND id IN (
  SELECT id FROM import_job WHERE county_id = :county_id AND made_at < :before LIMIT :limit)
""")
