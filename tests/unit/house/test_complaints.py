"""Complaints about other apps (docs/phone-app.md): each is answered by a test that names it."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[3]
COMPLAINTS = 16


def named(text: str) -> set[int]:
    """Those that a text says it answers: `complaint 5: ...`, `Complaints 1, 12: ...`."""
    lists = re.findall(r"[Cc]omplaints? ((?:\d+(?:, )?)+)", text)
    return {int(number) for each in lists for number in re.findall(r"\d+", each)}


def test_each_is_named_in_a_test():
    tests = [*(ROOT / "tests/e2e/phone").glob("test_*.py"), *(ROOT / "web/src/phone").rglob("*.test.ts")]
    found = set().union(*(named(file.read_text()) for file in tests))
    assert found == set(range(1, COMPLAINTS + 1))


def test_the_page_tells_of_each():
    rows = re.findall(r"^\| (\d\d?) \|", (ROOT / "docs/phone-app.md").read_text(), re.MULTILINE)
    assert [int(number) for number in rows] == list(range(1, COMPLAINTS + 1))
