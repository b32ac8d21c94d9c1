"""Each route declares what it lets its caller do; `directory/rights.py` says who may, and where."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

from fastapi.routing import iter_route_contexts
from starlette.routing import BaseRoute

from app.directory.rights import Ability

Endpoint = TypeVar("Endpoint", bound=Callable[..., object])


def needs(ability: Ability) -> Callable[[Endpoint], Endpoint]:
    """Above a route's function, below its `@router`: the caller needs this ability."""

    def declare(endpoint: Endpoint) -> Endpoint:
        endpoint.__dict__["ability"] = ability
        return endpoint

    return declare


def ability_of(endpoint: Any) -> Ability:
    """What was declared. Raises `AttributeError` where nothing was."""
    declared: Ability = endpoint.ability
    return declared


def declared(routes: Sequence[BaseRoute]) -> Iterator[tuple[str, str, Ability | None]]:
    """Every method and path, with what its function declares."""
    for route in iter_route_contexts(routes):
        for method in sorted(route.methods or ()):
            yield method, str(route.path), getattr(route.endpoint, "ability", None)


def add_abilities(document: dict[str, Any], routes: Sequence[BaseRoute]) -> None:
    """`x-ability` of every operation of an OpenAPI document."""
    for method, path, ability in declared(routes):
        operation = document["paths"].get(path, {}).get(method.lower())
        if operation is not None and ability:
            operation["x-ability"] = ability.value
