"""Reports of other platforms: which one a sheet is, by what its headings say, and its rows as clockings.

Titles stand above the headings, WeCom's stand on two rows, and sheets are called anything: only headings tell.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from app.checkins.words import RecordSource
from app.exchange.cells import Bad, Clock, as_clock
from app.exchange.refusals import Refusal, refused
from app.exchange.tables import Finding, Row, plain, tables
from app.exchange.workbooks import Sheet, Value
from app.flows.importing.record_columns import COLUMNS_OF, column
from app.kernel.language import Text

_HEADINGS_WITHIN = 20
_MOST_DAYS = 20  # columns that are days of a month: then it is a monthly summary
_DAY_COLUMN = re.compile(r"(?:[1-9]|[12][0-9]|3[01])日?")
_SHIFT = re.compile(r"(?:上班|下班)[0-9]*打卡时间")
_SHIFT_RESULT = re.compile(r"(?:上班|下班)[0-9]*打卡结果")
_NOT_DONE = frozenset({"未打卡", "缺卡", "休息", "旷工", "请假", "未签到"})
_MOCK = "模拟定位"

_SKIPPED = Text("没有读取工作表“{name}”：{why}", "The sheet {name} was not read: {why}")
_OTHER = Text("不是打卡或签到记录", "it holds no clockings")
_READ_ELSEWHERE = Text("打卡详情表里有同样的记录", "the sheet of single clockings holds the same")
_NO_DAY = Text("没有日期", "There is no date")
_HALF = Text("经度和纬度要一起填", "Longitude and latitude go together")
_RANGE = Text("不是经纬度", "These are no degrees")


@dataclass(frozen=True, slots=True)
class Report:
    """A kind of sheet with single clockings; `known_by` are the columns that tell it."""

    source: RecordSource
    name: Text
    known_by: frozenset[str]


DINGTALK_VISITS = Report(
    RecordSource.DINGTALK, Text("签到报表", "check-in report"), frozenset({"name", "day", "time", "place"})
)
DINGTALK_CLOCKINGS = Report(
    RecordSource.DINGTALK, Text("原始记录", "raw records"), frozenset({"name", "time", "result", "place"})
)
WECOM_DETAILS = Report(
    RecordSource.WECOM, Text("打卡详情", "clocking details"), frozenset({"name", "day", "time", "place"})
)
WECOM_DAILY = Report(RecordSource.WECOM, Text("打卡日报", "daily clockings"), frozenset({"name", "day"}))
FEISHU = Report(RecordSource.FEISHU, Text("打卡记录", "clockings"), frozenset({"name", "time"}))
_COLUMNS = {
    DINGTALK_VISITS: COLUMNS_OF["dingtalk_visits"],
    DINGTALK_CLOCKINGS: COLUMNS_OF["dingtalk_clockings"],
    WECOM_DETAILS: COLUMNS_OF["wecom_details"],
    WECOM_DAILY: COLUMNS_OF["wecom_daily"],
    FEISHU: COLUMNS_OF["feishu"],
}


@dataclass(frozen=True, slots=True)
class Clocking:
    """One row's clocking: whose as it is written, when in the county's own time, where if it says so."""

    row: Row
    source: RecordSource
    at: datetime
    lon: float | None
    lat: float | None
    said: Mapping[str, object]

    @property
    def written(self) -> str:
        """Whose it is, in the platform's words."""
        department = self.row.get("department")
        return f"{self.row.get('name')}（{department}）" if department else str(self.row.get("name"))


@dataclass(slots=True)
class Read:
    """All clockings of a file, from which reports, what is wrong, and what was left out."""

    clockings: list[Clocking] = field(default_factory=list)
    reports: list[Report] = field(default_factory=list)
    problems: list[Finding] = field(default_factory=list)
    notes: list[Finding] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    rows: int = 0
    skipped: int = 0  # sheets
    nothing: int = 0  # rows that say that nobody clocked in


def read(sheets: Sequence[Sheet], mapped: Mapping[str, str]) -> Read:
    """`mapped`: what the office's own headings mean, for sheets of no platform that is known by its headings.

    Raises `Refusal` for a file that holds summaries only, or nothing that is known.
    """
    found = [(sheet, *_recognised(sheet, mapped)) for sheet in sheets]
    reports = [report for _, report, _, _ in found if report]
    made = Read(reports=list(dict.fromkeys(reports)))
    if not reports:
        raise next((why for *_, why in found if why), refused("no_records"))
    for sheet, report, shaped, why in found:
        if report is WECOM_DAILY and WECOM_DETAILS in reports:
            _skip(made, sheet, _READ_ELSEWHERE)
        elif report is None or shaped is None:
            _skip(made, sheet, why.text if why else _OTHER)
        else:
            _take(made, report, shaped, mapped if report is FEISHU else {})
    made.reports = list(dict.fromkeys(report for report in reports if not _left(report, reports)))
    return made


def _left(report: Report, reports: Sequence[Report]) -> bool:
    return report is WECOM_DAILY and WECOM_DETAILS in reports


def _skip(made: Read, sheet: Sheet, why: Text) -> None:
    made.skipped += 1
    said = Text(_SKIPPED.zh.format(name=sheet.name, why=why.zh), _SKIPPED.en.format(name=sheet.name, why=why.en))
    made.notes.append(Finding(sheet.name, None, None, "sheet_skipped", said))


def _recognised(  # noqa: C901, PLR0911 - one line for each kind of sheet
    sheet: Sheet, mapped: Mapping[str, str]
) -> tuple[Report | None, Sheet | None, Refusal | None]:
    """Which report a sheet is, with its headings on one row; or why it is refused, where it is a summary."""
    shapes = list(_shapes(sheet))
    for names, _ in shapes:
        if sum(bool(_DAY_COLUMN.fullmatch(name)) for name in names) >= _MOST_DAYS:
            return None, None, refused("monthly_summary")
        if any(_SHIFT_RESULT.fullmatch(name) for name in names):
            return None, None, refused("daily_summary")
    for report in (DINGTALK_VISITS, DINGTALK_CLOCKINGS, WECOM_DETAILS, WECOM_DAILY):
        for names, shaped in shapes:
            enough = report is not WECOM_DAILY or any(_SHIFT.fullmatch(name) for name in names)
            if enough and report.known_by <= _keys(report, names, {}):
                return report, shaped, None
    for names, shaped in shapes:
        if "姓名" in names and any(name.endswith("最早") for name in names):
            return None, None, refused("wecom_summary")
        if {"出勤天数"} & names:
            return None, None, refused("monthly_summary")
        if FEISHU.known_by <= _keys(FEISHU, names, mapped):
            return FEISHU, shaped, None
    return None, None, None


def _keys(report: Report, names: set[str], mapped: Mapping[str, str]) -> set[str]:
    own = {plain(heading): key for heading, key in mapped.items()}
    known = {plain(spelt): each.key for each in _COLUMNS[report] for spelt in (each.heading.zh, *each.names)}
    return {key for name in names if (key := own.get(name) or known.get(name))}


def _shapes(sheet: Sheet) -> Iterator[tuple[set[str], Sheet]]:
    """What may be headings: each of the first rows, alone and joined with the one below."""
    for at, row in enumerate(sheet.rows[:_HEADINGS_WITHIN]):
        names = {plain(value) for value in row} - {""}
        if len(names) > 1:
            yield names, sheet
        if at + 1 < len(sheet.rows):
            joined = _joined(row, sheet.rows[at + 1])
            if joined:
                rows = [*sheet.rows[: at + 1], joined, *sheet.rows[at + 2 :]]
                yield {plain(value) for value in joined} - {""}, replace(sheet, rows=rows)


def _joined(above: Sequence[Value], below: Sequence[Value]) -> list[Value] | None:
    """Headings on two rows as one, `上班1` over `打卡时间` as 上班1打卡时间; None where these are no such rows."""
    if any(value is not None and not isinstance(value, str) for value in (*above, *below)):
        return None
    group: Value = None
    joined: list[Value] = []
    for place in range(max(len(above), len(below))):
        upper = above[place] if place < len(above) else None
        lower = below[place] if place < len(below) else None
        group = upper or group  # a merged cell that a CSV leaves blank
        joined.append(upper if not lower or lower == upper else f"{group or ''}{lower}")
    return joined


def _take(made: Read, report: Report, sheet: Sheet, mapped: Mapping[str, str]) -> None:
    columns, needed = _COLUMNS[report], report.known_by
    clocks: tuple[str, ...] = ("time",)
    if report is WECOM_DAILY:
        names = {str(value) for row in sheet.rows[:_HEADINGS_WITHIN] for value in row if isinstance(value, str)}
        shifts = sorted({plain(name) for name in names if _SHIFT.fullmatch(plain(name))})
        clocks = tuple(shifts)
        columns = (*columns, *(column(name, Text(name, name), as_clock) for name in shifts))
        needed = frozenset({*report.known_by, *shifts})
    table = tables([sheet], columns, mapped, needed)
    wrong = {problem.row for problem in table.problems}
    made.problems += table.problems
    made.notes += [note for note in table.notes if report is FEISHU or note.code != "unknown_column"]
    made.unknown += table.unknown if report is FEISHU else []
    made.rows += len(table.rows)
    for row in table.rows:
        if row.number not in wrong:
            _clockings(made, report, row, clocks)


def _clockings(made: Read, report: Report, row: Row, clocks: Sequence[str]) -> None:
    times = [(key, clock) for key in clocks if isinstance(clock := row.get(key), Clock)]
    if not times or row.get("result") in _NOT_DONE:
        made.nothing += 1
        return
    try:
        lon, lat = _place(row)
        for key, clock in times:
            made.clockings.append(
                Clocking(row, report.source, _moment(row, key, clock), lon, lat, _said(row, report))
            )
    except _AtCell as wrong:
        made.problems.append(row.finding(wrong.key, wrong.bad.code, wrong.bad.text))


class _AtCell(Exception):  # noqa: N818 - a reason, no failure of ours
    def __init__(self, key: str, code: str, text: Text) -> None:
        super().__init__(code)
        self.key = key
        self.bad = Bad(code, text)


def _moment(row: Row, key: str, clock: Clock) -> datetime:
    day = clock.day or row.get("day")
    if not isinstance(day, date):
        raise _AtCell("day" if "day" in row.headings else key, "no_day", _NO_DAY)
    return datetime.combine(day, clock.at) + timedelta(days=clock.next_day)


def _place(row: Row) -> tuple[float | None, float | None]:
    lon, lat = row.get("lon"), row.get("lat")
    if lon is None and lat is None:
        return None, None
    if not isinstance(lon, float) or not isinstance(lat, float):
        raise _AtCell("lon", "half", _HALF)
    if not (abs(lon) <= 180 and abs(lat) <= 90):  # noqa: PLR2004 - degrees
        raise _AtCell("lon", "no_degrees", _RANGE)
    return lon, lat


def _said(row: Row, report: Report) -> dict[str, object]:
    """What the platform says of it, and where that stands."""
    place = " ".join(str(part) for key in ("place", "address") if (part := row.get(key)))
    told = {key: row.get(key) for key in ("result", "oddities", "device", "phone_mark", "customer", "remark")}
    said = {"report": report.name.zh, "place": place, **told, "sheet": row.sheet, "row": row.number}
    if _MOCK in str(row.get("oddities") or "") or _MOCK in str(row.get("result") or ""):
        said["mock"] = True
    return {key: value for key, value in said.items() if value not in (None, "")}
