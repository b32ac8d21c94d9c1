"""An import on the map before it is applied: beside what is there, as each reading would place it."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry
from sqlalchemy.ext.asyncio import AsyncSession

from app.directory import geofences
from app.directory.service import County
from app.directory.snapshot import snapshot
from app.exchange import apart, readings
from app.exchange import service as jobs
from app.exchange.boundaries import Boundaries
from app.exchange.readings import DEGREES
from app.exchange.refusals import Refusal
from app.exchange.service import JobRow
from app.exchange.tables import Finding, tables
from app.exchange.words import DrawnKind
from app.flows.importing import fences, points
from app.flows.importing.build import build
from app.flows.importing.columns import COLUMNS, ImportKind
from app.flows.importing.fences import Fences
from app.flows.importing.lookup import Lookup
from app.flows.importing.points import Located
from app.flows.importing.reading import Asked
from app.geo.words import Crs
from app.kernel.language import Text
from app.kernel.problems import INVALID, Problem, invalid

MOST_CORNERS = 30_000
"""Of what comes, and as many of what is there: a page draws that at once."""

MOST_POINTS = 5_000
_TOLERANCES = (1e-6, 1e-5, 3e-5, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2)  # degrees: from a decimetre to a kilometre
_DIGITS = 6
_AWAY = Text("坐标不在{village}的村界内", "The point is not within the boundary of {village}")
_NO_MAP = Text("这类文件没有地图", "A file of this kind has no map")
_NO_READING = Text("坐标不能这样理解", "The coordinates cannot be read as that")


@dataclass(frozen=True, slots=True, eq=False)
class Shape:
    """Something on the map, and the row of the file that it is of or that is said of it."""

    kind: DrawnKind
    place: BaseGeometry
    name: str = ""
    row: int | None = None
    finding: Finding | None = None

    def geometry(self) -> dict[str, Any]:
        """As GeoJSON."""
        written: dict[str, Any] = json.loads(
            shapely.to_geojson(shapely.transform(self.place, lambda at: np.round(at, _DIGITS)))
        )
        return written


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read the coordinates, and shares from 0 to 1 that help to decide; None where nothing is known."""

    code: str
    in_county: float | None
    on_known: float | None
    on_others: float | None


@dataclass(frozen=True, slots=True, eq=False)
class Drawing:
    """All that is drawn. `corners` is how many the file has, `points` how many, of which the first are drawn."""

    reading: str | None
    readings: list[Reading]
    shapes: list[Shape]
    corners: int
    points: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class _There:
    """What is known of the county."""

    lookup: Lookup
    current: Mapping[str, BaseGeometry]
    outline: BaseGeometry | None


async def drawing(
    session: AsyncSession, county: County, job: JobRow, reading: str | None, *, now: datetime
) -> Drawing:
    """As `reading` would have it; None: as it was checked. Raises `INVALID` for what has no map."""
    content = await jobs.content(session, county.id, job.id)
    mapped = await jobs.headings(session, county.id, job.kind)
    there = _There(
        Lookup(await snapshot(session, county.id)),
        await geofences.current(session, county.id),
        await geofences.place(session, county.id),
    )
    crs = reading or job.options.get("crs")
    try:
        if job.kind == ImportKind.GEOFENCES:
            read = await apart.boundaries(content, job.file_name, crs)
            return await asyncio.to_thread(_fences, read, mapped, there)
        if job.kind == ImportKind.HOUSEHOLDS:
            found = await points.located(ImportKind.HOUSEHOLDS, content, job.file_name, crs)
            if found.read or (crs or Crs.WGS84) in DEGREES:
                asked = Asked(county.day(now), job.made_by, Crs.WGS84 if found.read else crs or Crs.WGS84)
                return await asyncio.to_thread(_households, found, mapped, there, asked)
    except Refusal as why:
        raise Problem(INVALID, Text(why.say("zh-CN"), why.say("en"))) from None
    raise invalid("/reading", "no_map", _NO_READING if reading else _NO_MAP)


def _fences(read: Boundaries, mapped: Mapping[str, str], there: _There) -> Drawing:
    drawn = {
        at: shapely.from_wkb(each.area or each.drawn)
        for at, each in enumerate(read.features)
        if each.area or each.drawn
    }
    rows, places = list(drawn), np.array(list(drawn.values()), dtype=object)
    shares = _compared(read, places, there)
    if read.undecided and shares:  # nobody has said which: the likeliest is shown
        places = readings.read_again(places, str(read.reading), shares[0].code)
    try:
        made = Fences()
        if not read.undecided:
            made = fences.match(read, mapped, there.lookup, there.current, there.outline)
    except Refusal:
        made = Fences()  # no column says which village a shape is: they are drawn without
    wrong = {finding.row: finding for finding in made.problems}
    villages = {row: village_id for village_id, row in made.numbers.items()}
    new = []
    for at, place in zip(rows, _coarser(places), strict=True):
        row = at + fences.FIRST_SHAPE
        village_id = villages.get(row, "")
        kind = DrawnKind.REFUSED if row in wrong else _kind(village_id, made, there)
        name = there.lookup.villages[village_id].name if village_id else ""
        new.append(Shape(kind, place, name, row, wrong.get(row)))
    marks = [Shape(mark.kind, mark.place, "", mark.finding.row, mark.finding) for mark in made.marks]
    for mark, place in zip(marks, _coarser(np.array([mark.place for mark in marks], dtype=object)), strict=True):
        new.append(replace(mark, place=place))
    taken = shares[0].code if read.undecided and shares else read.reading
    corners = int(shapely.get_num_coordinates(places).sum())
    return Drawing(taken, shares, [*_ground(there), *new], corners)


def _kind(village_id: str, made: Fences, there: _There) -> DrawnKind:
    if village_id not in there.current:
        return DrawnKind.NEW
    same = fences.same(made.areas[village_id], there.current[village_id]) if village_id in made.areas else False
    return DrawnKind.SAME if same else DrawnKind.CHANGED


def _ground(there: _There) -> list[Shape]:
    """The county and its villages as they are."""
    named = [each for each in there.current if each in there.lookup.villages]
    places = _coarser(np.array([there.current[each] for each in named], dtype=object))
    present = [
        Shape(DrawnKind.PRESENT, place, there.lookup.villages[each].name)
        for each, place in zip(named, places, strict=True)
    ]
    county: Any = [] if there.outline is None else _coarser(np.array([there.outline], dtype=object))
    return [*(Shape(DrawnKind.COUNTY, each) for each in county), *present]


def _coarser(places: NDArray[np.object_]) -> NDArray[np.object_]:
    """With so few corners that a page draws them at once; borders that two share stay shared."""
    if not len(places):
        return places
    made, lines = places, shapely.get_dimensions(places) < 2  # noqa: PLR2004
    for tolerance in _TOLERANCES:
        if int(shapely.get_num_coordinates(made).sum()) <= MOST_CORNERS:
            return made
        coarser = shapely.simplify if lines.any() else shapely.coverage_simplify
        made = coarser(places, tolerance)
    return made


def _compared(read: Boundaries, places: NDArray[np.object_], there: _There) -> list[Reading]:
    """Each reading with what speaks for it, the likeliest first; of zones only those that lead into the county."""
    if not read.readings or not len(places):
        return []
    known = _known(there)
    rough = _coarser(places)
    found = [_compare(code, readings.read_again(rough, str(read.reading), code), known) for code in read.readings]
    if read.readings[0] not in DEGREES:
        found = [each for each in found if each.in_county or each.code == read.reading] if known.place else found
    return sorted(found, key=lambda each: (-(each.in_county or 0), each.on_others or 0, -(each.on_known or 0)))


@dataclass(frozen=True, slots=True, eq=False)
class _Known:
    """The county's place, and its villages' fences in one."""

    place: BaseGeometry | None
    fences: BaseGeometry | None


def _known(there: _There) -> _Known:
    areas = _coarser(np.array(list(there.current.values()), dtype=object))
    whole = shapely.union_all(shapely.make_valid(areas)) if len(areas) else None
    place = whole if there.outline is None else shapely.make_valid(there.outline)
    return _Known(place, whole)


def _compare(code: str, places: NDArray[np.object_], known: _Known) -> Reading:
    whole = shapely.union_all(shapely.make_valid(places))
    return Reading(
        code,
        None if known.place is None else _share(whole, known.place),
        None if known.fences is None else _share(whole, known.fences),
        None,
    )


def _share(of: BaseGeometry, within: BaseGeometry) -> float:
    return float(of.intersection(within).area / of.area) if of.area else 0.0


def _households(found: Located, mapped: Mapping[str, str], there: _There, asked: Asked) -> Drawing:
    table = tables(found.sheets, COLUMNS[ImportKind.HOUSEHOLDS], mapped)
    built = build(ImportKind.HOUSEHOLDS, table.rows, there.lookup, asked)
    houses = [
        (built.origins["households", at], house)
        for at, house in enumerate(built.rows["households"])
        if house.position is not None
    ]
    places = np.array([house.position for _, house in houses], dtype=object)
    own = np.array([there.current.get(house.village_id) for _, house in houses], dtype=object)
    shapely.prepare(own)
    taken, codes = (found.read.reading, found.read.readings) if found.read else (asked.crs, DEGREES)
    shares = [_located(code, readings.read_again(places, str(taken), code), own, there) for code in codes]
    if found.read and found.read.undecided and houses:  # nobody has said which zone: the likeliest is shown
        shares = sorted((each for each in shares if each.in_county), key=lambda each: -(each.on_known or 0))
        likeliest = shares[0].code if shares else str(taken)
        taken, places = likeliest, readings.read_again(places, str(taken), likeliest)
    away = ~shapely.intersects(own, places) & ~shapely.is_missing(own)
    shapes = []
    for at in np.argsort(~away, kind="stable")[:MOST_POINTS]:  # those that ask for a look before all others
        row, house = houses[at]
        finding = row.finding("lon", "away", _AWAY, village=there.lookup.villages[house.village_id].name)
        known = house.number in there.lookup.homes
        kind = DrawnKind.AWAY if away[at] else DrawnKind.CHANGED if known else DrawnKind.NEW
        shapes.append(Shape(kind, places[at], house.head_name, row.number, finding if away[at] else None))
    return Drawing(taken, shares, [*_ground(there), *shapes], 0, len(houses))


def _located(code: str, points: NDArray[np.object_], own: NDArray[np.object_], there: _There) -> Reading:
    """Of points the share in the county, in the village that each belongs to, and in another one."""
    if not len(points):
        return Reading(code, None, None, None)
    known = _known(there)
    fenced = ~shapely.is_missing(own)
    at_home = shapely.intersects(own, points)
    within = None if known.place is None else float(_inside(known.place, points).mean())
    if known.fences is None or not fenced.any():
        return Reading(code, within, None, None)
    elsewhere = fenced & ~at_home & _inside(known.fences, points)
    return Reading(code, within, float(at_home[fenced].mean()), float(elsewhere[fenced].mean()))


def _inside(area: BaseGeometry, points: NDArray[np.object_]) -> NDArray[np.bool_]:
    shapely.prepare(area)
    return np.asarray(shapely.intersects(area, points), bool)
