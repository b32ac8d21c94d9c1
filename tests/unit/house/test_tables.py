"""A table belongs to a room: others read it only where their room says so, and do not write it."""

import importlib
import re
from collections.abc import Iterator

import pytest

from app.kernel.database import Base
from tests.support.rooms import import_all
from tests.unit.house import sql

import_all()
OWNER = {mapper.class_.__tablename__: mapper.class_.__module__.split(".")[1] for mapper in Base.registry.mappers}
ROOMS = sorted(set(OWNER.values()) - {"kernel"})
EVERYBODYS = {name for name, room in OWNER.items() if room == "kernel"}
"""Tables of the ground floor, such as the audit log."""
WRITTEN_BY_OTHERS = {
    (
        "access/store/client_keys.py",
        "HEARD",
        "person",
    ): "when a phone was last heard from, in the app's one round trip"
}


def named(room: str) -> Iterator[tuple[sql.Sql, str, bool]]:
    """Each table of another room in each text of a room, and whether it is written there."""
    for file in sql.files(sql.APP / room):
        for text in sql.texts(file, OWNER.keys() - EVERYBODYS):
            for each in sql.references(text.text, OWNER.keys() - EVERYBODYS):
                if OWNER[each.table] != room:
                    written = re.search(r"\b(INTO|UPDATE|DELETE\s+FROM)\s+$", text.text[: each.at])
                    yield text, each.table, bool(written)


@pytest.mark.parametrize("room", ROOMS)
def test_what_a_room_reads_of_others_it_says(room):
    said = getattr(importlib.import_module(f"app.{room}"), "READS", frozenset())
    assert {table for _, table, written in named(room) if not written} == said


@pytest.mark.parametrize("room", [*ROOMS, "flows", "phone", "console", "clients", "worker"])
def test_nobody_writes_anothers_table(room):
    wrong = {(text.file, text.name, table) for text, table, written in named(room) if written}
    assert wrong - WRITTEN_BY_OTHERS.keys() == set()


def test_no_exception_is_left_over():
    written = {(text.file, text.name, table) for room in ROOMS for text, table, yes in named(room) if yes}
    assert WRITTEN_BY_OTHERS.keys() <= written
