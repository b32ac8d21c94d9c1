"""Every transaction of the house says which county it is about, or that it is about none."""

import ast
from collections.abc import Iterator

from tests.unit.house.test_rights import sources


def unsaid(source: str) -> Iterator[int]:
    for node in ast.walk(ast.parse(source)):
        begins = isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "transaction"
        if begins and not node.args:
            yield node.lineno


def test_every_transaction_names_its_county():
    # The driver's own are begun by the class that says the county.
    found = {name: list(unsaid(source)) for name, source in sources()}
    assert {name: lines for name, lines in found.items() if lines} == {}


def test_one_that_does_not_is_found():
    assert list(unsaid("async with database.transaction(snapshot=True) as session: pass")) == [1]
    assert list(unsaid("async with database.transaction(None) as session: pass")) == []
