"""What the database can do by itself: pgbench records visits one by one, judged beforehand.

A transaction does what the server does for one visit and no more: it takes the person's lock, inserts the row and
runs the server's own recount. pgbench is C, has a thread a core and keeps its statements prepared.
"""

import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from app.duties.store.duties import RECOUNT_MOMENTS
from app.kernel.cluster import find_postgresql
from bench import county

_PERSON = f"""
\\set number random(1, {county.HELPERS})
"""
_INSERT = """
INSERT INTO check_in (county_id, id, person_id, device_id, captured_at, fixed_at, received_at, crs, raw_lon,
  raw_lat, accuracy_m, purpose, note, photo_ids, content_hash, position, village_id, geofence_version,
  found_in_village_id, place, distance_m, confidence, standing, reasons)
SELECT p.county_id, gen_random_uuid(), p.id, 'phone', now(), now(), now(), 'wgs84', 106.2, 24.3, 12,
  'household_visit', '', '{}', decode(repeat('00', 32), 'hex'), ST_SetSRID(ST_MakePoint(106.2, 24.3), 4326),
  a.village_id, 1, a.village_id, 'inside', 0, 0.99, 'counted', '[]'
FROM person p JOIN assignment a ON a.county_id = p.county_id AND a.person_id = p.id
WHERE p.county_id = :county_id AND p.id = CAST(:person AS uuid);
"""
# The recount's parameters come from pgbench's variables of the same names.
_LOCK = """
SELECT id AS person, format('{%s}', id) AS person_ids, format('{"%s"}', now()) AS moments, now() AS now
FROM person WHERE county_id = :county_id AND phone = CAST(19000000000 + :number AS text) FOR NO KEY UPDATE \\gset
"""
INSERT_ONLY = _PERSON + _INSERT.replace(
    "p.id = CAST(:person AS uuid)", "p.phone = CAST(19000000000 + :number AS text)"
)
INSERT_AND_RECOUNT = f"{_PERSON}BEGIN;{_LOCK}{_INSERT}{RECOUNT_MOMENTS.sql.strip()};\nCOMMIT;\n"
_PARAMETERS = {"county_id": county.COUNTY, "timezone": "Asia/Shanghai", "closing": "false"}
# Connections open, caches fill and statements are planned; the server has this behind it, too.
_WARM_UP_S = 3


@dataclass(frozen=True)
class Measured:
    """Transactions that ended within the time measured."""

    per_second: float
    latencies_ms: list[float]
    cpu_s: float


def run(script: str, url: str, *, clients: int, seconds: float, cpu_s: Callable[[], float]) -> Measured:
    """Run `script` by pgbench for `seconds` after a warm-up; `cpu_s` tells the processor time of the database."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "script.sql").write_text(script)
        command = [
            *(str(find_postgresql() / "pgbench"), "--no-vacuum", "--protocol=prepared"),
            *(f"--client={clients}", "--jobs=2", f"--time={_WARM_UP_S + round(seconds + 1)}"),
            *(f"--define={name}={value}" for name, value in _PARAMETERS.items()),
            *("--log", f"--log-prefix={folder}/log", f"--file={folder}/script.sql", url.replace("+asyncpg", "")),
        ]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as pgbench:
            time.sleep(_WARM_UP_S)
            started, cpu_before = time.time(), cpu_s()
            time.sleep(seconds)
            ended, cpu_after = time.time(), cpu_s()
            _, errors = pgbench.communicate()
        if pgbench.returncode:
            raise SystemExit(f"pgbench failed:\n{errors}")
        lines = [line.split() for log in Path(folder).glob("log*") for line in log.read_text().splitlines()]
    # Client, transaction, microseconds, script, and the second and microsecond in which it ended.
    inside = [int(line[2]) / 1000 for line in lines if started <= int(line[4]) + int(line[5]) / 1e6 < ended]
    return Measured(len(inside) / (ended - started), inside, cpu_after - cpu_before)
