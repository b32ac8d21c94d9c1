"""Installs what a command needs, and only what is missing: `python3 dev/setup.py demo|test`.

Debian packages, a virtual environment with the locked Python packages, and the supervisors' page. Run again, it
finds everything in place and says nothing. Needs only Python 3.11. What the programs said is in `var/setup.log`.
"""

import ctypes
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from app.kernel.cluster import ClusterError, find_postgresql  # noqa: E402
from dev.node import WEB, npm  # noqa: E402

LOG = ROOT / "var" / "setup.log"
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
LOCK = ROOT / "requirements-dev.lock"
PAGE = ROOT / "app" / "console" / "static" / "index.html"
FONTS = "/usr/share/fonts"

# Debian would make and start a server of its own with the package, which nobody asked for.
NO_MAIN_CLUSTER = (
    "mkdir -p /etc/postgresql-common/createcluster.d && "
    "echo 'create_main_cluster = false' > /etc/postgresql-common/createcluster.d/yefang.conf && "
)


def main() -> None:
    purpose = sys.argv[1] if len(sys.argv) == 2 else ""  # noqa: PLR2004
    if purpose not in {"demo", "test"}:
        sys.exit("usage: python3 dev/setup.py demo|test")
    install_debian_packages(for_tests=purpose == "test")
    install_python_packages()
    build_page()


def install_debian_packages(*, for_tests: bool) -> None:
    """Install what is missing, as root or with sudo; else print the one command to run, and stop."""
    database = [] if has_postgresql() else ["postgresql-15", "postgresql-15-postgis-3"]
    missing = database.copy()
    if not PYTHON.exists() and not importlib.util.find_spec("ensurepip"):
        missing.append(f"python3.{sys.version_info.minor}-venv")
    if for_tests and not loads("libatomic.so.1"):
        missing.append("libatomic1")  # for Playwright, which drives Chromium
    if for_tests and not shutil.which("chromium"):
        missing.append("chromium")
    if for_tests and not any(Path(FONTS).rglob("*CJK*")):
        missing.append("fonts-noto-cjk")
    if not missing:
        return
    command = (
        (NO_MAIN_CLUSTER if database else "")
        + "apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -yq --no-install-recommends "
        + " ".join(missing)
    )
    if not shutil.which("apt-get"):
        sys.exit(f"setup: this is no Debian; install what its packages {', '.join(missing)} hold, and try again")
    if os.geteuid() != 0 and not may_sudo():
        sys.exit(f'setup: Debian packages are missing. Run this, then try again:\n\n  sudo sh -c "{command}"')
    as_root = [] if os.geteuid() == 0 else ["sudo", "-n"]
    run(f"Debian packages {' '.join(missing)}", [*as_root, "sh", "-c", command])


def may_sudo() -> bool:
    """Without being asked for a password."""
    sudo = shutil.which("sudo")
    return bool(sudo) and subprocess.run([sudo, "-n", "true"], capture_output=True, check=False).returncode == 0


def has_postgresql() -> bool:
    try:
        find_postgresql()
    except ClusterError:
        return False
    return True


def loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def install_python_packages() -> None:
    """A virtual environment with what the lock file names, every file checked by its hash."""
    stamp = VENV / "set-up"
    wanted = digest([LOCK, ROOT / "pyproject.toml"])
    pip = VENV / "bin" / "pip"
    at_home = pip.exists() and PYTHON.exists() and f"{VENV}/" in pip.read_text()
    if at_home and stamp.exists() and stamp.read_text() == wanted:
        return
    if not at_home:  # none yet, or the clone was moved, or its Python is gone
        run("virtual environment .venv", [sys.executable, "-m", "venv", "--clear", VENV])
    install = [PYTHON, "-m", "pip", "install", "--disable-pip-version-check", "--no-input"]
    run(f"Python packages of {LOCK.name}", [*install, "--require-hashes", "-r", LOCK])
    run("yefang itself", [*install, "--no-deps", "--no-build-isolation", "-e", ROOT])
    stamp.write_text(wanted)


def build_page() -> None:
    """The supervisors' page, for the app to serve."""
    modules = WEB / "node_modules"
    lock = WEB / "package-lock.json"
    sources = [path for path in WEB.rglob("*") if path.is_file() and modules not in path.parents]
    installed, built = modules / ".yefang-installed", modules / ".yefang-built"
    if not holds(installed, digest([lock])):
        run("packages of the page", *npm("ci", "--no-audit", "--no-fund"))
        installed.write_text(digest([lock]))
    if not PAGE.exists() or not holds(built, digest(sources)):
        run("the page", *npm("run", "build"))
        built.write_text(digest(sources))


def holds(stamp: Path, wanted: str) -> bool:
    return stamp.exists() and stamp.read_text() == wanted


def digest(files: Iterable[Path]) -> str:
    """One hash over names and contents."""
    total = hashlib.sha256()
    for file in sorted(files):
        total.update(f"{file.relative_to(ROOT)} {hashlib.sha256(file.read_bytes()).hexdigest()}\n".encode())
    return total.hexdigest()


def run(what: str, command: list[str | Path], environment: dict[str, str] | None = None) -> None:
    """Run a command that may take a while; show what it said only if it fails."""
    print(f"setup: {what} ...", flush=True)
    LOG.parent.mkdir(exist_ok=True)
    with LOG.open("a+") as log:
        done = subprocess.run(
            command,
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=WEB if environment else ROOT,
            env=environment,
        )
        if done.returncode:
            log.seek(0)
            print("".join(log.readlines()[-30:]), file=sys.stderr)
            sys.exit(f"setup: {' '.join(map(str, command))}\nsetup: failed; all it said is in {LOG}")


if __name__ == "__main__":
    main()
