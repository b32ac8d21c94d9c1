"""A server is tried: every clause of mobile_api_spec/server.md that can be seen from outside."""

from collections.abc import Iterable
from contextlib import nullcontext

from app.conformance import clauses as pages
from app.conformance import of_batches, of_check_ins, of_sign_in, report
from app.conformance.report import Report
from app.conformance.visitor import Visitor

CASES = {**of_sign_in.cases, **of_check_ins.cases, **of_batches.cases}
NOT_CHECKED = {
    "SERVER-31": "what is on the disk of a server cannot be seen from outside; kill it to find out",
    "SERVER-32": "needs a server that cannot store, for a reason of its own, what it is sent",
    "SERVER-33": "needs a server that can store nothing",
}
"""By clause, why it is not."""


def try_server(visitor: Visitor, only: Iterable[str] | None = None) -> Report:
    """Raises httpx's errors where nobody answers, and `Broken` where one cannot sign in. Closes the line."""
    wanted = {
        number: clause
        for number, clause in pages.read().items()
        if clause.binds == "server" and (only is None or number in only)
    }
    with visitor.http:
        visitor.phone  # noqa: B018 - without a sign-in nothing can be tried
        return report.report(visitor.url, wanted, CASES, NOT_CHECKED, lambda _: nullcontext(visitor))
