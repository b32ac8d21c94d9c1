"""What a record was told goes over with it; what both were told stays once."""

from app.kernel.statements import Command

_MOVED = """
UPDATE {table} SET person_id = :into_id WHERE county_id = :county_id AND person_id = :from_id AND NOT EXISTS (
    SELECT FROM {table} AS own WHERE own.county_id = :county_id AND own.person_id = :into_id{same})
"""


def _moved(table: str, same: str = "") -> str:
    return _MOVED.format(table=table, same=same and f" AND own.{same} = {table}.{same}")


TAKE_OVER = Command(f"""
WITH notices AS ({_moved("notice", "occasion")}),
  deferred AS ({_moved("deferred_notice", "occasion")}),
  turn AS ({_moved("summary_turn")}),
  templates AS (
    UPDATE notice_template SET changed_by = :into_id WHERE county_id = :county_id AND changed_by = :from_id
  )
{_moved("notice_preference")}
""")
