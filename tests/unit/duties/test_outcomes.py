"""The outcomes of a check-in: the words, the statement and docs/duties.md name the same, in the same order."""

import re
from pathlib import Path

from app.duties import counting
from app.duties.progress import OUTCOMES

DOCS = Path(__file__).parents[3] / "docs" / "duties.md"
SAID = re.compile(r"(?:THEN|ELSE) '(\w+)'")


def documented() -> list[str]:
    table = DOCS.read_text(encoding="utf-8").split("| outcome | when |")[1].split("\n\n")[0]
    cells = [line.split("|")[1] for line in table.splitlines()[2:]]
    return [code for cell in cells for code in re.findall(r"`(\w+)`", cell)]


def test_every_outcome_of_the_statement_has_words_and_a_line_in_the_docs():
    stated = [code for part in (counting.VISIT, counting.JUDGED, counting.STAYED) for code in SAID.findall(part)]
    assert set(stated) == set(OUTCOMES) == set(documented())
    assert len(documented()) == len(OUTCOMES)


def test_the_first_line_that_applies_is_the_first_that_is_looked_at():
    obstacles = SAID.findall(counting.VISIT)
    assert [code for code in documented() if code in obstacles] == obstacles
