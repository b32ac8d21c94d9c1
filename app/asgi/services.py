"""What the doors are handed: one frozen object, built by `wiring.py` and kept on `app.state.services`."""

from dataclasses import dataclass

from fastapi import Request

from app.asgi.tokens import AccessTokens
from app.directory.fences import Fences
from app.flows.record_visits import VisitGatherer
from app.kernel.clock import Clock
from app.kernel.database import Database


@dataclass(frozen=True, slots=True)
class Services:
    """The engine, the clock, and what is made once for the process."""

    database: Database
    clock: Clock
    tokens: AccessTokens
    visits: VisitGatherer
    fences: Fences
    refresh_token_d: int


def services(request: Request) -> Services:
    found: Services = request.app.state.services
    return found
