"""`make bench`, or `python -m bench --help`."""

import argparse
import json
import os

from app.kernel import log
from bench import ingest, judge, report


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench", description="How fast is it, beside pgbench on this machine?")
    parser.add_argument("--seconds", type=float, default=7, help="length of each part (default %(default)s)")
    parser.add_argument("--connections", type=int, default=64, help="phones posting at once (default %(default)s)")
    parser.add_argument("--only", choices=("ingest", "judge"), help="leave out the other half")
    parser.add_argument("--json", action="store_true", help="JSON on standard output instead of tables")
    asked = parser.parse_args()
    log.configure("error")
    options = {"seconds": asked.seconds, "connections": asked.connections, "cores": os.cpu_count()}
    results = {}
    tables = []
    if asked.only != "judge":
        rows = ingest.run(asked.seconds, asked.connections)
        results["ingest"] = report.write("ingest", options, rows)
        tables.append(report.table(rows))
    if asked.only != "ingest":
        lines = judge.run(asked.seconds)
        results["judge"] = report.write("judge", {"set": judge.SET, "cores": os.cpu_count()}, lines)
        tables.append(report.table(lines))
    print(json.dumps(results, indent=2) if asked.json else "\n\n".join(tables))


if __name__ == "__main__":
    main()
