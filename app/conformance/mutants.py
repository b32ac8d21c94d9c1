"""Servers that break one clause each: the kit is right only if it catches every one of them.

`yefang conformance --self-test` does so, and wants proof that the broken path was taken: `ran`.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import httpx

from app.conformance.cases import Broken
from app.conformance.county import PASSWORD, PEOPLE
from app.conformance.line import Asked, HangUp, Said
from app.conformance.mock import Mock
from app.conformance.report import Result
from app.conformance.servers import CASES, try_server
from app.conformance.visitor import Account, Visitor
from app.kernel.clock import system_clock


class Mutant(Mock):
    """`ran`: how often the broken path was taken. `spoil` may change what would have been answered."""

    ran = 0

    def served(self, asked: Asked) -> Said:
        said = super().served(asked)
        spoilt = self.spoil(asked, said)
        if spoilt is None:
            return said
        self.ran += 1
        return spoilt

    def spoil(self, asked: Asked, said: Said) -> Said | None:  # noqa: ARG002
        """None: answered as it should be."""
        return None


class Mutants(dict[str, type[Mutant]]):
    """By the clause that each breaks."""

    def __call__(self, clause: str) -> Callable[[type[Mutant]], type[Mutant]]:
        """Above a mutant: it breaks this clause."""

        def add(mutant: type[Mutant]) -> type[Mutant]:
            self[clause] = mutant
            return mutant

        return add


def self_test(mutants: Mapping[str, type[Mutant]]) -> Iterator[tuple[str, Result, int]]:
    """Of each clause that has a case: the clause, what its case found of the mutant, how often that was broken."""
    mine, others = (Account(phone, PASSWORD) for phone in list(PEOPLE)[:2])
    for clause in CASES:
        mutant = mutants[clause]()
        with in_process(mutant) as transport:
            visitor = Visitor("http://mutant", mine, others, transport=transport)
            try:
                (result,) = try_server(visitor, only={clause}).results
            except Broken as why:  # the sign-in itself
                raise AssertionError(f"{clause}: its mutant lets nobody in: {why}") from None
        yield clause, result, mutant.ran


@contextmanager
def in_process(mock: Mock) -> Iterator[httpx.BaseTransport]:
    """The mock without a port."""

    def answer(request: httpx.Request) -> httpx.Response:
        target = request.url.raw_path.decode()
        asked = Asked(request.method, target, dict(request.headers), request.read(), system_clock())
        try:
            said = mock.answer(asked)
        except HangUp:
            raise httpx.ReadError("the line was cut", request=request) from None
        return httpx.Response(said.status, headers=said.headers, content=said.content)

    with httpx.MockTransport(answer) as transport:
        yield transport
