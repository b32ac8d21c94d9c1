"""The judge alone: fixes per second against the fences of one county and of a whole region.

Outlines wobble as surveyed ones do and have 200 to 300 vertices. A fix lies in the village that its person is
assigned to, or around it; every village is asked about, since shapes are prepared when they are first asked.
"""

import os
import time
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from itertools import cycle
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from app.geo.fences import Fence, FenceIndex
from app.geo.verdict import Fixes, Limits, judge
from bench.report import JudgeRow, say

SET = 256
COUNTY, REGION = 165, 16_457  # the villages of Tianlin, and those of Guangxi
_VERTICES = (200, 300)
_STEP, _WEST, _SOUTH, _COLUMNS = 0.04, 104.5, 20.9, 130
_SINCE = datetime(2020, 1, 1, tzinfo=UTC)

RuleInPeriod = tuple[Fixes, list[tuple[str]]]


def run(seconds: float) -> list[JudgeRow]:
    """A row for each number of polygons, each from a process of its own, so that memory is counted alone."""
    rows = []
    for polygons in (COUNTY, REGION):
        say(f"the judge against {polygons:,} polygons")
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
            rows.append(process.submit(measure, polygons, seconds).result())
    return rows


def measure(polygons: int, seconds: float) -> JudgeRow:
    """`load_s` is from WKB, as the database hands it over, to an index; memory is after every fence was asked."""
    chance = np.random.default_rng(1)
    middles = np.array([(_WEST + n % _COLUMNS * _STEP, _SOUTH + n // _COLUMNS * _STEP) for n in range(polygons)])
    wkb, vertices = _outlines(middles, chance)
    questions = _questions(middles, chance)
    before = _resident_mib()
    started = time.perf_counter()
    fences = [Fence(_name(at), 1, _SINCE, None, shape) for at, shape in enumerate(shapely.from_wkb(wkb))]
    index = FenceIndex.build(fences, version=1)
    load_s = time.perf_counter() - started
    for question in questions:
        judge(index, *question, Limits())
    memory_mib = _resident_mib() - before
    return JudgeRow(polygons, vertices, _rate(index, questions, seconds), load_s, memory_mib)


def _rate(index: FenceIndex, questions: list[RuleInPeriod], seconds: float) -> float:
    sets, started = 0, time.perf_counter()
    for question in cycle(questions):
        judge(index, *question, Limits())
        sets += 1
        if (spent := time.perf_counter() - started) >= seconds:
            break
    return sets * SET / spent


def _outlines(middles: NDArray[Any], chance: np.random.Generator) -> tuple[list[bytes], int]:
    """Well-known binary of wobbly rings, and how many vertices they have on average."""
    wkb, vertices = [], 0
    for middle in middles:
        count = int(chance.integers(*_VERTICES))
        angle = np.linspace(0, 2 * np.pi, count, endpoint=False)
        wobble = sum(
            chance.uniform(0, 0.3 / wave) * np.sin(wave * angle + chance.uniform(0, 6.3)) for wave in range(2, 9)
        )
        radius = _STEP / 2 * (1 + wobble + chance.normal(0, 0.01, count))
        ring = middle + np.column_stack([radius * np.cos(angle), radius * np.sin(angle)])
        wkb.append(shapely.to_wkb(shapely.MultiPolygon([shapely.Polygon(ring)])))
        vertices += count
    return wkb, vertices // len(middles)


def _questions(middles: NDArray[Any], chance: np.random.Generator) -> list[RuleInPeriod]:
    """Sets of fixes that come to every village at least once."""
    villages = chance.permutation(np.arange(-(-len(middles) // SET) * SET) % len(middles)).reshape(-1, SET)
    at = np.full(SET, datetime(2026, 11, 23, tzinfo=UTC).timestamp())
    questions = []
    for asked in villages:
        place = middles[asked] + chance.normal(0, _STEP / 3, (SET, 2))
        fixes = Fixes(place[:, 0], place[:, 1], chance.uniform(3, 60, SET), at)
        questions.append((fixes, [(_name(village),) for village in asked]))
    return questions


def _name(village: int) -> str:
    return f"{village:012}"


def _resident_mib() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20
