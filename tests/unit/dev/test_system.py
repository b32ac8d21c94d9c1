"""Which server set-up takes on which system, and when it refuses one: by what apt says there."""

import ast
import subprocess
from pathlib import Path

import pytest

from app.kernel import cluster
from dev import setup, system
from dev.system import Unsuitable, is_snap, server_packages, with_candidate

ROOT = Path(__file__).parents[3]


def policy(**candidates):
    """What `apt-cache policy` prints, as on Debian 13: names that apt does not know are left out."""
    return "".join(
        f"{name.replace('_', '-')}:\n  Installed: (none)\n  Candidate: {version}\n  Version table:\n"
        + ("" if version == "(none)" else f"     {version} 500\n        500 http://mirror/debian main Packages\n")
        for name, version in candidates.items()
    )


def offers(*versions, postgis=None):
    postgis = versions if postgis is None else postgis
    return {f"postgresql-{v}" for v in versions} | {f"postgresql-{v}-postgis-3" for v in postgis}


def test_a_name_that_others_only_mention_is_not_offered():
    said = policy(postgresql_16="16.15-0ubuntu0.24.04.1", chromium="(none)", libatomic1="14.2.0-4ubuntu2~24.04.1")
    assert with_candidate(said) == {"postgresql-16", "libatomic1"}


def test_an_installed_package_is_offered():
    said = policy(postgresql_17="17.12-0+deb13u1").replace("Installed: (none)", "Installed: 17.12-0+deb13u1")
    assert with_candidate(said) == {"postgresql-17"}


@pytest.mark.parametrize(
    ("offered", "version"),
    [
        (offers(15), 15),  # Debian 12
        (offers(16), 16),  # Ubuntu 24.04
        (offers(17), 17),  # Debian 13
        (offers(13, 14, 15, 16, 17, 18), 18),  # with the packages of postgresql.org
        (offers(18, 19), 18),
        (offers(17, 18, postgis=[17]), 17),  # PostGIS follows PostgreSQL some weeks later
    ],
)
def test_the_newest_server_that_the_system_has_with_postgis_is_taken(offered, version):
    assert server_packages(offered) == [f"postgresql-{version}", f"postgresql-{version}-postgis-3"]


def test_an_installed_server_gets_postgis_rather_than_another_server():
    assert server_packages(offers(15, 16, 17), installed=[16]) == ["postgresql-16", "postgresql-16-postgis-3"]
    assert server_packages(offers(17), installed=[14]) == ["postgresql-17", "postgresql-17-postgis-3"]


@pytest.mark.parametrize(
    ("offered", "said"),
    [
        (offers(13), "this system has 13"),  # Debian 11
        (offers(14), "this system has 14"),  # Ubuntu 22.04
        (offers(19, 20), "this system has 19, 20"),
        (offers(), "this system has none"),
        (
            offers(16, postgis=[]),
            "postgresql-16-postgis-3.*add-apt-repository universe",
        ),  # Ubuntu without universe
    ],
)
def test_a_system_without_such_a_server_is_refused_in_words(offered, said):
    with pytest.raises(Unsuitable, match=said):
        server_packages(offered)


@pytest.fixture
def machine(monkeypatch):
    """A machine without a server, on which every command is noted and none is run."""
    ran = []
    monkeypatch.setattr(setup, "has_postgresql", lambda **_: False)
    monkeypatch.setattr(setup, "installed_servers", dict)
    monkeypatch.setattr(setup, "missing_packages", lambda **_: ["python3.13-venv"])
    monkeypatch.setattr(setup, "may_be_root", lambda: True)
    monkeypatch.setattr(setup, "run", lambda what, command, *_, **__: ran.append(" ".join(map(str, command))))
    monkeypatch.setattr(setup.shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(system, "offered_packages", lambda names: {"postgresql"} | offers(17))
    return ran


def test_what_the_system_has_is_installed_at_once(machine):
    setup.install_debian_packages(for_tests=False)
    (command,) = machine
    assert command.endswith("postgresql-17 postgresql-17-postgis-3 python3.13-venv")
    assert "create_main_cluster = false" in command


def test_an_older_system_is_refused_before_anything_is_installed(machine, monkeypatch):
    monkeypatch.setattr(system, "offered_packages", lambda names: {"postgresql"} | offers(13))
    monkeypatch.setattr(setup.sys, "argv", ["setup.py", "test"])
    with pytest.raises(SystemExit, match=r"this system has 13.*Nothing was installed"):
        setup.main()
    assert machine == []


def test_a_bare_system_fetches_its_lists_before_it_is_judged(machine, monkeypatch):
    answers = iter([set(), {"postgresql"} | offers(17)])
    monkeypatch.setattr(system, "offered_packages", lambda names: next(answers))
    setup.install_debian_packages(for_tests=False)
    assert ["install" in command for command in machine] == [False, True]


def test_who_may_not_install_is_told_the_one_command(machine, monkeypatch):
    monkeypatch.setattr(setup, "may_be_root", lambda: False)
    with pytest.raises(
        SystemExit, match=r'sudo sh -c ".*apt-get install .* postgresql-17 postgresql-17-postgis-3 '
    ):
        setup.install_debian_packages(for_tests=False)
    monkeypatch.setattr(system, "offered_packages", lambda names: set())
    with pytest.raises(SystemExit, match="sudo apt-get update"):
        setup.install_debian_packages(for_tests=False)
    assert machine == []


def test_another_system_than_debian_is_told_what_it_needs(machine, monkeypatch):
    monkeypatch.setattr(setup.shutil, "which", lambda name: None)
    with pytest.raises(Unsuitable, match=r"PostgreSQL 15 to 18 with PostGIS 3\.3 or newer"):
        setup.install_debian_packages(for_tests=False)
    assert machine == []


def test_a_database_elsewhere_needs_no_server_here(monkeypatch):
    monkeypatch.setattr(setup, "find_postgresql", lambda: (_ for _ in ()).throw(cluster.ClusterError))
    monkeypatch.delenv("YEFANG_DATABASE_URL", raising=False)
    assert not setup.has_postgresql(for_tests=False)
    monkeypatch.setenv("YEFANG_DATABASE_URL", "postgresql+asyncpg://y@elsewhere/y")
    assert setup.has_postgresql(for_tests=False)


def test_an_old_python_reads_set_up_as_far_as_its_words():
    ast.parse((ROOT / "dev/setup.py").read_text(), feature_version=(3, 7))


def test_a_snap_is_no_browser_for_tests(tmp_path):
    shim, wrapper = tmp_path / "chromium-browser", tmp_path / "chromium"
    shim.write_text("#!/bin/sh\nif ! [ -x /snap/bin/chromium ]; then\n  exit 1\nfi\n")
    wrapper.write_text('#!/bin/sh\nexec /usr/lib/chromium/chromium "$@"\n')
    (tmp_path / "snap").touch()
    (tmp_path / "google-chrome").symlink_to(tmp_path / "snap")
    assert [is_snap(path) for path in (shim, wrapper, tmp_path / "google-chrome")] == [True, False, True]


@pytest.fixture
def servers(monkeypatch):
    """Says which servers are installed: `servers({16: True})` is one with PostGIS."""

    def put(installed):
        monkeypatch.setattr(
            cluster,
            "installed_servers",
            lambda: {v: (Path(f"/pg/{v}"), postgis) for v, postgis in installed.items()},
        )

    cluster.find_postgresql.cache_clear()
    yield put
    cluster.find_postgresql.cache_clear()


def test_the_newest_installed_server_with_postgis_is_used(servers):
    servers({14: True, 15: True, 16: True, 17: False, 19: True})
    assert cluster.find_postgresql() == Path("/pg/16")


@pytest.mark.parametrize(
    ("installed", "said"),
    [
        ({}, "15 to 18 with PostGIS on this machine: run"),
        ({14: True, 17: False}, "only 14"),
        ({19: True}, "only 19"),
    ],
)
def test_a_server_that_is_too_old_or_untried_is_not_used(servers, installed, said):
    servers(installed)
    with pytest.raises(cluster.ClusterError, match=said):
        cluster.find_postgresql()


def test_a_cluster_is_opened_by_the_version_that_made_it(servers):
    servers({15: True, 17: True})
    assert cluster.find_postgresql(15) == Path("/pg/15")
    with pytest.raises(cluster.ClusterError, match="made by PostgreSQL 16"):
        cluster.find_postgresql(16)


def test_make_takes_a_python_that_is_new_enough(tmp_path):
    """The system's `python3` first, and one with its version in its name where that is too old."""
    make = subprocess.run(["/usr/bin/which", "make"], capture_output=True, text=True, check=True).stdout.strip()

    def chosen(**versions):
        for name in tmp_path.iterdir():
            name.unlink()
        for name, works in versions.items():
            (tmp_path / name.replace("_", ".")).write_text(f"#!/bin/sh\nexit {int(not works)}\n")
            (tmp_path / name.replace("_", ".")).chmod(0o755)
        said = subprocess.run(
            [make, "-n", "setup"],
            cwd=ROOT,
            env={"PATH": str(tmp_path)},
            capture_output=True,
            text=True,
            check=True,
        )
        return said.stdout.split()[0]

    assert chosen(python3=True, python3_11=True) == "python3"
    assert chosen(python3=False, python3_12=True) == "python3.12"
    assert chosen(python3=False) == "python3"  # set-up tells it
