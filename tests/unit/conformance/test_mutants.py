"""The kit is right: it finds nothing wrong with the mock, and catches every server and phone that is broken."""

import sys

import pytest

from app.conformance.broken_servers import MUTANTS
from app.conformance.county import PASSWORD, PEOPLE
from app.conformance.mock import Mock
from app.conformance.mutants import in_process, self_test
from app.conformance.phones import CASES as PHONE_CASES
from app.conformance.phones import try_phone
from app.conformance.servers import CASES, try_server
from app.conformance.visitor import Account, Visitor
from tests.support.broken_phones import BROKEN
from tests.support.sample_client import InProcess

CAUGHT = {clause: (result, ran) for clause, result, ran in self_test(MUTANTS)}


def test_the_mock_keeps_every_clause():
    with in_process(Mock()) as transport:
        mine, others = (Account(phone, PASSWORD) for phone in list(PEOPLE)[:2])
        report = try_server(Visitor("http://mock", mine, others, transport=transport))
    assert {each.clause.id: each.why for each in report.results if each.verdict == "broken"} == {}
    assert report.count("holds") == len(CASES)


def test_each_clause_of_a_server_has_a_mutant():
    assert set(MUTANTS) == set(CASES)


@pytest.mark.parametrize("clause", CAUGHT)
def test_a_broken_server_is_caught(clause: str):
    result, ran = CAUGHT[clause]
    assert ran > 0, "the broken path was not taken"
    assert result.verdict == "broken", "the mutant was not caught"
    assert "another shape" not in result.why, "it was caught by an accident"


def test_each_clause_of_a_phone_has_a_mutant():
    assert set(BROKEN) == set(PHONE_CASES)


@pytest.mark.parametrize("clause", PHONE_CASES)
def test_a_broken_phone_is_caught(clause: str):
    """And the same case finds nothing wrong with the sample client that it is made of."""

    class Broken(InProcess):
        phone = BROKEN[clause]

    command = f"{sys.executable} -m tests.support.broken_phones {clause}"
    (found,) = try_phone(command, [clause], Broken).results
    assert found.verdict == "broken", found.why
    assert "another shape" not in found.why, found.why
