"""Logs: one JSON line per event on standard error, with nobody in it.

Our own lines name kinds, counts and ids. What others write, and what an error says, is masked: see `masking`.
"""

import json
import logging
import sys
from types import TracebackType

import structlog

from app.kernel.masking import masked, traced

_ENCODER = json.JSONEncoder(ensure_ascii=False, default=repr)
_PROCESSORS: list[structlog.types.Processor] = []  # one list for good: loggers that have written keep hold of it


def configure(level: str) -> None:
    """Send structlog and the standard library's loggers through the same JSON lines, from `level` on.

    Structlog writes its own: the detour through the standard library's handlers doubles the price of a line.
    """
    shared: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.ExceptionRenderer(lambda exc_info: traced(exc_info[1])),
    ]
    as_json = structlog.processors.JSONRenderer(serializer=_json)
    _PROCESSORS[:] = [_from(level), *shared, as_json]
    structlog.configure(
        processors=_PROCESSORS,
        logger_factory=_StandardError,
        wrapper_class=structlog.make_filtering_bound_logger("notset"),
        cache_logger_on_first_use=True,
    )
    sys.excepthook = _uncaught
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, _mask],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, as_json],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(
        max(getattr(logging, level.upper()), logging.WARNING)
    )  # what libraries chat of is whole requests
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.setLevel(level.upper())
        logger.propagate = name != "uvicorn.access"  # requests are logged by our own middleware


def _uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, Exception):
        sys.stderr.write(f"{traced(error)}\n")
    else:
        sys.__excepthook__(kind, error, trace)


def _json(event: structlog.types.EventDict, **_: object) -> str:
    return _ENCODER.encode(event).encode("utf-8", "backslashreplace").decode()  # half a surrogate pair is no UTF-8


def _mask(_logger: object, _method: str, event: structlog.types.EventDict) -> structlog.types.EventDict:
    """Of a library's line what is always the same in it; of our server's, which names itself, all."""
    record: logging.LogRecord = event["_record"]
    said = event["event"] if record.name.startswith("uvicorn") else record.msg
    return {**event, "event": masked(str(said))}


def _from(level: str) -> structlog.types.Processor:
    """Drops what is below `level`; a processor, and hence out of the way of tests that capture lines."""
    least = getattr(logging, level.upper())

    def drop_lower(_logger: object, method: str, event: structlog.types.EventDict) -> structlog.types.EventDict:
        if getattr(logging, method.upper()) < least:
            raise structlog.DropEvent
        return event

    return drop_lower


class _StandardError:
    """Writes each line at once, to whatever standard error is at that moment."""

    def __init__(self, *_: object) -> None:
        """Structlog hands over the logger's name, which the lines do without."""

    def msg(self, line: str) -> None:
        sys.stderr.write(f"{line}\n")

    debug = info = warning = error = exception = critical = msg
