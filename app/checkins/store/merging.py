"""Visits, and what was said of others' visits, go over with a record that goes into another of the same person."""

from uuid import UUID

from app.kernel.statements import Statement

# Evidence is not the service's to change: the owner's function lets it go over along a merge, and nowhere else.
TAKE_OVER = Statement(
    UUID,
    "SELECT id FROM give_evidence(:county_id, CAST(:from_id AS uuid), CAST(:into_id AS uuid)) AS id",
)
