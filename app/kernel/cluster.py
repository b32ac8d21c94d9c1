"""A private PostgreSQL server under `var/`, made from the machine's own packages.

It listens on a Unix socket in its own folder, which only its owner and root may enter (mode 0700), and on nothing
else. So the file system says who may connect: there is no port to be taken and no password to keep, a connection
costs half of one with SCRAM (4.5 ms against 8.4 ms), and asyncpg, psql and pgbench all take the same URL.

PostgreSQL refuses to run as root. Started as root, the server runs as the owner of its folder, a new one as
`postgres`. Where that user cannot get in (a clone under /root), or the path is too long for a socket, the folder
lies elsewhere and `var/` holds a link to it. The tests' cluster, which may be lost, lies in memory.

    var/demo/        or a link to /var/lib/yefang/<hash of the path>; tests: /dev/shm/yefang-<hash>
      data/          what initdb made
      log            of the server
      .s.PGSQL.5432  the socket
"""

import fcntl
import hashlib
import os
import pwd
import re
import shlex
import shutil
import subprocess
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from urllib.parse import quote

OLDEST, NEWEST = 15, 18  # PostgreSQL; docs/setup.md says which were tried and how
SUPERUSER = "yefang"
OWNER, SERVICE = "yefang_owner", "yefang_app"  # as which migrations and the service work: `roles.py`
# They are of the whole server: another database's migration may make them at the same moment.
ROLE_SQL = "\n".join(
    f"DO $$ BEGIN CREATE ROLE {role} LOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$;"
    for role in (OWNER, SERVICE)
)
DEMO_DATABASE = "yefang"

_LONGEST_SOCKET_PATH = 107  # sun_path in Linux, less its closing zero
_SOCKET = ".s.PGSQL.5432"
_START_S = 60
_READY, _SILENT = 0, 2  # what pg_isready exits with; 1 is "starting or stopping"
# For 2 cores and 4 GiB, shared with the application.
_SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_error_verbosity": "terse",  # else its log has the rows that a constraint refused
    "max_connections": "100",
    "shared_buffers": "256MB",
    "effective_cache_size": "1GB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "max_wal_size": "2GB",
    "random_page_cost": "1.1",
    "jit": "off",
}
# tmpfs. Tests make and drop a database each; ext4 looks long for a file number that was not deleted a moment ago,
# and takes 0.3 s where tmpfs takes 0.03 s.
_MEMORY = Path("/dev/shm")  # noqa: S108
_ROOM = 2**30
_NOT_DURABLE = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "dynamic_shared_memory_type": "mmap",  # among the data, so that it goes with them
}


class ClusterError(RuntimeError):
    """The server cannot be had; the text says what to do."""


def demo_url(var: Path, user: str = SERVICE) -> str:
    """The URL of the database for settings that name none. Its server is made and started if need be."""
    cluster = Cluster(var / "demo")
    cluster.ensure_running()
    cluster.create_database(DEMO_DATABASE)
    return cluster.url(DEMO_DATABASE, user)


@cache
def find_postgresql(version: int | None = None) -> Path:
    """The folder of the newest server's programs that can be used, or of the `version` that made a cluster.

    Raises `ClusterError` when there is none.
    """
    found = {number: folder for number, (folder, postgis) in installed_servers().items() if postgis}
    if version in found:
        return found[version]
    if version:
        raise ClusterError(f"the cluster was made by PostgreSQL {version}: install that, or `make clean`")
    usable = [number for number in found if OLDEST <= number <= NEWEST]
    if not usable:
        raise ClusterError(
            f"no PostgreSQL {OLDEST} to {NEWEST} with PostGIS on this machine"
            f"{_but(found)}: run `make setup`, which says what is needed"
        )
    return found[max(usable)]


def installed_servers() -> dict[int, tuple[Path, bool]]:
    """By version: the folder of its programs, and whether PostGIS is there. What is on the `PATH` goes first."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"))  # Debian keeps them off the PATH
    folders += [Path(found).resolve().parent for found in (shutil.which("pg_ctl"),) if found]
    servers = {}
    for folder in folders:
        try:
            number, library = _ask(folder / "pg_config", "--version", "--pkglibdir").splitlines()
        except (OSError, subprocess.CalledProcessError):
            continue
        if (folder / "initdb").exists():
            postgis = Path(library, "postgis-3.so").exists()
            servers[int(re.findall(r"\d+", number)[0])] = (folder, postgis)
    return servers


def _but(found: Collection[int]) -> str:
    return f" (only {', '.join(map(str, sorted(found)))})" if found else ""


def _ask(program: Path, *arguments: str) -> str:
    return subprocess.run([program, *arguments], capture_output=True, text=True, check=True).stdout  # noqa: S603


class Cluster:
    """One server and its data. Any number of processes may use it; whoever comes first makes and starts it."""

    def __init__(self, directory: Path, *, durable: bool = True) -> None:
        """A cluster in `directory`, so far in name only. One that is not `durable` loses everything in a crash."""
        self.directory = directory.absolute()
        self.durable = durable

    @property
    def home(self) -> Path:
        """Where the folder really is."""
        return self.directory.resolve()

    @property
    def log(self) -> Path:
        return self.home / "log"

    @property
    def _data(self) -> Path:
        return self.home / "data"

    def url(self, database: str = "postgres", user: str = SUPERUSER) -> str:
        """The URL of a database, for SQLAlchemy; without `+asyncpg` for asyncpg, psql and pgbench."""
        return f"postgresql+asyncpg://{user}@/{database}?host={quote(str(self.home))}&port=5432"

    def ensure_running(self) -> None:
        """Make the cluster if it is not there, start it if it is down. Raises `ClusterError`."""
        self._check_owner()
        if self._state() == _READY:
            return
        with self._alone():
            self._settle()
            self._await_other_starter()
            if self._state() == _READY:
                return
            if not self.durable and (self._data / "postmaster.pid").exists():
                shutil.rmtree(self._data)  # it crashed, and nothing was ever forced to disk
            if not self._data.exists():
                self._initialise()
            self._start()

    def stop(self) -> bool:
        """Stop the server; False when none was running."""
        self._check_owner()
        if self._state() == _SILENT:
            return False
        done = self._run("pg_ctl", "stop", "-D", str(self._data), "-m", "fast", "-w", "-t", str(_START_S))
        if done.returncode:
            raise ClusterError(f"the server in {self.home} does not stop: {done.stderr.strip()}")
        return True

    def destroy(self) -> None:
        """Stop the server and delete all its data."""
        self.stop()
        if self.home.exists():
            shutil.rmtree(self.home)
        self.directory.unlink(missing_ok=True)

    def create_database(self, name: str, template: str | None = None) -> None:
        """Create a database, empty or a copy of `template`, unless it is there, and the roles that use it."""
        with self._alone():
            self._sql(ROLE_SQL)
            if not self._sql(f"SELECT 1 FROM pg_database WHERE datname = '{_checked(name)}'"):
                self._sql(f"CREATE DATABASE {name} TEMPLATE {_checked(template or 'template0')}")

    def drop_database(self, name: str) -> None:
        """Drop a database if it is there, with the connections to it."""
        self._sql(f"DROP DATABASE IF EXISTS {_checked(name)} WITH (FORCE)")

    def _sql(self, statement: str) -> str:
        """Run one statement on the maintenance database."""
        done = self._run("psql", "-XAtqc", statement, self.url().replace("+asyncpg", ""))
        if done.returncode:
            raise ClusterError(done.stderr.strip())
        return done.stdout.strip()

    def _state(self) -> int:
        if not self._data.exists():
            return _SILENT
        return self._run("pg_isready", "-q", "-t", "5", "-U", SUPERUSER, "-h", str(self.home)).returncode

    def _await_other_starter(self) -> None:
        """A server that was started by hand, or is going down, is neither to be started nor to be used yet."""
        for _ in range(_START_S * 10):
            if self._state() in {_READY, _SILENT}:
                return
            time.sleep(0.1)
        raise ClusterError(f"the server in {self.home} has not come up in {_START_S} s; its log is {self.log}")

    def _check_owner(self) -> None:
        if self.directory.exists() and os.geteuid() not in {0, self.home.stat().st_uid}:
            whose = pwd.getpwuid(self.home.stat().st_uid).pw_name
            raise ClusterError(f"{self.directory} belongs to {whose}: go on as {whose} or root")

    def _settle(self) -> None:
        """Make the folder, for the server's user alone, where that user can reach it."""
        owner = self._user()
        if not self.directory.exists():
            self.directory.unlink(missing_ok=True)  # a link to what is gone
            home = self._place(owner)
            if home != self.directory:
                _clear_leftover(home, owner)
                self.directory.symlink_to(home)
            home.mkdir()
        if not self._data.exists():
            self.home.chmod(0o700)
            os.chown(self.home, owner.pw_uid, owner.pw_gid)

    def _place(self, owner: pwd.struct_passwd) -> Path:
        """Where the folder goes: into memory if it may be lost, else where it was wanted, else where it can be."""
        name = hashlib.sha256(os.fsencode(self.directory)).hexdigest()[:12]
        if not self.durable and _MEMORY.exists() and shutil.disk_usage(_MEMORY).free > _ROOM:
            return _MEMORY / f"yefang-{name}"
        short = len(os.fsencode(self.directory / _SOCKET)) <= _LONGEST_SOCKET_PATH
        if short and _may_enter(owner, self.directory.parent):
            return self.directory
        base = Path("/var/lib/yefang") if os.geteuid() == 0 else Path.home() / ".local/state/yefang"
        base.mkdir(parents=True, exist_ok=True)
        base.chmod(0o755)
        return base / name

    def _user(self) -> pwd.struct_passwd:
        """The user that the server runs as."""
        if os.geteuid() != 0:
            return pwd.getpwuid(os.geteuid())
        if self.directory.exists() and self.home.stat().st_uid != 0:
            return pwd.getpwuid(self.home.stat().st_uid)
        try:
            return pwd.getpwnam("postgres")
        except KeyError:
            raise ClusterError("no user `postgres` for the server to run as: run `make setup`") from None

    def _initialise(self) -> None:
        unfinished = self.home / "data.new"
        shutil.rmtree(unfinished, ignore_errors=True)
        options = ["-U", SUPERUSER, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8"]
        done = self._run("initdb", "-D", str(unfinished), *options, *([] if self.durable else ["--no-sync"]))
        if done.returncode:
            raise ClusterError(f"initdb failed in {self.home}: {done.stderr.strip()}")
        unfinished.rename(self._data)

    def _start(self) -> None:
        settings = _SETTINGS | ({} if self.durable else _NOT_DURABLE)
        settings |= {"cluster_name": f"yefang-{self.directory.name}", "unix_socket_directories": str(self.home)}
        options = shlex.join(word for name, value in settings.items() for word in ("-c", f"{name}={value}"))
        command = ["pg_ctl", "start", "-D", str(self._data), "-l", str(self.log), "-w", "-t", str(_START_S)]
        for _ in range(20):
            self._forget_dead_server()
            before = self.log.stat().st_size if self.log.exists() else 0
            done = self._run(*command, "-o", options)
            if not done.returncode:
                return
            log = self._logged_since(before)
            # A killed server's children are still going down. They log as well: the line may be anywhere.
            if not any("pre-existing shared memory" in line for line in log):
                break
            time.sleep(0.5)
        said = [f"PostgreSQL does not start: {done.stderr.strip()}", f"{self.log}:", *log[-12:]]
        raise ClusterError("\n".join(said))

    def _logged_since(self, size: int) -> list[str]:
        """The lines of the log beyond so many bytes."""
        if not self.log.exists():
            return []
        with self.log.open("rb") as log:
            log.seek(size)
            return log.read().decode(errors="replace").splitlines()

    def _forget_dead_server(self) -> None:
        """Remove lock files whose process number is another program's by now, as after a restart of a container.

        PostgreSQL itself removes those whose number is nobody's.
        """
        for lock in (self._data / "postmaster.pid", self.home / f"{_SOCKET}.lock"):
            if lock.exists():
                process = Path("/proc", lock.read_text().split("\n", 1)[0].strip(), "cmdline")
                if process.exists() and os.fsencode(self._data) not in process.read_bytes():
                    lock.unlink()

    def _run(self, program: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Run one of PostgreSQL's programs as the server's user, out of reach of PG* variables."""
        made_by = self._data / "PG_VERSION"
        folder = find_postgresql(int(made_by.read_text()) if made_by.exists() else None)
        command: list[str | Path] = [folder / program, *arguments]
        environment = {"PATH": os.defpath, "LC_ALL": "C.UTF-8"}
        return _as_user(self._user(), command, environment)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Keep other processes from making or starting the same cluster meanwhile."""
        self.directory.parent.mkdir(parents=True, exist_ok=True)
        lock = os.open(self.directory.parent / f".{self.directory.name}.lock", os.O_RDONLY | os.O_CREAT, 0o644)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)


def _clear_leftover(home: Path, owner: pwd.struct_passwd) -> None:
    """Destroy what a deleted `var/` left behind. Anyone may make folders in /dev/shm: look whose it is."""
    if home.is_symlink() or (home.exists() and home.stat().st_uid not in {owner.pw_uid, os.geteuid()}):
        raise ClusterError(f"{home} is in the way: delete it")
    Cluster(home).destroy()


def _may_enter(user: pwd.struct_passwd, folder: Path) -> bool:
    """May the user reach what lies in `folder`? Asked of the system, which knows groups and access lists."""
    return _as_user(user, ["/usr/bin/test", "-x", folder], {}).returncode == 0


def _as_user(
    user: pwd.struct_passwd, command: list[str | Path], environment: dict[str, str]
) -> "subprocess.CompletedProcess[str]":
    """Run a command, as another user if we are root."""
    change = os.geteuid() == 0
    return subprocess.run(  # noqa: S603
        command,
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
        env=environment,
        user=user.pw_uid if change else None,
        group=user.pw_gid if change else None,
        extra_groups=[] if change else None,
    )


def _checked(name: str) -> str:
    if not re.fullmatch(r"[a-z_][a-z0-9_]*", name):
        raise ValueError(f"not a plain database name: {name}")
    return name
