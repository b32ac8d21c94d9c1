"""The parts of the counting statement: every file is read, and each is given just what it asks for."""

import re
from pathlib import Path

from app.duties import counting
from app.duties.counting.measures import MEASURES
from app.duties.progress import OUTCOMES

FOLDER = Path(counting.__file__).parent


def test_every_part_stands_in_the_statement():
    whole = counting.statement("SELECT 1", " SELECT 1")
    for file in FOLDER.glob("*.sql"):
        assert getattr(counting, file.stem.upper()) in whole, file.name


def test_nothing_of_a_comment_or_a_placeholder_is_left():
    whole = counting.statement("SELECT 1", " SELECT 1")
    assert "--" not in whole
    assert re.findall(r"\{[a-z_]+[(}]", whole) == []


def test_what_a_measure_repeats_has_words():
    assert {of.repeated for of in MEASURES.values()} <= set(OUTCOMES)
