"""docs/security.md: each promise names the test that holds it, and each test that it names is there."""

import re
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs/security.md").read_text()


def promises(page: str) -> list[tuple[str, list[str]]]:
    """Rows of the tables that are headed so, each with the tests it names."""
    tables = re.findall(r"^\| promise \| test \|\n\|---\|---\|\n((?:\|.*\n)+)", page, re.MULTILINE)
    rows = [row.strip("|").split("|") for table in tables for row in table.splitlines()]
    return [(promise.strip(), re.findall(r"`(test_\w+)`", tests)) for promise, tests in rows]


@cache
def known() -> set[str]:
    return {
        name
        for path in (ROOT / "tests").rglob("test_*.py")
        for name in re.findall(r"^(?:async )?def (test_\w+)", path.read_text(), re.MULTILINE)
    }


def test_each_promise_has_a_test_that_exists():
    found = promises(PAGE)
    assert len(found) > 35
    assert [promise for promise, tests in found if not tests] == []
    assert {name for _, tests in found for name in tests} - known() == set()


def test_a_promise_without_one_is_found():
    page = "| promise | test |\n|---|---|\n| a | `test_a`, `test_b` |\n| b | by hand |\n"
    assert promises(page) == [("a", ["test_a", "test_b"]), ("b", [])]
