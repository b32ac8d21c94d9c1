"""Rows of measurements: as a table for people, as JSON for programs."""

import json
import statistics
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results"


@dataclass
class Row:
    """One line about ingest. CPU times are microseconds for each check-in, of all processors together."""

    name: str
    processes: int | None  # of the API; None for pgbench
    per_second: float
    against_pgbench: float | None
    p50_ms: float
    p99_ms: float
    server_us: float | None
    database_us: float


@dataclass
class JudgeRow:
    """One line about the judge alone; memory is what the index added to its process."""

    polygons: int
    vertices: int
    fixes_per_second: float
    load_s: float
    memory_mib: float


def percentiles(latencies_ms: Sequence[float]) -> tuple[float, float]:
    """The 50th and the 99th."""
    cuts = statistics.quantiles(latencies_ms, n=100)
    return cuts[49], cuts[98]


def write(name: str, options: dict[str, Any], rows: Sequence[Any]) -> dict[str, Any]:
    """Keep the rows in bench/results/, and return what was written."""
    result = {"options": options, "rows": [_rounded(asdict(row)) for row in rows]}
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{name}.json"
    path.write_text(json.dumps(result, indent=2) + "\n")
    say(f"written to {path}")
    return result


def table(rows: Sequence[Any]) -> str:
    """Columns as wide as what is in them; a dash for what was not measured."""
    lines = [list(asdict(rows[0])), *([_shown(value) for value in asdict(row).values()] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if first == 0 else cell.rjust(width)
            for first, (cell, width) in enumerate(zip(line, widths, strict=True))
        )
        for line in lines
    )


def say(what: str) -> None:
    print(f"bench: {what}", file=sys.stderr, flush=True)


def _rounded(row: dict[str, Any]) -> dict[str, Any]:
    return {name: round(value, 3) if isinstance(value, float) else value for name, value in row.items()}


def _shown(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, float):
        return f"{value:,.0f}" if value >= 100 else f"{value:.2f}"
    return str(value)
