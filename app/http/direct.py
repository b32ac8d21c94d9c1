"""Routes for what must be cheap: the bare request goes to the function, past FastAPI's dependencies and models.

FastAPI's own handling of a request costs this process as much as recording a check-in does. A direct route is
declared a second time in the usual way, for the document; that one is never reached.
"""

from starlette.routing import Match, Route
from starlette.types import Scope


class DirectRoute(Route):
    """A Starlette route that, like FastAPI's, says which it is: log and counters go by its path."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        match, found = super().matches(scope)
        return match, {**found, "route": self}
