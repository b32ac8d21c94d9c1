"""Whose fault it is when the database fails: the content's, the moment's, or our own. The one place that says so.

Nothing but content may ever be called invalid: what passes is answered "come back later", what is our own is
logged and looked into.
"""

from enum import Enum, auto

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

STILL_REFERRED_TO = "23503"
TAKEN = ("23505", "23P01")  # what one alone may have, ever or at a time
"""SQLSTATE: another row refers to what is to be deleted, or to what is not there."""


class Failure(Enum):
    """What may be done about it."""

    AGAIN = auto()
    """Lost to another transaction, or with its connection: the same may succeed at once."""
    LATER = auto()
    """The database is out of reach, starting, full, read only or overrun: not now, whatever is asked of it."""
    CONTENT = auto()
    """A value that the database cannot hold."""
    OWN = auto()
    """Anything else: a fault of the server's own, perhaps only with this very item."""


# SQLSTATEs, else their classes (PostgreSQL's documentation, appendix A).
_BY_STATE = {
    "08": Failure.AGAIN,  # connection exception
    "0A000": Failure.AGAIN,  # a statement prepared before a migration; the driver prepares it anew
    "22": Failure.CONTENT,  # data exception
    "22012": Failure.OWN,  # division by zero: our arithmetic, whatever was divided
    "25006": Failure.LATER,  # read-only transaction: a standby, or an operator's wish
    "25P03": Failure.AGAIN,  # idle in transaction for too long: we were stopped
    "28": Failure.LATER,  # the password is being changed
    "3D000": Failure.LATER,  # no such database: it is being restored
    "40": Failure.AGAIN,  # serialization failure, deadlock
    "42": Failure.LATER,  # no such table or column, or no right to it: in the middle of a deployment
    "53": Failure.LATER,  # insufficient resources: disk full, too many connections
    "53200": Failure.OWN,  # out of memory: perhaps by what is asked
    "53400": Failure.OWN,
    "55006": Failure.AGAIN,  # object in use
    "55P03": Failure.AGAIN,  # lock not available in time
    "57": Failure.LATER,  # shut down, crashed, starting up, dropped
    "57014": Failure.OWN,  # took longer than a statement may: perhaps by what is asked
    "57P01": Failure.AGAIN,  # this connection was ended by an operator, or the server goes down
    "57P05": Failure.AGAIN,  # it was idle for too long
    "58": Failure.LATER,  # system error, such as of a disk
}


def failure_of(error: BaseException) -> Failure:
    """Of anything raised while the database was asked for something."""
    if isinstance(error, PoolTimeout):
        return Failure.LATER
    if not isinstance(error, DBAPIError):
        return Failure.OWN
    return _by_state(sqlstate(error)) or _without_state(error)


def _by_state(state: str) -> Failure | None:
    if not state:
        return None
    return _BY_STATE.get(state) or _BY_STATE.get(state[:2], Failure.OWN)


def _without_state(error: DBAPIError) -> Failure:
    """Said by the driver, before or without the server's word."""
    original = _original(error)
    if error.connection_invalidated:
        return Failure.AGAIN
    if isinstance(original, OSError):  # nobody listens, or the network is down
        return Failure.LATER
    return Failure.CONTENT if isinstance(original, ValueError) else Failure.OWN  # beyond what a type holds


def passes(error: BaseException) -> bool:
    """Whether the same request may well succeed later without anybody's doing."""
    return failure_of(error) in (Failure.AGAIN, Failure.LATER)


def sqlstate(error: DBAPIError) -> str:
    """Empty where the server did not say one."""
    return str(getattr(_original(error), "sqlstate", None) or "")


def constraint_name(error: DBAPIError) -> str:
    return str(getattr(_original(error), "constraint_name", None) or "")


def detail(error: DBAPIError) -> str:
    return str(getattr(_original(error), "detail", None) or "")


def _original(error: DBAPIError) -> BaseException | None:
    """The driver's own exception."""
    return getattr(error.orig, "__cause__", None) or error.orig
