"""Lists of what is people's can be cut to a unit and to a person, and each sheet is cut as its list is."""

from typing import Any

import pytest

from app.console.exports import EXPORTS
from app.main import create_app
from app.settings import Settings

COUNTY = "/v1/counties/{county_id}"
A_LINE_EACH = {"/silence", "/night-visits"}  # of each person, and in sums
OF_ONE_PLACE = {"/villages/{village_id}/assignments"}  # of one village, whole; a person's are in `/people/{id}`
OF_NO_LIST = {"geofences"}  # boundaries in sight, which stand on the map


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return create_app(Settings()).openapi()


def resolved(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    name = schema.get("$ref", "").removeprefix("#/components/schemas/")
    found: dict[str, Any] = document["components"]["schemas"][name] if name else schema
    return found


def item_of(document: dict[str, Any], operation: dict[str, Any]) -> dict[str, Any]:
    """What a list answers one of; nothing where it is no list."""
    content = operation["responses"].get("200", {}).get("content", {}).get("application/json", {})
    items = resolved(document, content.get("schema", {})).get("properties", {}).get("items", {})
    return resolved(document, items.get("items", {}))


def asked(operation: dict[str, Any]) -> set[str]:
    return {each["name"] for each in operation.get("parameters", ()) if each["in"] == "query"}


def test_what_is_of_people_can_be_cut_to_one_and_to_a_unit(document: dict[str, Any]):
    of_people = {
        path.removeprefix(COUNTY): asked(operations["get"])
        for path, operations in document["paths"].items()
        if path.startswith(COUNTY)
        and "get" in operations
        and "person" in item_of(document, operations["get"]).get("properties", {})
    }
    assert {"/duties", "/flags", "/appeals", "/check-ins", "/reviews", "/leave", "/deliveries"} <= set(of_people)
    lacking = {
        path: {"person", "unit"} - given
        for path, given in of_people.items()
        if path not in A_LINE_EACH | OF_ONE_PLACE
    }
    assert {path: names for path, names in lacking.items() if names} == {}


@pytest.mark.parametrize("name", sorted(set(EXPORTS) - OF_NO_LIST))
def test_a_sheet_is_filtered_as_its_list_is(document: dict[str, Any], name: str):
    of_list, of_sheet = (
        asked(document["paths"][COUNTY + path]["get"]) for path in (f"/{name}", f"/exports/{name}.{{file_format}}")
    )
    assert of_sheet == of_list - {"cursor", "limit"}
