"""`make bench`, or `python -m bench --help`."""

import argparse
import json
import os

from app.kernel import log
from bench import app, close, files, ingest, judge, notices, report


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench", description="How fast is it, beside pgbench on this machine?")
    parser.add_argument("--seconds", type=float, default=7, help="length of each part (default %(default)s)")
    parser.add_argument("--connections", type=int, default=64, help="phones posting at once (default %(default)s)")
    parser.add_argument("--people", type=int, default=close.PEOPLE, help="of the province (default %(default)s)")
    parser.add_argument("--notices", type=int, default=notices.NOTICES, help="to be sent (default %(default)s)")
    parser.add_argument(
        "--only",
        choices=("ingest", "judge", "close", "notices", "files", "app"),
        help="leave out the other parts",
    )
    parser.add_argument("--json", action="store_true", help="JSON on standard output instead of tables")
    asked = parser.parse_args()
    log.configure("error")
    options = {"seconds": asked.seconds, "connections": asked.connections, "cores": os.cpu_count()}
    results = {}
    tables = []
    if asked.only in {None, "ingest"}:
        rows = ingest.run(asked.seconds, asked.connections)
        results["ingest"] = report.write("ingest", options, rows)
        tables.append(report.table(rows))
    if asked.only in {None, "judge"}:
        lines = judge.run(asked.seconds)
        results["judge"] = report.write("judge", {"set": judge.SET, "cores": os.cpu_count()}, lines)
        tables.append(report.table(lines))
    if asked.only in {None, "close"}:
        closed, recounts = close.run(asked.people)
        results["close"] = report.write(
            "close", {"people": asked.people, "cores": os.cpu_count()}, [*closed, *recounts]
        )
        tables += [report.table(closed), report.table(recounts)]
    if asked.only in {None, "notices"}:
        sent, meanwhile = notices.run(asked.notices, asked.seconds)
        results["notices"] = report.write("notices", options | {"notices": asked.notices}, [*sent, *meanwhile])
        tables += [report.table(sent), report.table(meanwhile)]
    if asked.only in {None, "files"}:
        moved = files.run()
        results["files"] = report.write("files", {"rows": files.ROWS, "cores": os.cpu_count()}, moved)
        tables.append(report.table(moved))
    if asked.only in {None, "app"}:
        opened = app.run()
        results["app"] = report.write("app", {"cores": os.cpu_count()}, opened)
        tables.append(report.table(opened))
    print(json.dumps(results, indent=2) if asked.json else "\n\n".join(tables))


if __name__ == "__main__":
    main()
