"""first tables: the SQL beside this file, one file for each room.

It stands for 23 steps that were made while nothing was released. The last of them was 0023, and this one goes by that
number: a database that had come so far is up to date. The next is 0024.
"""

import re
from pathlib import Path

from alembic import op

revision = "0023"
down_revision = None
branch_labels = None
depends_on = None

# Rooms whose tables others refer to come first.
_ROOMS = ("kernel", "directory", "access", "checkins", "photos", "tracks", "notices", "duties")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    sql = _sql()
    # For the driver, all at once: what SQLAlchemy executes is prepared, and so has to be a single statement.
    op.get_bind().connection.dbapi_connection.run_async(lambda driver: driver.execute(sql))


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    for kind in ("TABLE", "FUNCTION"):
        for name in reversed(re.findall(rf"^CREATE {kind} (\w+)", _sql(), re.MULTILINE)):
            op.execute(f"DROP {kind} {name}")


def _sql() -> str:
    folder = Path(__file__).with_suffix("")
    return "\n".join((folder / f"{room}.sql").read_text(encoding="utf-8") for room in _ROOMS)
