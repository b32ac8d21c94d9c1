"""What is measured: a database in a cluster of its own, and `yefang serve` as installed, on a port of its own."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.cli import migrate_database
from app.kernel.cluster import Cluster
from app.kernel.roles import as_service
from bench.report import say

KEY = "bench only: thirty-two bytes or more"


_DATABASE = "yefang_bench"


@contextmanager
def fresh(name: str) -> Iterator[tuple[Cluster, str]]:
    """The cluster `var/<name>` with one database, migrated, and that database's URL; destroyed at the end."""
    cluster = Cluster(Path("var") / name)
    say("make a cluster, migrate")
    try:
        cluster.ensure_running()
        cluster.drop_database(_DATABASE)
        cluster.create_database(_DATABASE)
        migrate_database(cluster.url(_DATABASE))
        yield cluster, cluster.url(_DATABASE)
    finally:
        cluster.destroy()


@contextmanager
def serving(url: str, processes: int, log: Path) -> Iterator[tuple[int, int]]:
    """The port and the process id of a running server; its log lines, as in production, go to `log`."""
    port = free_port()
    own = {
        "YEFANG_DATABASE_URL": as_service(url),
        "YEFANG_SECRET_KEY": KEY,
        "YEFANG_PORT": str(port),
    }
    command = [sys.executable, "-m", "app", "serve", "--workers", str(processes)]
    with log.open("wb") as lines:
        server = subprocess.Popen(command, env=os.environ | own, stderr=lines)
    try:
        _await_ready(server, port, log)
        yield port, server.pid
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait()


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def _await_ready(server: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    for _ in range(300):
        time.sleep(0.1)
        if server.poll() is not None:
            break
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz")
        except OSError:
            continue
        return
    raise SystemExit(f"the server did not start:\n{log.read_text()[-2000:]}")


def cpu_seconds(process: int) -> float:
    """What a process and its children, dead or alive, have had of the processors so far."""
    ticks, children = 0, [process]
    parents = _parents()
    while children:
        number = children.pop()
        ticks += sum(map(int, _stat(number)[11:15]))  # utime, stime, and those of children that are gone
        children += [child for child, parent in parents.items() if parent == number]
    return ticks / os.sysconf("SC_CLK_TCK")


def _parents() -> dict[int, int]:
    numbers = [int(each.name) for each in Path("/proc").iterdir() if each.name.isdigit()]
    return {number: int(stat[1]) for number in numbers if (stat := _stat(number))}


def _stat(process: int) -> list[str]:
    """The fields of /proc/<pid>/stat after the name, from `state` on; none when it has just gone."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []
