"""What the system has and what its packages offer. Looks only: dev/setup.py installs.

Needs only Python 3.11, for it runs before anything is installed.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Collection
from collections.abc import Set as AbstractSet
from pathlib import Path

from app.kernel.cluster import NEWEST, OLDEST

KNOWN = range(10, 31)  # versions of PostgreSQL that a system may offer; most of them are refused
IN_EVERY_DEBIAN = "postgresql"  # where apt knows no such package, it has no lists
_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_SHIM_BYTES = 10_000


class Unsuitable(Exception):  # noqa: N818 - it is the system that is
    """The system does not offer what is needed; the text says what is."""


def server_packages(offered: AbstractSet[str], installed: Collection[int] = ()) -> list[str]:
    """The packages of a PostgreSQL server with PostGIS. `installed` are servers that have no PostGIS.

    One of those gets PostGIS if it can; else it is the newest that the system offers. Raises `Unsuitable`.
    """
    tried = range(NEWEST, OLDEST - 1, -1)
    for version in sorted(tried, key=lambda version: version not in installed):
        names = [f"postgresql-{version}", f"postgresql-{version}-postgis-3"]
        if offered.issuperset(names):
            return names
    servers = [version for version in KNOWN if f"postgresql-{version}" in offered]
    if any(version in tried for version in servers):
        version = max(set(servers) & set(tried))
        raise Unsuitable(
            f"this system offers PostgreSQL {version}, but not postgresql-{version}-postgis-3."
            " On Ubuntu that lies in `universe`: sudo add-apt-repository universe"
        )
    has = f"has {', '.join(map(str, servers))}" if servers else "has none"
    raise Unsuitable(
        f"PostgreSQL {OLDEST} to {NEWEST} with PostGIS is needed; this system {has}."
        " Debian 12, Debian 13 and Ubuntu 24.04 have it. On another, add the packages of postgresql.org"
        " (https://wiki.postgresql.org/wiki/Apt), or name a database on another server in YEFANG_DATABASE_URL"
    )


def server_names() -> list[str]:
    """What to ask of the system's packages, so that `server_packages` can choose and explain."""
    return [f"postgresql-{version}{end}" for version in KNOWN for end in ("", "-postgis-3")]


def offered_packages(names: Collection[str]) -> set[str]:
    """Which of these Debian packages could be installed, by the lists that the system has."""
    if not shutil.which("apt-cache"):
        return set()
    asked = ["apt-cache", "policy", *names]
    said = subprocess.run(asked, capture_output=True, text=True, check=False, env=os.environ | {"LC_ALL": "C"})
    return with_candidate(said.stdout)


def with_candidate(policy: str) -> set[str]:
    """What `apt-cache policy` has a version of. A name that others only mention has the candidate `(none)`."""
    return set(re.findall(r"^(\S+):\n  Installed: .*\n  Candidate: (?!\(none\))", policy, re.MULTILINE))


def find_chromium() -> str | None:
    """The Chromium or Chrome on the `PATH`. A snap is none: it cannot see a test's files."""
    found = (shutil.which(name) for name in _BROWSERS)
    return next((path for path in found if path and not is_snap(Path(path))), None)


def is_snap(program: Path) -> bool:
    """A program under /snap, or Ubuntu's few lines of shell that call it or ask for it."""
    real = program.resolve()
    if real.name == "snap" or "/snap/" in str(program):
        return True
    return real.stat().st_size < _SHIM_BYTES and b"/snap/" in real.read_bytes()
