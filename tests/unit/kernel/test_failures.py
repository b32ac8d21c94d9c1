"""Whose fault a failed statement is, by what the server or the driver says."""

import pytest
from asyncpg.exceptions._base import DataError as BeyondTheType
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from app.kernel.failures import Failure, failure_of, passes


def failed(state: str | None = None, cause: Exception | None = None, *, lost: bool = False) -> DBAPIError:
    """As the driver's own exception comes wrapped."""
    original = Exception("as SQLAlchemy's adapter makes it")
    original.__cause__ = cause or Exception("the driver's")
    original.__cause__.sqlstate = state
    return DBAPIError("SELECT 1", None, original, connection_invalidated=lost)


@pytest.mark.parametrize(
    ("states", "failure"),
    [
        ("40001 40P01 55P03 08003 08006 57P01 57P05 0A000", Failure.AGAIN),
        ("57P02 57P03 57P04 42P01 42703 42501 53300 53100 53000 25006 58030 28P01 3D000", Failure.LATER),
        ("22001 22003 22021 22P02 22P05 22000", Failure.CONTENT),
        ("23502 23514 23503 23505 22012 XX000 XX001 P0001 57014 53200 54001 25P02", Failure.OWN),
    ],
)
def test_by_sqlstate(states: str, failure: Failure):
    assert {state: failure_of(failed(state)) for state in states.split()} == dict.fromkeys(states.split(), failure)


def test_without_a_word_of_the_server():
    refused = OperationalError("connect", None, ConnectionRefusedError(111, "refused"))
    assert failure_of(refused) is Failure.LATER
    assert failure_of(OperationalError("connect", None, TimeoutError())) is Failure.LATER
    assert failure_of(PoolTimeout()) is Failure.LATER
    assert failure_of(failed(lost=True)) is Failure.AGAIN
    assert failure_of(failed(cause=BeyondTheType("value out of int32 range"))) is Failure.CONTENT
    assert failure_of(failed()) is Failure.OWN
    assert failure_of(FileNotFoundError("not the database's")) is Failure.OWN
    assert failure_of(KeyError("a bug")) is Failure.OWN


def test_what_passes():
    assert passes(failed("57P03"))
    assert passes(failed("40P01"))
    assert not passes(failed("23514"))
    assert not passes(failed("22003"))
