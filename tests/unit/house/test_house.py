"""What the import graph cannot see: where commits, statements and clocks may stand in the code."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

APP = Path(__file__).parents[3] / "app"
FILES = sorted(APP.rglob("*.py"))
SQL_FILES = sorted(APP.rglob("*.sql"))


def calls(tree: ast.AST, name: str) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == name:
            yield node


def commits(source: str) -> bool:
    return any(calls(ast.parse(source), "commit"))


def executes(source: str) -> bool:
    return any(calls(ast.parse(source), "execute")) or bool(
        re.search(r"\bimport .*\brows\b|\brows\(session", source)
    )


def strings(source: str) -> list[str]:
    nodes = (node.value for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Constant))
    return [value for value in nodes if isinstance(value, str)]


def sql_now(texts: list[str]) -> bool:
    asked = re.compile(r"\b(now\(\)|current_timestamp|current_date|clock_timestamp)", re.IGNORECASE)
    return any(map(asked.search, texts))


def test_only_the_ground_floor_commits():
    assert [str(f) for f in FILES if commits(f.read_text())] == [str(APP / "kernel/database.py")]


def test_statements_stand_in_stores_reads_and_the_ground_floor():
    allowed = re.compile(
        r"(.*/store|.*/store/\w+|directory/roster|directory/fences|directory/service|kernel/.*|reads/.*"
        r"|exchange/boundary_guards)\.py"  # which looks into a database that somebody has sent
    )
    wrong = [
        str(f.relative_to(APP))
        for f in FILES
        if executes(f.read_text()) and not allowed.fullmatch(str(f.relative_to(APP)))
    ]
    assert wrong == []


@pytest.mark.parametrize("file", FILES + SQL_FILES, ids=lambda f: str(f.relative_to(APP)))
def test_sql_takes_the_time_as_a_parameter(file: Path):
    text = file.read_text(encoding="utf-8")
    assert not sql_now([text] if file in SQL_FILES else strings(text))


def test_statements_are_short_or_files():
    long = {
        str(file.relative_to(APP)): node.lineno
        for file in FILES
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Constant | ast.JoinedStr) and (node.end_lineno or 0) - node.lineno > 50
    }
    assert long == {}


def test_the_lints_above_can_fail():
    assert commits("async def f(s):\n    await s.commit()")
    assert executes("async def f(s):\n    await s.execute(1)")
    assert sql_now(strings("Q = 'SELECT now()'"))


def test_files_stay_short():
    long = {str(f.relative_to(APP)): len(f.read_text().splitlines()) for f in FILES}
    assert {name: lines for name, lines in long.items() if lines > 400} == {}
