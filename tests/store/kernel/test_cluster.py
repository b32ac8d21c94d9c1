"""The private server: it starts whatever happened before, keeps what it must and loses what it may."""

import os
import shutil
import signal
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import asyncpg
import pytest

from app.kernel.cluster import Cluster, ClusterError

pytestmark = pytest.mark.xdist_group("cluster")
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root starts servers as somebody else")


@pytest.fixture(scope="module")
def folder():
    """A folder that the server's user can enter, which pytest's own is not."""
    made = Path(tempfile.mkdtemp(prefix="yefang-test-"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made)


@pytest.fixture(scope="module")
def cluster(folder):
    made = Cluster(folder / "var" / "kept")
    made.ensure_running()
    made._sql("CREATE TABLE kept AS SELECT 7 AS number")
    yield made
    made.destroy()


@pytest.fixture
def elsewhere(request, folder, monkeypatch):
    """A cluster whose folder cannot be where it was asked for."""
    monkeypatch.setenv("HOME", str(folder))
    if request.param == "too long":
        parent = folder / ("long" * 25)
        parent.mkdir()
    else:
        parent = folder / "closed"
        parent.mkdir(mode=0o700)
    made = Cluster(parent / "demo")
    yield made
    made.destroy()
    shutil.rmtree(parent)


def number(cluster: Cluster) -> str:
    return cluster._sql("SELECT number FROM kept")


def postmaster(cluster: Cluster) -> int:
    return int((cluster.home / "data" / "postmaster.pid").read_text().split()[0])


def kill(cluster: Cluster) -> None:
    os.kill(postmaster(cluster), signal.SIGKILL)


async def test_its_url_connects_whatever_the_environment_says(cluster, monkeypatch):
    monkeypatch.setenv("PGPORT", "1")
    monkeypatch.setenv("PGHOST", "nowhere")
    connection = await asyncpg.connect(cluster.url().replace("+asyncpg", ""))
    assert await connection.fetchval("SELECT number FROM kept") == 7
    assert await connection.fetchval("SHOW fsync") == "on"
    assert await connection.fetchval("SHOW listen_addresses") == ""
    await connection.close()


def test_nobody_else_may_enter(cluster):
    assert cluster.home.stat().st_mode & 0o777 == 0o700


def test_stop_and_start(cluster):
    assert cluster.stop()
    assert not cluster.stop()
    cluster.ensure_running()
    assert number(cluster) == "7"


def test_started_once_by_many(cluster):
    cluster.stop()
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: cluster.ensure_running(), range(4)))
    assert number(cluster) == "7"


def test_killed(cluster):
    kill(cluster)
    cluster.ensure_running()
    assert number(cluster) == "7"


def test_killed_and_its_process_number_given_to_another_program(cluster):
    kill(cluster)
    lock = cluster.home / "data" / "postmaster.pid"
    owner = cluster.home.owner() if os.geteuid() == 0 else None
    with subprocess.Popen(["sleep", "60"], user=owner) as other:
        lock.write_text(lock.read_text().replace(str(postmaster(cluster)), str(other.pid), 1))
        cluster.ensure_running()
        other.kill()
    assert number(cluster) == "7"


def test_killed_while_its_children_still_die_and_log(cluster, monkeypatch):
    """What they log comes after the line that says that they are still there."""
    kill(cluster)
    run, refused = cluster._run, []

    def still_dying(program, *arguments):
        if program == "pg_ctl" and arguments[0] == "start" and not refused:
            said = ["FATAL:  pre-existing shared memory block is still in use", *["\ta long statement"] * 40]
            with cluster.log.open("a") as log:
                log.write("\n".join(said) + "\n")
            refused.append(SimpleNamespace(returncode=1, stderr="could not start server"))
            return refused[0]
        return run(program, *arguments)

    monkeypatch.setattr(cluster, "_run", still_dying)
    cluster.ensure_running()
    assert refused
    assert number(cluster) == "7"


def test_databases_by_name(cluster):
    cluster.create_database("one")
    cluster.create_database("one")
    cluster.drop_database("one")
    cluster.drop_database("one")
    assert cluster._sql("SELECT count(*) FROM pg_database WHERE datname = 'one'") == "0"
    with pytest.raises(ValueError, match="plain"):
        cluster.create_database("one; DROP TABLE kept")


def test_somebody_elses_cluster_is_named(cluster, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 4711)
    with pytest.raises(ClusterError, match=f"belongs to {cluster.home.owner()}"):
        cluster.ensure_running()


def test_what_stops_it_from_starting_is_told(cluster):
    cluster.stop()
    settings = cluster.home / "data" / "postgresql.conf"
    right = settings.read_text()
    settings.write_text(right + "\nwal_level = nonsense\n")
    with pytest.raises(ClusterError, match="nonsense"):
        cluster.ensure_running()
    settings.write_text(right)
    cluster.ensure_running()


@pytest.mark.parametrize("elsewhere", ["too long", pytest.param("closed", marks=as_root)], indirect=True)
def test_a_folder_elsewhere_is_linked_and_goes_with_the_link(elsewhere):
    elsewhere.ensure_running()
    elsewhere._sql("CREATE TABLE kept AS SELECT 8 AS number")
    home = elsewhere.home
    assert elsewhere.directory.is_symlink()
    assert home != elsewhere.directory

    elsewhere.directory.unlink()  # somebody deletes var/
    elsewhere.ensure_running()
    assert elsewhere.home == home
    with pytest.raises(ClusterError, match="kept"):
        number(elsewhere)

    elsewhere.destroy()
    assert not home.exists()
    assert not elsewhere.directory.is_symlink()


def test_what_may_be_lost_is_made_anew_after_a_crash(folder):
    cluster = Cluster(folder / "var" / "lost", durable=False)
    cluster.ensure_running()
    cluster._sql("CREATE TABLE kept AS SELECT 9 AS number")
    cluster.stop()
    cluster.ensure_running()
    assert number(cluster) == "9"
    kill(cluster)
    cluster.ensure_running()
    with pytest.raises(ClusterError, match="kept"):
        number(cluster)
    cluster.destroy()
