"""Every sentence of the contract that binds has a number, and every number is tried or says why not."""

import re
from collections import Counter

import pytest

from app.conformance import clauses, phones, servers
from app.conformance.clauses import BINDING, NUMBER, PAGES, blocks

CLAUSES = clauses.read()
TEXTS = {page.name: page.read_text() for page in sorted(PAGES.glob("*.md"))}


def test_a_number_stands_once():
    numbers = Counter(number for text in TEXTS.values() for number in re.findall(r"\*\*([A-Z]+-\d+)\*\*", text))
    assert {number for number, times in numbers.items() if times > 1} == set()
    assert set(numbers) == set(CLAUSES)


@pytest.mark.parametrize("page", TEXTS)
def test_what_binds_has_a_number_of_its_own(page: str):
    for block in blocks(TEXTS[page]):
        before, *parts = NUMBER.split(block)
        assert not BINDING.search(before), f"without a number: {before}"
        for number, sentence in zip(parts[::2], parts[1::2], strict=True):
            assert len(BINDING.findall(sentence)) == 1, (
                f"{number} binds to more than one thing, or to none: {sentence}"
            )


def test_pages_have_been_found():
    assert len(CLAUSES) > 70
    assert CLAUSES["SYNC-2"].text == 'It MUST store the check-in before it says "saved"'
    assert (CLAUSES["SYNC-2"].level, CLAUSES["SYNC-13"].level) == ("MUST", "SHOULD")


@pytest.mark.parametrize(("binds", "tried"), [("server", servers), ("phone", phones)])
def test_every_clause_is_tried_or_says_why_not(binds: str, tried):
    bound = {number for number, clause in CLAUSES.items() if clause.binds == binds}
    assert set(tried.CASES) | set(tried.NOT_CHECKED) == bound
    assert set(tried.CASES) & set(tried.NOT_CHECKED) == set()
