"""A phone is tried: every clause of mobile_api_spec/ that can be seen in what it sends."""

import shlex
from collections.abc import Iterable

from app.conformance import clauses as pages
from app.conformance import of_phones, of_photos, report
from app.conformance.bench import Bench, bench
from app.conformance.report import Report

CASES = {**of_phones.cases, **of_photos.cases}
AT_ONCE = 4
_SCREEN = "is seen on a screen, not on the line"
NOT_CHECKED = {
    "PUSH-1": "the command under test gets no pushes: nothing of what is tried here needs one",
    "SYNC-5": _SCREEN,
    "SYNC-18": "two senders are harmless, and a command is started once",
    "SYNC-21": _SCREEN,
    "SYNC-28": _SCREEN,
    "VERSION-2": _SCREEN,
}
"""By clause, why it is not."""


def try_phone(command: str, only: Iterable[str] | None = None, kind: type[Bench] = Bench) -> Report:
    """`command` as in a shell; what is called with it stands in `bench.py`."""
    wanted = {
        number: clause
        for number, clause in pages.read().items()
        if clause.binds == "phone" and (only is None or number in only)
    }
    return report.report(command, wanted, CASES, NOT_CHECKED, lambda _: bench(shlex.split(command), kind), AT_ONCE)
