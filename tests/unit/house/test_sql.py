"""Every statement names one county for every table that grows (docs/architecture.md)."""

import pytest

from app.kernel.statements import Statement
from tests.unit.house import sql

TABLES = sql.growing()
# The exceptions, each with its reason: tables whose rows are found before the county is known ...
BEFORE_THE_COUNTY = {
    "sign_in": "who signs in gives a phone number; the county is what is looked up",
    "push_owner": "a phone may go to another county; whose it was before is what is looked up",
}
# ... and texts, by file and by constant or function.
ACROSS_COUNTIES = {
    ("access/store/sign_ins.py", "TRIED"): "who signs in gives a number; the county is looked up",
    ("kernel/sealing.py", "_seal_function"): "its parameter, `given_county`, is the county",
    ("kernel/sealing.py", "_watch"): "a migration notes what every county has of a table that is newly sealed",
}
FOUND = [
    text
    for file in sql.files()
    if file.name != "__main__.py"
    for text in sql.texts(file, TABLES - BEFORE_THE_COUNTY.keys())
]


def test_every_statement_names_one_county():
    wrong = {
        (text.file, text.name): missing
        for text in FOUND
        if (missing := sql.nameless(text.text, TABLES - BEFORE_THE_COUNTY.keys()))
    }
    assert {place: missing for place, missing in wrong.items() if place not in ACROSS_COUNTIES} == {}
    assert ACROSS_COUNTIES.keys() - wrong.keys() == set(), "no exceptions any more"


def test_all_statements_are_looked_at():
    assert len({text.file for text in FOUND}) > 30
    assert BEFORE_THE_COUNTY.keys() <= TABLES
    assert {"check_in", "duty", "flag", "notice", "person", "audit_entry"} <= TABLES


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM duty WHERE id = :id",
        "SELECT * FROM duty AS d JOIN person AS p ON p.id = d.person_id WHERE d.county_id = :county_id",
        "SELECT * FROM duty AS d, person AS p WHERE d.county_id = :county_id AND p.id = d.person_id",
        "SELECT * FROM duty AS d JOIN person AS p ON p.county_id = d.county_id WHERE d.id = :id",
        (
            "SELECT * FROM duty JOIN LATERAL (SELECT FROM flag WHERE duty_id = duty.id) AS f ON true"
            " WHERE duty.county_id = :county_id"
        ),
        "SELECT 1 FROM duty WHERE county_id = :county_id UNION SELECT 1 FROM flag",
        (
            "WITH a AS (SELECT id FROM duty AS x WHERE x.county_id = :county_id), b AS (SELECT id FROM flag AS x)"
            " SELECT * FROM a JOIN b USING (id)"
        ),
        "SELECT 1 FROM duty WHERE county_id = :county_id AND EXISTS (SELECT FROM flag WHERE flag.id = duty.id)",
        "UPDATE duty SET status = 'open' WHERE id = :id",
        "DELETE FROM duty USING flag WHERE duty.county_id = :county_id AND flag.duty_id = duty.id",
        "INSERT INTO duty (id, county_id) SELECT :id, :county_id",
        "INSERT INTO duty (county_id, id) SELECT new.county_id, new.id FROM unnest(:a) AS new",
        "JOIN person ON person.id = c.person_id",
    ],
)
def test_a_table_without_its_county_is_found(statement):
    assert sql.nameless(statement, TABLES)


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM duty WHERE county_id = :county_id AND id = :id",
        (
            "SELECT * FROM duty AS d JOIN person AS p ON p.county_id = d.county_id AND p.id = d.person_id"
            " WHERE d.county_id = :county_id"
        ),
        "SELECT * FROM duty JOIN flag USING (county_id, id) WHERE duty.county_id = :county_id",
        "SELECT * FROM duty WHERE (duty.county_id, duty.id) = (:county_id, :id)",
        (
            "SELECT * FROM duty WHERE county_id = :county_id"
            " AND EXISTS (SELECT FROM flag WHERE flag.county_id = duty.county_id AND flag.duty_id = duty.id)"
        ),
        "INSERT INTO duty (county_id, id) SELECT :county_id, new.id FROM unnest(:ids) AS new (id)",
        "WITH flag AS (SELECT 1 AS id) SELECT * FROM flag",
        "JOIN person ON person.county_id = c.county_id AND person.id = c.person_id",
        "SELECT extract(hour FROM duty.closes_at)",
    ],
)
def test_a_table_with_its_county_passes(statement):
    assert sql.nameless(statement, TABLES) == []


@pytest.mark.parametrize(
    "source",
    [
        'Q = "SELECT 1 FROM duty"',
        'Q = f"SELECT {N} FROM duty"',
        'Q = f"SELECT 1 {JOIN}"',
        'Q = Statement(int, f"SELECT 1 {TYPED}")',
        'Q = "SELECT 1 " + JOIN',
        'async def f(session):\n    await session.execute(text("DELETE FROM duty"))',
        "def f(by):\n    return f\"SELECT 1 WHERE {by} {'AND EXISTS (SELECT 1 FROM duty)' if by else ''}\"",
    ],
)
def test_a_statement_is_found_wherever_it_is_put_together(source):
    names = {"N": "1", "JOIN": "FROM duty", "TYPED": Statement(int, "FROM duty")}
    (found, *_) = sql.texts_of(source, names, TABLES)
    assert sql.nameless(found.text, TABLES)


def test_what_only_a_call_knows_names_no_county():
    (found,) = sql.texts_of('def f(where):\n    return f"SELECT 1 FROM duty WHERE {where}"', {}, TABLES)
    assert sql.nameless(found.text, TABLES) == ["duty"]
