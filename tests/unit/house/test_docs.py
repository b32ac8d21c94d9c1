"""What the documentation names is there: files, targets of make, commands, settings, paths of the console."""

import re
from functools import cache
from itertools import product
from pathlib import Path

import pytest
from typer.main import get_command

from app.cli import cli
from app.main import create_app
from app.settings import Settings

ROOT = Path(__file__).parents[3]
PAGES = [
    *(ROOT / f"{name}.md" for name in ("README", "CONTRIBUTING", "SECURITY")),
    *sorted((ROOT / "docs").rglob("*.md")),
]
FOLDERS = (
    ROOT,
    ROOT / "app",
    ROOT / "tests",
    ROOT / "web/src",
    ROOT / "web/src/console",
    ROOT / "web/src/shared",
    ROOT / "docs",
)
VARIABLE = re.compile(r"\bYEFANG_[A-Z_]+[A-Z]\b")
COUNTY = "/v1/counties/{county_id}"


def coded(page: str) -> list[str]:
    """What stands in backticks, and the lines of blocks of code."""
    blocks = re.findall(r"^```\w*\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    inline = re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```", "", page, flags=re.MULTILINE | re.DOTALL))
    return [*inline, *(line.split("#")[0] for block in blocks for line in block.splitlines())]


def files_missing(page: str) -> set[str]:
    named = {
        match
        for code in coded(page)
        for match in re.findall(r"^([\w.]+(?:/[\w.-]+)+\.(?:py|ts|vue|md|yaml))\b", code)
    }
    return {name for name in named if not any((folder / name).exists() for folder in FOLDERS)}


def test_every_page_is_in_the_index():
    index = ROOT / "docs/README.md"
    linked = {(index.parent / name).resolve() for name in re.findall(r"\]\(([^)#:\s]+)\)", index.read_text())}
    assert {page for page in PAGES if page not in (index, ROOT / "README.md")} - linked == set()


def targets_missing(page: str) -> set[str]:
    known = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    return {target for code in coded(page) for target in re.findall(r"(?:^|&& )make ([a-z]+)", code)} - known


def commands_missing(page: str) -> set[str]:
    known = set(get_command(cli).commands)  # type: ignore[attr-defined]
    return {name for code in coded(page) for name in re.findall(r"(?:^|&& |/)yefang ([a-z][a-z-]+)", code)} - known


def settings_missing(page: str) -> set[str]:
    known = {f"YEFANG_{name.upper()}" for name in Settings.model_fields} | read_by_tests()
    return set(VARIABLE.findall(page)) - known - set(VARIABLE.findall((ROOT / "compose.yaml").read_text()))


@cache
def read_by_tests() -> set[str]:
    here = Path(__file__)
    return {
        name
        for file in (ROOT / "tests").rglob("*.py")
        if file != here
        for name in VARIABLE.findall(file.read_text())
    }


def links_missing(page: Path) -> set[str]:
    named = re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", page.read_text())
    return {name for name in named if not (page.parent / name).exists()}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_what_a_page_names_is_there(page):
    text = page.read_text()
    missing = files_missing(text) | targets_missing(text) | commands_missing(text) | settings_missing(text)
    assert missing | links_missing(page) == set()


def test_every_setting_is_in_the_manual():
    written = (ROOT / "docs/setup.md").read_text()
    assert [name for name in Settings.model_fields if f"`YEFANG_{name.upper()}`" not in written] == []


@pytest.mark.parametrize(
    ("find", "page"),
    [
        (files_missing, "see `reads/nothing.py`"),
        (targets_missing, "```sh\nmake nothing  # to see\n```"),
        (commands_missing, "run `yefang nothing --all`"),
        (settings_missing, "set `YEFANG_NOTHING`"),
    ],
)
def test_what_is_not_there_is_found(find, page):
    assert len(find(page)) == 1


def console_paths():
    app = create_app(Settings(database_url="postgresql+asyncpg://nobody@nowhere/none", secret_key="k" * 32))
    return {
        re.sub(r"\{\w+\}", "{}", path.removeprefix(COUNTY)) for path in app.openapi()["paths"] if COUNTY in path
    }


def paths_of_row(row: str) -> set[str]:
    """All that the first cell of a row can mean: its paths, and each followed by those beside it."""
    named = [re.sub(r"\{\w+\}", "{}", code) for code in re.findall(r"`(/[^`]+)`", row.split("|")[1])]
    return {*named, *(before + after for before, after in product(named, named))}


def named(path: str, part: str) -> bool:
    return path.startswith(part) or path.endswith(part)


def test_the_table_of_the_console_has_every_path_and_no_other():
    page = (ROOT / "docs/console.md").read_text()
    rows = [line for line in page.splitlines() if line.startswith("| `/")]
    known = console_paths()
    assert known - set().union(*map(paths_of_row, rows)) == set()
    dead = {
        code
        for row in rows
        for code in re.findall(r"`(/[^`]+)`", row.split("|")[1])
        if not any(named(path, re.sub(r"\{\w+\}", "{}", code)) for path in known)
    }
    assert dead == set()
