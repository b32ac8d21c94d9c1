"""What the import graph cannot see: where commits, statements and clocks may stand in the code."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

APP = Path(__file__).parents[3] / "app"
FILES = sorted(APP.rglob("*.py"))
GROWING = (
    "check_in",
    "review",
    "verification",
    "rejudgement",
    "duty",
    "flag",
    "flag_recipient",
    "appeal",
    "duty_waiver",
    "notice",
    "person",
    "assignment",
    "household",
    "photo",
    "device_session",
    "quarantine",
    "track_fix",
    "track_day",
    "stay",
)


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


def awaits_store_in_a_loop(source: str) -> list[int]:
    """Lines where a statement is awaited once for each element of something."""
    lines = []
    for loop in ast.walk(ast.parse(source)):
        if isinstance(loop, ast.For | ast.AsyncFor | ast.ListComp | ast.GeneratorExp | ast.DictComp):
            lines += [
                node.lineno
                for node in ast.walk(loop)
                if isinstance(node, ast.Await)
                and isinstance(node.value, ast.Call)
                and isinstance(node.value.func, ast.Attribute)
                and isinstance(node.value.func.value, ast.Name)
                and node.value.func.value.id == "store"
            ]
    return lines


def sql_now(source: str) -> bool:
    strings = [node.value for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Constant)]
    return any(
        re.search(r"\b(now\(\)|current_timestamp|current_date|clock_timestamp)", text, re.IGNORECASE)
        for text in strings
        if isinstance(text, str)
    )


def test_only_the_ground_floor_commits():
    assert [str(f) for f in FILES if commits(f.read_text())] == [str(APP / "kernel/database.py")]


def test_statements_stand_in_stores_reads_and_the_ground_floor():
    allowed = re.compile(
        r"(.*/store|.*/store_\w+|directory/roster|directory/fences|directory/service|kernel/.*|reads/.*)\.py"
    )
    wrong = [
        str(f.relative_to(APP))
        for f in FILES
        if executes(f.read_text()) and not allowed.fullmatch(str(f.relative_to(APP)))
    ]
    assert wrong == []


@pytest.mark.parametrize("file", FILES, ids=lambda f: str(f.relative_to(APP)))
def test_no_statement_is_awaited_in_a_loop(file: Path):
    assert awaits_store_in_a_loop(file.read_text()) == []


@pytest.mark.parametrize("file", FILES, ids=lambda f: str(f.relative_to(APP)))
def test_sql_takes_the_time_as_a_parameter(file: Path):
    assert not sql_now(file.read_text())


def test_the_lints_above_can_fail():
    assert commits("async def f(s):\n    await s.commit()")
    assert executes("async def f(s):\n    await s.execute(1)")
    assert awaits_store_in_a_loop("async def f(s, xs):\n    for x in xs:\n        await store.one(s, x)")
    assert sql_now("Q = 'SELECT now()'")


def test_files_stay_short():
    long = {str(f.relative_to(APP)): len(f.read_text().splitlines()) for f in FILES}
    assert {name: lines for name, lines in long.items() if lines > 400} == {}
