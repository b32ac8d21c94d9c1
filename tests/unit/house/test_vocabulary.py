"""Closed sets of words are declared once, in their rooms: database, doors and page say what is declared there."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from sqlalchemy import CheckConstraint

from app.kernel.database import Base
from app.kernel.language import Language
from app.kernel.words import Word
from app.main import create_app
from app.photos.rules import FORMATS
from app.settings import Settings
from tests.support.rooms import import_all

ROOT = Path(__file__).parents[3]
import_all()

SETS = {frozenset(each.codes()): each.__name__ for each in Word.__subclasses__()}
NOT_OURS = {frozenset(get_args(Language)), frozenset(FORMATS)}
"""Sets whose words others have made: language tags and names of file formats."""
OF_ONE_PLACE = {
    # What one route can be asked for or answers, and nothing else in the house speaks of.
    frozenset({"unit", "village", "category"}): "group_by of compliance",
    frozenset({"village", "person", "unit"}): "group_by of night visits",
    frozenset({"newest", "oldest"}): "order of a person's check-ins",
    frozenset({"townships", "villages", "check_ins"}): "layers of the map",
    frozenset({"recorded", "duplicate", "conflict", "invalid", "deferred"}): "outcomes of one item of a batch",
    frozenset({"not_set_up", "switched_off"}): "why a registration for pushes reaches nobody yet",
    frozenset({"image/jpeg", "image/png", "image/webp"}): "media types",
    frozenset({"fcm", "webpush"}): "the kinds of channel that reach devices",
    frozenset({"acknowledged", "cleared"}): "what can be made of a flag",
}


def document() -> dict[str, Any]:
    app = create_app(Settings(database_url="postgresql+asyncpg://nobody@nowhere/none", secret_key="k" * 32))
    return app.openapi()


def enums(part: Any) -> Iterator[frozenset[str]]:
    """All closed sets of two words or more in a document."""
    if isinstance(part, dict):
        if isinstance(part.get("enum"), list) and len(part["enum"]) > 1 and isinstance(part["enum"][0], str):
            yield frozenset(part["enum"])
        for each in part.values():
            yield from enums(each)
    elif isinstance(part, list):
        for each in part:
            yield from enums(each)


def checked() -> Iterator[tuple[str, frozenset[str]]]:
    """The closed sets that the database keeps: name of the constraint, and its words."""
    for table in Base.metadata.tables.values():
        for each in table.constraints:
            if isinstance(each, CheckConstraint) and re.fullmatch(r"\w+ IN \('.*'\)", str(each.sqltext)):
                yield str(each.name), frozenset(re.findall(r"'([^']+)'", str(each.sqltext)))


@pytest.mark.parametrize(
    ("constraint", "words"),
    sorted(checked(), key=lambda each: each[0]),
    ids=lambda each: each if isinstance(each, str) else "",
)
def test_the_database_keeps_declared_sets(constraint, words):
    assert words in SETS or words in NOT_OURS


def test_the_doors_speak_declared_sets():
    said = set(enums(document()))
    assert said - SETS.keys() - NOT_OURS - OF_ONE_PLACE.keys() == set()
    assert OF_ONE_PLACE.keys() - said == {frozenset({"acknowledged", "cleared"})}


def test_names_of_the_document_say_nothing_of_modules():
    """Two models of one name in two modules would be told apart by them."""
    names = document()["components"]["schemas"]
    assert [name for name in names if "__" in name or "-" in name] == []


def test_no_set_is_spelled_out_again():
    again = []
    for path in (ROOT / "app").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Tuple | ast.List | ast.Set):
                words = frozenset(each.value for each in node.elts if isinstance(each, ast.Constant))
                if len(node.elts) > 2 and words in SETS:
                    again.append(f"{path.relative_to(ROOT)}:{node.lineno} is {SETS[words]}")
    assert again == []


def test_no_two_sets_are_the_same():
    assert len(SETS) == len(Word.__subclasses__())
