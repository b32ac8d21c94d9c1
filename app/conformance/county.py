"""The county of the mock: three people, one square village, and how a visit is judged there."""

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any
from uuid import UUID, uuid5

from app.checkins.reasons import explain
from app.checkins.rules import Fix, Visit
from app.geo.coordinates import to_wgs84
from app.geo.words import Place
from app.kernel.language import Language

COUNTY, PASSWORD = "451029", "yefang-demo"
_HERE = timezone(timedelta(hours=8))
_NIGHT, _MORNING = 20, 6
_WEST, _SOUTH, _EAST, _NORTH = 106.20, 24.28, 106.25, 24.32
_METRES = 111_000  # to a degree, roughly


@dataclass(frozen=True)
class Person:
    """Who signs in with the phone number and `PASSWORD`."""

    phone: str
    name: str
    category: str

    @property
    def id(self) -> UUID:
        return uuid5(UUID(int=0), self.phone)

    def as_dict(self) -> dict[str, object]:
        return {"id": self.id, "name": self.name, "category": self.category, "county_id": COUNTY}


PEOPLE = {
    person.phone: person
    for person in (
        Person("13800000003", "帮扶干部", "helper"),
        Person("13800000002", "乡镇领导", "leader"),
        Person("13800000013", "另一位帮扶干部", "helper"),
    )
}
VILLAGE: dict[str, Any] = {"id": "451029100201", "name": "演示村"}
VILLAGES: dict[str, Any] = {
    "type": "FeatureCollection",
    "features": [
        {
            "type": "Feature",
            "id": VILLAGE["id"],
            "properties": {
                "village_id": VILLAGE["id"],
                "name": VILLAGE["name"],
                "township": "演示乡",
                "assigned": True,
                "geofence_version": 1,
                "tolerance_m": 200.0,
                "synthetic": True,
            },
            "geometry": {
                "type": "Polygon",
                "coordinates": [
                    [[_WEST, _SOUTH], [_EAST, _SOUTH], [_EAST, _NORTH], [_WEST, _NORTH], [_WEST, _SOUTH]]
                ],
            },
        }
    ],
}


@dataclass
class Kept:
    """A visit as it is stored; `fix` is its own, or the one that followed."""

    visit: Visit
    fix: Fix | None
    received_at: datetime

    def view(self, language: Language) -> dict[str, Any]:
        """As the contract shows it. Judged more simply than the real server does: a square, and two reasons."""
        visit, reasons = self.visit, self._reasons()
        distance_m = None if self.fix is None else _distance_m(*_wgs84(self.fix))
        inside = distance_m == 0
        return {
            "id": visit.id,
            "captured_at": visit.captured_at,
            "visited_at": visit.captured_at,
            "received_at": self.received_at,
            "position": self._position(),
            "village": VILLAGE | {"geofence_version": 1},
            "found_in_village": VILLAGE if inside else None,
            "place": Place.UNSURE if distance_m is None else Place.INSIDE if inside else Place.OUTSIDE,
            "distance_m": distance_m,
            "confidence": None if distance_m is None else 0.99 if inside else 0.0,
            "household_distance_m": None,
            "standing": "held" if reasons else "counted" if inside else "outside",
            "reasons": [explain({"code": code}, language) for code in reasons],
            "night_of": _night_of(visit.captured_at),
            "purpose": visit.purpose,
            "household_id": visit.household_id,
            "note": visit.note,
        }

    def _position(self) -> dict[str, object] | None:
        if self.fix is None:
            return None
        lon, lat = _wgs84(self.fix)
        return {"lon": lon, "lat": lat, "accuracy_m": self.fix.accuracy_m}

    def _reasons(self) -> list[str]:
        if self.fix is None:
            return ["no_fix"]
        return ["mock_location"] if self.fix.mock else []


def _wgs84(fix: Fix) -> tuple[float, float]:
    lon, lat = to_wgs84(fix.lon, fix.lat, fix.crs)
    return float(lon), float(lat)


def _distance_m(lon: float, lat: float) -> float:
    east = max(_WEST - lon, lon - _EAST, 0)
    north = max(_SOUTH - lat, lat - _NORTH, 0)
    return float(_METRES * (east**2 + north**2) ** 0.5)


def _night_of(captured_at: datetime) -> object:
    here = captured_at.astimezone(_HERE)
    if here.hour >= _NIGHT:
        return here.date()
    return here.date() - timedelta(days=1) if here.hour < _MORNING else None
