"""What people were told is deleted after its time, with how it reached them."""

from app.kernel.statements import Command

DELETE_NOTICES = Command("""
WITH old AS (
  SELECT id FROM notice WHERE county_id = :county_id AND created_at < :before LIMIT :limit
), sent AS (
  DELETE FROM delivery USING old WHERE delivery.county_id = :county_id AND delivery.notice_id = old.id
)
DELETE FROM notice USING old WHERE notice.county_id = :county_id AND notice.id = old.id
""")
DELETE_DEFERRED = Command("""
DELETE FROM deferred_notice WHERE county_id = :county_id AND id IN (
  SELECT id FROM deferred_notice WHERE county_id = :county_id AND created_at < :before LIMIT :limit)
""")
