"""Installs what a command needs, and only what is missing: `python3 dev/setup.py demo|test`.

Debian packages, a virtual environment with the locked Python packages, and the supervisors' page. Run again, it
finds everything in place and says nothing. Needs only Python 3.11; an older one is still told so. A system that
cannot run the service is refused before anything is installed. What the programs said is in `var/setup.log`.
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

if sys.version_info < (3, 11):  # noqa: UP036 - this is where an older Python is told
    sys.exit(
        "setup: Python 3.11 or newer is needed, and {} is {}.{}. Debian 12, Debian 13 and Ubuntu 24.04 have it;"
        " elsewhere install one and name it: make PYTHON=python3.12 demo".format(sys.executable, *sys.version_info)
    )

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from app.kernel.cluster import NEWEST, OLDEST, ClusterError, find_postgresql, installed_servers  # noqa: E402
from dev import old_chromium, system  # noqa: E402
from dev.node import WEB, npm  # noqa: E402

LOG = ROOT / "var" / "setup.log"
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
LOCK = ROOT / "requirements-dev.lock"
PAGES = [ROOT / "app" / door / "static" / "index.html" for door in ("console", "phone")]
FONTS = "/usr/share/fonts"
UPDATE = "apt-get update -q"
NO_DEBIAN = (
    f"no apt-get here. Install PostgreSQL {OLDEST} to {NEWEST} with PostGIS 3.3 or newer (pg_ctl on the PATH)"
    " and Python's venv module, for tests also Chromium or Chrome, libatomic and a Noto CJK font, and try again"
)
NO_BROWSER = (
    "tests/e2e need Chromium or Chrome on the PATH (chromium, google-chrome), and not as a snap. Playwright's own"
    " could not be had: install Google's package google-chrome-stable and try again, or run all other tests:"
    " .venv/bin/pytest --ignore=tests/e2e"
)

# Debian would make and start a server of its own with the package, which nobody asked for.
NO_MAIN_CLUSTER = (
    "mkdir -p /etc/postgresql-common/createcluster.d && "
    "echo 'create_main_cluster = false' > /etc/postgresql-common/createcluster.d/yefang.conf && "
)


def main() -> None:
    purpose = sys.argv[1] if len(sys.argv) == 2 else ""  # noqa: PLR2004
    if purpose not in {"demo", "test"}:
        sys.exit("usage: python3 dev/setup.py demo|test")
    try:
        install_debian_packages(for_tests=purpose == "test")
    except system.Unsuitable as reason:
        sys.exit(f"setup: {reason}. Nothing was installed.")
    install_python_packages()
    build_page()
    if purpose == "test":
        install_browser()
        install_old_browser()


def install_debian_packages(*, for_tests: bool) -> None:
    """Install what is missing, as root or with sudo; else print the one command to run, and stop.

    Raises `Unsuitable` before anything is installed.
    """
    needs_server = not has_postgresql(for_tests=for_tests)
    others = missing_packages(for_tests=for_tests)
    if not needs_server and not others:
        return
    if not shutil.which("apt-get"):
        raise system.Unsuitable(NO_DEBIAN)
    database = choose_server() if needs_server else []
    names = [*database, *others]
    command = (
        (NO_MAIN_CLUSTER if database else "")
        + f"{UPDATE} && DEBIAN_FRONTEND=noninteractive apt-get install -yq --no-install-recommends "
        + " ".join(names)
    )
    if not may_be_root():
        sys.exit(f'setup: Debian packages are missing. Run this, then try again:\n\n  sudo sh -c "{command}"')
    run(f"Debian packages {' '.join(names)}", as_root(command))


def missing_packages(*, for_tests: bool) -> list[str]:
    """All but the server's, by what is on the machine."""
    missing = []
    if not PYTHON.exists() and not importlib.util.find_spec("ensurepip"):
        missing.append(f"python3.{sys.version_info.minor}-venv")
    if for_tests and not loads("libatomic.so.1"):
        missing.append("libatomic1")  # for Playwright, which drives Chromium
    if for_tests and not system.find_chromium() and "chromium" in offered(["chromium"]):
        missing.append("chromium")
    if for_tests and not any(Path(FONTS).rglob("*CJK*")):
        missing.append("fonts-noto-cjk")
    return missing


def choose_server() -> list[str]:
    """The packages of PostgreSQL and PostGIS that this system has. Raises `Unsuitable`."""
    without_postgis = [version for version, (_, postgis) in installed_servers().items() if not postgis]
    return system.server_packages(offered(system.server_names()), without_postgis)


def offered(names: list[str]) -> set[str]:
    """Which of these packages the system has. A bare one has no lists yet: then they are fetched first."""
    names = [system.IN_EVERY_DEBIAN, *names]
    found = system.offered_packages(names)
    if system.IN_EVERY_DEBIAN in found or not shutil.which("apt-get"):
        return found
    if not may_be_root():
        sys.exit(
            "setup: the system's package lists are missing. Run this, then try again:\n\n  sudo apt-get update"
        )
    run("the system's package lists", as_root(UPDATE))
    return system.offered_packages(names)


def may_be_root() -> bool:
    return os.geteuid() == 0 or may_sudo()


def as_root(command: str) -> list[str | Path]:
    return [*([] if os.geteuid() == 0 else ["sudo", "-n"]), "sh", "-c", command]


def may_sudo() -> bool:
    """Without being asked for a password."""
    sudo = shutil.which("sudo")
    return bool(sudo) and subprocess.run([sudo, "-n", "true"], capture_output=True, check=False).returncode == 0


def has_postgresql(*, for_tests: bool) -> bool:
    """On this machine, or at a URL that the settings name."""
    if os.environ.get("YEFANG_TEST_DATABASE_URL" if for_tests else "YEFANG_DATABASE_URL"):
        return True
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


def install_browser() -> None:
    """Where the system has no Chromium but a snap (Ubuntu), the one that Playwright brings, and its libraries."""
    stamp = VENV / "browser"
    if system.find_chromium() or holds(stamp, digest([LOCK])):
        return
    install = [PYTHON, "-m", "playwright", "install", "--with-deps", "chromium"]
    run("Chromium, from Playwright", install, advice=NO_BROWSER)
    stamp.write_text(digest([LOCK]))


def install_old_browser() -> None:
    """The oldest that the phone app must run in, where there is one for this machine."""
    if old_chromium.exists_for_this_machine() and not old_chromium.CHROMIUM.exists():
        run("Chromium 80, of 2020", [sys.executable, "-m", "dev.old_chromium"])


def build_page() -> None:
    """The supervisors' page and the phone app, for the service to serve."""
    modules = WEB / "node_modules"
    lock = WEB / "package-lock.json"
    sources = [path for path in WEB.rglob("*") if path.is_file() and modules not in path.parents]
    installed, built = modules / ".yefang-installed", modules / ".yefang-built"
    if not holds(installed, digest([lock])):
        run("packages of the page", *npm("ci", "--no-audit", "--no-fund"))
        installed.write_text(digest([lock]))
    if not all(page.exists() for page in PAGES) or not holds(built, digest(sources)):
        run("the pages", *npm("run", "build"))
        built.write_text(digest(sources))


def holds(stamp: Path, wanted: str) -> bool:
    return stamp.exists() and stamp.read_text() == wanted


def digest(files: Iterable[Path]) -> str:
    """One hash over names and contents."""
    total = hashlib.sha256()
    for file in sorted(files):
        total.update(f"{file.relative_to(ROOT)} {hashlib.sha256(file.read_bytes()).hexdigest()}\n".encode())
    return total.hexdigest()


def run(
    what: str, command: list[str | Path], environment: dict[str, str] | None = None, *, advice: str = ""
) -> None:
    """Run a command that may take a while; show what it said only if it fails, with the advice that then helps."""
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
            failed = f"failed; all it said is in {LOG}"
            sys.exit("\n".join(f"setup: {line}" for line in (" ".join(map(str, command)), failed, advice) if line))


if __name__ == "__main__":
    main()
