"""The real places of the demo: three counties, their townships and villages, from `data/` (see SOURCES.md)."""

import csv
import json
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from pathlib import Path

import shapely
from shapely import Polygon

_DATA = Path(__file__).parent / "data"


@dataclass(frozen=True, slots=True)
class VillageName:
    """A village as the statistics bureau lists it; `code` has 12 digits."""

    code: str
    name: str
    official_name: str


@dataclass(frozen=True, slots=True)
class TownshipName:
    """A township; `code` has 9 digits."""

    code: str
    name: str
    villages: tuple[VillageName, ...]


@dataclass(frozen=True, slots=True)
class CountyPlaces:
    """A county with its real outline, degrees, WGS-84."""

    code: str
    name: str
    name_en: str
    outline: Polygon
    townships: tuple[TownshipName, ...]


@cache
def counties() -> dict[str, CountyPlaces]:
    """All three, by code."""
    outlines = json.loads((_DATA / "outlines.geojson").read_text("utf-8"))["features"]
    townships = _townships()
    return {
        feature["properties"]["code"]: CountyPlaces(
            **feature["properties"],
            outline=shapely.from_geojson(json.dumps(feature["geometry"])),
            townships=townships[feature["properties"]["code"]],
        )
        for feature in outlines
    }


def _townships() -> dict[str, tuple[TownshipName, ...]]:
    with (_DATA / "villages.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))  # sorted by code
    return {
        county: tuple(
            TownshipName(
                code,
                name,
                tuple(VillageName(row["village_code"], row["village"], row["official_name"]) for row in members),
            )
            for (code, name), members in groupby(of_county, lambda row: (row["township_code"], row["township"]))
        )
        for county, of_county in groupby(rows, lambda row: row["county_code"])
    }
