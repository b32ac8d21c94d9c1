"""Where visits were: to WGS-84, then against the fences valid when they were captured, and the household named."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import product
from typing import NamedTuple

import numpy as np

from app.checkins.rules import NOWHERE, Fix, Judged, Visit
from app.directory.service import County, VisitFacts
from app.geo.coordinates import to_wgs84
from app.geo.fences import FenceIndex
from app.geo.verdict import Fixes, distance_to_points, judge
from app.geo.words import Crs

_AT_THE_HOUSE_M = 100.0


class _Reading(NamedTuple):
    """The fix of a visit, read in a coordinate system; `number` is the visit's."""

    number: int
    visit: Visit
    facts: VisitFacts
    fix: Fix
    crs: str


def place(index: FenceIndex, county: County, visits: Sequence[tuple[Visit, VisitFacts]]) -> list[Judged]:
    """Where each visit was, in order. Of those astray it is said in which other system they would not be."""
    judged = [
        replace(
            NOWHERE,
            assigned=bool(facts.assigned),
            in_service=facts.in_service,
            household_theirs=facts.household_theirs,
        )
        for _, facts in visits
    ]
    readings = [
        _Reading(number, visit, facts, visit.fix, visit.fix.crs)
        for number, (visit, facts) in enumerate(visits)
        if visit.fix
    ]
    for reading, where in _located(index, county, readings):
        judged[reading.number] = where
    astray = [reading for reading in readings if _astray(judged[reading.number], reading.fix)]
    for number, crs in _fitting(index, county, astray).items():
        judged[number] = replace(judged[number], fits_crs=crs)
    return judged


def _astray(where: Judged, fix: Fix) -> bool:
    """Outside the village, or inside and away from the household named."""
    if where.household_distance_m is None or where.household_radius_m is None:
        return where.place == "outside"
    return where.place == "outside" or where.household_distance_m > where.household_radius_m + (
        fix.accuracy_m or 0
    )


def _fitting(index: FenceIndex, county: County, astray: Sequence[_Reading]) -> dict[int, str]:
    """Of visits astray, by their number: the other system in which they are not; of two, the lesser shift.

    Many a fix outside is inside after some shift. So where a household was visited the fix must be at the house.
    """
    others = [reading._replace(crs=str(crs)) for reading, crs in product(astray, Crs) if str(crs) != reading.crs]
    fits: dict[int, str] = {}
    for reading, where in _located(index, county, others):
        away = where.household_distance_m
        if where.place == "inside" and (away is None or away <= _AT_THE_HOUSE_M + (reading.fix.accuracy_m or 0)):
            fits.setdefault(reading.number, reading.crs)
    return fits


def _located(index: FenceIndex, county: County, readings: Sequence[_Reading]) -> list[tuple[_Reading, Judged]]:
    if not readings:
        return []
    fixes = [reading.fix for reading in readings]
    lon, lat = to_wgs84(
        np.array([fix.lon for fix in fixes]),
        np.array([fix.lat for fix in fixes]),
        np.array([reading.crs for reading in readings]),
    )
    radii = np.array([np.nan if fix.accuracy_m is None else fix.accuracy_m for fix in fixes])
    moments = np.array([reading.visit.captured_at.timestamp() for reading in readings])
    assigned = [reading.facts.assigned for reading in readings]
    verdicts = judge(index, Fixes(lon, lat, radii, moments), assigned, county.limits)
    houses = [reading.facts.household or (None, None, None) for reading in readings]
    to_house = distance_to_points(
        lon,
        lat,
        np.array([np.nan if house[0] is None else house[0] for house in houses]),
        np.array([np.nan if house[1] is None else house[1] for house in houses]),
    )
    return [
        (
            reading,
            Judged(
                lon=x,
                lat=y,
                village_id=verdict.village_id,
                geofence_version=verdict.geofence_version,
                found_in_village_id=verdict.found_in_village_id,
                place=verdict.place,
                distance_m=verdict.distance_m,
                confidence=verdict.confidence,
                household_distance_m=None if np.isnan(metres) else metres,
                household_radius_m=house[2],
                assigned=bool(reading.facts.assigned),
                household_theirs=reading.facts.household_theirs,
                in_service=reading.facts.in_service,
                centre_m=None
                if verdict.village_id is None or verdict.geofence_version is None
                else index.from_centre(x, y, verdict.village_id, verdict.geofence_version),
            ),
        )
        for reading, verdict, x, y, metres, house in zip(
            readings, verdicts, lon.tolist(), lat.tolist(), to_house.tolist(), houses, strict=True
        )
    ]
