"""Closed sets of words in the database are those of the code; Alembic compares no CHECK."""

import re

import asyncpg
import pytest
from sqlalchemy import CheckConstraint, make_url

from app.kernel.database import Base
from app.kernel.words import Word
from tests.support.rooms import import_all

import_all()
CHECKS = {
    constraint.name: constraint
    for table in Base.metadata.tables.values()
    for constraint in table.constraints
    if isinstance(constraint, CheckConstraint) and " IN (" in str(constraint.sqltext)
}


@pytest.fixture(scope="module")
async def in_database(server, template):
    async with server.database(template) as url:
        connection = await asyncpg.connect(
            make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
        )
        found = await connection.fetch(
            "SELECT conname, pg_get_constraintdef(oid) AS text FROM pg_constraint WHERE contype = 'c'"
        )
        await connection.close()
    return {row["conname"]: quoted(row["text"]) for row in found}


@pytest.mark.parametrize("name", sorted(CHECKS))
def test_the_database_keeps_the_words_of_the_code(in_database, name):
    assert in_database[name] == quoted(str(CHECKS[name].sqltext))


@pytest.mark.parametrize("words", Word.__subclasses__(), ids=lambda words: words.__name__)
def test_a_set_says_what_it_is_in_both_languages(words):
    assert re.match(r"[^\x00-\x7f]+: ", words.__doc__ or ""), "term in Chinese, then the meaning"
    for word in words:
        assert word.text.zh
        assert word.text.en
    assert len({word.text.zh for word in words}) == len(words)


def quoted(text):
    return sorted(re.findall(r"'([^']*)'", text))
