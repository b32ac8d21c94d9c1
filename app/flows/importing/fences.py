"""Boundary files become new versions of fences: which shape is which village, and whether it can lie there."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import shapely
from shapely import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

from app.directory.ground import Ground, township_fences
from app.exchange.boundaries import MOST_VERTICES, Boundaries, Feature
from app.exchange.cells import Bad
from app.exchange.tables import Finding, Row, tables
from app.exchange.words import DrawnKind
from app.exchange.workbooks import Sheet, Value
from app.flows.importing.columns import COLUMNS, ImportKind
from app.flows.importing.lookup import Lookup
from app.geo import coverage
from app.geo.polygons import Drawn, Unfit
from app.kernel.language import Text

FIRST_SHAPE = 1
"""Findings count a boundary file's shapes from 1, in the order of the file: its table has no row of headings."""

_ZONING = 12  # digits of a village's code; land surveys add seven of their own
_TWICE = Text("与第 {row} 个图形是同一个村", "The same village as shape {row}")
_SHAPE = {
    "empty": Text("没有图形", "There is no shape"),
    "no_polygon": Text("不是面图形", "This is no polygon"),
    "too_many_corners": Text(f"顶点超过 {MOST_VERTICES} 个，请先简化", f"More than {MOST_VERTICES} corners"),
    "not_mended": Text(
        "图形有自相交等错误，自动修复后面积变化超过 1%，请在制图软件中修正",
        "The shape crosses itself, and mending it changes the area by more than 1 %; correct it by hand",
    ),
}
_NOTES = {
    "other_encoding": Text(
        "文字编码与 .cpg 所写不同，已按实际编码读取",
        "The text is in another encoding than the .cpg says; it was read as it is",
    ),
    "zone_guessed": Text("坐标系按带号判断为 {crs}", "By its zone the system was taken to be {crs}"),
    "swapped": Text("经纬度次序颠倒，已改正", "Latitude came first; it was put right"),
}
_MENDED = Text(
    "图形有自相交，已修复：面积由 {before:.3f} 变为 {after:.3f} 平方公里",
    "The shape crossed itself and was mended: from {before:.3f} to {after:.3f} km²",
)
_OVERLAP = Text("与{other}重叠 {km2:.2f} 平方公里", "Overlaps {other} by {km2:.2f} km²")
_GAP = Text(
    "与{other}之间有空隙，最宽约 {width:.0f} 米，长约 {length:.0f} 米",
    "A gap between it and {other}, about {width:.0f} m at its widest and {length:.0f} m long",
)
_ENCLOSED = Text(
    "旁边有 {km2:.2f} 平方公里不属于任何村，四周是{others}",
    "{km2:.2f} km² beside it belong to no village; round about lie {others}",
)
_BEYOND = Text("有 {share:.0%} 在县界之外", "{share:.0%} of it lies beyond the county's outline")
_NONE_LEFT = Text("没有村界：{villages}", "Without a fence: {villages}")
_OWN = Text(
    "没有导入{village}的村界：您联系这个村，须由他人导入",
    "The boundary of {village} stays: you answer for it, and somebody else has to import it",
)
_MUCH_BEYOND = 0.05  # of an area: outlines are coarse
_MOST_NAMED = 20


@dataclass(frozen=True, slots=True, eq=False)
class Mark:
    """Where something that is said of a shape is to be seen."""

    kind: DrawnKind
    finding: Finding
    place: BaseGeometry


@dataclass(slots=True)
class Fences:
    """The new fences by village, what is wrong, and what was only noted."""

    areas: dict[str, Polygon | MultiPolygon] = field(default_factory=dict)
    rows: int = 0
    problems: list[Finding] = field(default_factory=list)
    notes: list[Finding] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    without: list[str] = field(default_factory=list)  # villages that have no fence, with these
    marks: list[Mark] = field(default_factory=list)
    numbers: dict[str, int] = field(default_factory=dict)  # of villages, the number of their shape

    def leave_out(self, villages: Collection[str], lookup: Lookup) -> None:
        """Boundaries by which the importer's own visits are judged stay as they are, and that is said."""
        for village_id in sorted(self.areas.keys() & villages):
            del self.areas[village_id]
            about = {"village": lookup.villages[village_id].name}
            self.notes.append(Finding("", self.numbers.get(village_id), None, "own", _OWN, about))

    def note(self, kind: DrawnKind, finding: Finding, place: BaseGeometry) -> None:
        """Said, and marked where it is."""
        self.notes.append(finding)
        self.marks.append(Mark(kind, finding, place))


async def build(
    read: Boundaries,
    mapped: Mapping[str, str],
    lookup: Lookup,
    current: Mapping[str, BaseGeometry],
    outline: BaseGeometry | None,
) -> Fences:
    """Raises `Refusal` where no attribute says which village a shape is."""
    return await asyncio.to_thread(match, read, mapped, lookup, current, outline)


def sheet(read: Boundaries) -> Sheet:
    """The attributes as a table: above it the fields, each shape a row."""
    rows: list[list[Value]] = [list(read.fields)]
    rows += [[each.attributes.get(name) or None for name in read.fields] for each in read.features]
    return Sheet("", rows, first=FIRST_SHAPE - 1)


def notes_of(read: Boundaries) -> list[Finding]:
    """What is to be known of how a file was read."""
    return [Finding("", None, None, code, _NOTES[code], {"crs": read.crs}) for code in read.notes]


def match(
    read: Boundaries,
    mapped: Mapping[str, str],
    lookup: Lookup,
    current: Mapping[str, BaseGeometry],
    outline: BaseGeometry | None,
) -> Fences:
    """The same, where one waits already."""
    table = tables([sheet(read)], COLUMNS[ImportKind.GEOFENCES], mapped)
    made = Fences(rows=len(read.features), problems=list(table.problems), unknown=table.unknown)
    made.notes += notes_of(read)
    placed: dict[str, tuple[Row, Feature]] = {}
    for row in table.rows:
        feature = read.features[row.number - FIRST_SHAPE]
        try:
            village = lookup.village(_code(str(row.get("village"))), _text(row.get("township")))
        except Bad as bad:
            made.problems.append(row.finding("village", bad.code, bad.text, **bad.values))
            continue
        if village.id in placed:
            made.problems.append(row.finding("village", "twice", _TWICE, row=placed[village.id][0].number))
        elif feature.area is None:
            made.problems.append(row.finding(None, feature.problem or "empty", _SHAPE[feature.problem or "empty"]))
        else:
            placed[village.id] = row, feature
            made.areas[village.id] = shapely.from_wkb(feature.area)
            if feature.km2_before is not None:
                about = {"before": feature.km2_before, "after": feature.km2}
                made.note(
                    DrawnKind.MENDED, row.finding("village", "mended", _MENDED, **about), made.areas[village.id]
                )
    _refuse_misplaced(made, placed, lookup, current, outline)
    made.numbers = {village_id: row.number for village_id, (row, _) in placed.items()}
    _note_coverage(made, placed, lookup, current)
    _note_beyond(made, placed, outline)
    named = [village.name for village in lookup.known.villages if village.id not in {*current, *made.areas}]
    made.without = named
    if named:
        said = "、".join(named[:_MOST_NAMED])
        made.notes.append(Finding("", None, None, "without_fence", _NONE_LEFT, {"villages": said}))
    return made


def same(area: BaseGeometry, before: BaseGeometry | None) -> bool:
    """Whether a shape is what is there already."""
    return before is not None and bool(area.normalize() == _single(before).normalize())


def _single(area: BaseGeometry) -> BaseGeometry:
    """What is stored is always of several parts, of which there may be one."""
    parts = list(area.geoms) if isinstance(area, MultiPolygon) else [area]
    return parts[0] if len(parts) == 1 else area


def _code(written: str) -> str:
    """A land survey's 19 digits begin with the village's 12."""
    digits = written.replace(" ", "")
    return digits[:_ZONING] if digits.isdecimal() and len(digits) > _ZONING else written


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _refuse_misplaced(
    made: Fences,
    placed: Mapping[str, tuple[Row, Feature]],
    lookup: Lookup,
    current: Mapping[str, BaseGeometry],
    outline: BaseGeometry | None,
) -> None:
    """As `POST /geofences` does for one: each beside its township's others, as they will be.

    A shape that is not even in the county is beside nobody: those that are right are not to be blamed for it.
    """
    # Where nothing is known of the county, its own fences say where it is: one far from all others is told.
    fenced = None if outline is not None else _middle(list(made.areas.values()), list(current.values()))
    ground = Ground(outline, fenced, len(lookup.known.villages))
    away = {village_id for village_id, area in made.areas.items() if _elsewhere(ground, area)}
    together = {**current, **{each: area for each, area in made.areas.items() if each not in away}}
    known = [
        (each, lookup.villages[each].township_id, area)
        for each, area in together.items()
        if each in lookup.villages
    ]
    neighbours = township_fences(known)
    for village_id in list(made.areas):
        row, _ = placed[village_id]
        try:
            ground.refuse_unfit(Drawn.of(made.areas[village_id]), neighbours.get(village_id))
        except Unfit as unfit:
            made.problems.append(row.finding("village", unfit.code, unfit.text))


def _elsewhere(ground: Ground, area: Polygon | MultiPolygon) -> bool:
    try:
        ground.refuse_elsewhere(Drawn.of(area))
    except Unfit:
        return True
    return False


def _middle(new: Sequence[BaseGeometry], old: Sequence[BaseGeometry]) -> BaseGeometry | None:
    """The extent of the county's fences; with none before, a county's reach round the median of the new ones."""
    if old:
        extent: BaseGeometry = shapely.box(*shapely.total_bounds(old))
        return extent
    if not new:
        return None
    centres = shapely.get_coordinates(shapely.centroid(new))
    lon, lat = np.median(centres, axis=0)
    reach: BaseGeometry = shapely.box(lon - 0.5, lat - 0.5, lon + 0.5, lat + 0.5)
    return reach


def _note_coverage(
    made: Fences, placed: Mapping[str, tuple[Row, Feature]], lookup: Lookup, current: Mapping[str, BaseGeometry]
) -> None:
    """Where two villages claim the same ground, visits count for either; where none does, for neither."""
    together = {**current, **made.areas}
    ids, areas = list(together), list(together.values())

    def told(beside: Sequence[int]) -> tuple[Row | None, str]:
        """The row of the first of them that is of the file, and how the others are called."""
        own = next((ids[at] for at in beside if ids[at] in placed), None)
        others = [lookup.villages[ids[at]].name for at in beside if ids[at] != own and ids[at] in lookup.villages]
        return placed[own][0] if own else None, "、".join(others[:_MOST_NAMED])

    for shared in coverage.overlaps(areas):
        row, other = told((shared.one, shared.other))
        if row:
            finding = row.finding("village", "overlap", _OVERLAP, other=other, km2=shared.km2)
            made.note(DrawnKind.OVERLAP, finding, shared.place)
    for gap in coverage.gaps(areas):
        row, other = told(gap.beside)
        if row and gap.km2:
            finding = row.finding("village", "enclosed", _ENCLOSED, others=other, km2=gap.km2)
            made.note(DrawnKind.GAP, finding, gap.place)
        elif row:
            about = {"width": gap.width_m, "length": gap.length_m}
            made.note(DrawnKind.GAP, row.finding("village", "gap", _GAP, other=other, **about), gap.place)


def _note_beyond(made: Fences, placed: Mapping[str, tuple[Row, Feature]], outline: BaseGeometry | None) -> None:
    if outline is None or not made.areas:
        return
    areas = np.array(list(made.areas.values()), dtype=object)
    beyond = shapely.difference(areas, shapely.make_valid(outline))
    shares = shapely.area(beyond) / shapely.area(areas)
    for village_id, place, share in zip(made.areas, beyond, shares, strict=True):
        if share >= _MUCH_BEYOND:
            finding = placed[village_id][0].finding("village", "beyond", _BEYOND, share=float(share))
            made.note(DrawnKind.AWAY, finding, place)
