"""What of each list goes into a sheet: its columns. The rows are those that the list's own route answers."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import shapely
from shapely import Point
from shapely.geometry.base import BaseGeometry

from app.console.routes import appeals, board, check_ins, coverage, directory, flags, leave, reviews
from app.console.routes.context import ContextDep
from app.console.routes.parameters import UnitQuery
from app.directory import places
from app.directory.rights import Ability
from app.exchange.lists import Value
from app.http.abilities import needs
from app.kernel.language import Language, Text
from app.kernel.statements import Json
from app.kernel.words import Word
from app.reads import village as village_reads


@dataclass(frozen=True, slots=True)
class Said:
    """How values are written: in the reader's language, at the county's time."""

    language: Language
    zone: ZoneInfo

    def __call__(self, value: object) -> Value:
        if isinstance(value, Word):
            return value.text.say(self.language)
        if isinstance(value, datetime):
            return value.astimezone(self.zone)
        return value  # type: ignore[return-value]


Column = tuple[Text, Callable[[Any, Said], object]]


@dataclass(frozen=True, slots=True)
class Export:
    """导出: a list, the route that answers it, and the columns made of each of its items."""

    name: str
    text: Text
    listed: Callable[..., Any]
    columns: Sequence[Column]
    shape: Callable[[Any], BaseGeometry | None] | None = None  # where an item has a place


def _column(zh: str, en: str, of: Callable[[Any], object]) -> Column:
    return Text(zh, en), lambda item, _: of(item)


def _names(things: Sequence[Any]) -> str:
    return "、".join(thing.name for thing in things)


def _name(thing: Any) -> object:
    return thing.name if thing else None


_PERSON = (
    _column("姓名", "Name", lambda item: item.person.name),
    _column("人员类别", "Category", lambda item: item.person.category),
)
_UNIT = _column("责任单位", "Unit", lambda item: item.unit.name)
_CONTACT = (
    _column("最近联系", "Last contact", lambda item: item.last_contact_at),
    _column("手机上待传", "Waiting on the phone", lambda item: item.waiting.count if item.waiting else None),
)
_DUTY = (
    _column("任务", "Duty", lambda item: item.rule.name),
    _column("周期", "Period", lambda item: item.period.id),
    _column("应完成", "Required", lambda item: item.required),
    _column("已完成", "Done", lambda item: item.done),
    _column("待核实", "Pending review", lambda item: item.pending_review),
    _column("状态", "Status", lambda item: item.status),
    _column("说明", "Explanation", lambda item: item.explanation),
)
_PHONE = Text("手机", "phone")
_CHECK_IN = (
    *_PERSON,
    _column("走访时间", "Visited", lambda item: item.visited_at),
    _column("收到时间", "Received", lambda item: item.received_at),
    _column("用途", "Purpose", lambda item: item.purpose),
    _column("认定的村", "Village", lambda item: _name(item.village)),
    _column("所在的村", "Found in", lambda item: _name(item.found_in_village)),
    _column("位置判定", "Place", lambda item: item.place),
    _column("距村界（米）", "Distance (m)", lambda item: item.distance_m),
    _column("位于村界内的可能性", "Probability of being inside", lambda item: item.confidence),
    _column("效力", "Standing", lambda item: item.standing),
    _column("原因", "Reasons", lambda item: "；".join(reason.detail for reason in item.reasons)),
    _column("属于哪一夜", "Night of", lambda item: item.night_of),
    _column("经度", "Longitude", lambda item: item.position.lon if item.position else None),
    _column("纬度", "Latitude", lambda item: item.position.lat if item.position else None),
    _column("精度（米）", "Accuracy (m)", lambda item: item.position.accuracy_m if item.position else None),
    _column("备注", "Note", lambda item: item.note),
    (Text("来源", "Source"), lambda item, said: said(item.source) if item.source else _PHONE.say(said.language)),
    _column("导入已撤销", "Import revoked", lambda item: item.withdrawn),
    _column("编号", "Id", lambda item: str(item.id)),
)
_TALLY = tuple(
    _column(zh, en, lambda item, name=name: getattr(item, name))  # type: ignore[misc]
    for zh, en, name in (
        ("人数", "People", "people"),
        ("按时完成", "Met", "met"),
        ("补报完成", "Met late", "met_late"),
        ("待完成", "To do", "open"),
        ("有逾期风险", "At risk", "at_risk"),
        ("未完成", "Missed", "missed"),
        ("不作要求", "Excused", "excused"),
        ("待核实", "Pending review", "pending_review"),
        ("完成率", "Rate", "rate"),
    )
)


_INDENT = "\u3000"  # a blank as wide as a character, which both Excel and WPS keep


def _point(item: Any) -> BaseGeometry | None:
    return Point(item.position.lon, item.position.lat) if item.position else None


@dataclass(frozen=True, slots=True)
class _Fences:
    items: list[Json]


@needs(Ability.READ)
async def list_fences(context: ContextDep, unit: UnitQuery = None) -> _Fences:
    """The boundaries that hold now, of the villages in sight."""
    visible = await village_reads.villages(context.session, await context.visible(unit=unit), now=context.now)
    ids = {village.id for village in visible.items}
    found = await places.fences(context.session, context.scope.county_id, now=context.now)
    return _Fences([each for each in found if each["id"] in ids])


EXPORTS: Mapping[str, Export] = {
    export.name: export
    for export in (
        Export(
            "compliance",
            Text("完成情况", "Compliance"),
            board.compliance,
            (
                (
                    Text("范围", "Group"),
                    lambda item, said: _name(item.unit) or _name(item.village) or said(item.category),
                ),
                *_TALLY,
            ),
        ),
        Export(
            "compliance-tree",
            Text("各级完成情况", "Compliance by level"),
            board.read_compliance_tree,
            (
                _column("责任单位", "Unit", lambda item: _INDENT * item.depth + item.unit.name),
                _column("单位代码", "Unit code", lambda item: item.code),
                _column("级别", "Kind of unit", lambda item: item.unit.level),
                _column("层次", "Depth", lambda item: item.depth + 1),
                *_TALLY,
            ),
        ),
        Export(
            "duties", Text("任务", "Duties"), board.list_duties, (*_PERSON, _UNIT, *_DUTY,
            _column("最后走访", "Last visit", lambda item: item.last_visit_at), *_CONTACT),
        ),
        Export(
            "flags",
            Text("预警", "Flags"),
            flags.list_flags,
            (
                *_PERSON,
                _UNIT,
                *((heading, lambda item, said, of=of: of(item.duty, said)) for heading, of in _DUTY),
                _column("预警状态", "Flag", lambda item: item.status),
                _column("连续未完成", "Misses in a row", lambda item: item.misses),
                _column("级别", "Level", lambda item: item.level_name),
                _column("产生时间", "Raised", lambda item: item.raised_at),
                _column("提交给", "Put before", lambda item: _names(item.answerable)),
                _column("签收时间", "Acknowledged", lambda item: item.acknowledged_at),
                _column("解除时间", "Cleared", lambda item: item.cleared_at),
                _column("理由", "Reason", lambda item: item.reason),
                *_CONTACT,
            ),
        ),
        Export("check-ins", Text("签到", "Check-ins"), check_ins.list_check_ins, _CHECK_IN, _point),
        Export("reviews", Text("待核实", "Awaiting review"), reviews.list_reviews, _CHECK_IN, _point),
        Export(
            "geofences",
            Text("村界", "Boundaries"),
            list_fences,
            (
                _column("村代码", "Code", lambda item: item["properties"]["village_id"]),
                _column("村", "Village", lambda item: item["properties"]["name"]),
                _column("全称", "Official name", lambda item: item["properties"]["official_name"]),
                _column("乡镇", "Township", lambda item: item["properties"]["township"]),
                _column("版本", "Version", lambda item: item["properties"]["version"]),
                _column("来源", "Source", lambda item: item["properties"]["source"]),
                _column("虚构", "Synthetic", lambda item: item["properties"]["synthetic"]),
                _column("有效自", "Valid from", lambda item: item["properties"]["valid_from"]),
            ),
            lambda item: shapely.from_geojson(json.dumps(item["geometry"])),
        ),
        Export(
            "people",
            Text("人员", "People"),
            directory.list_people,
            (
                _column("姓名", "Name", lambda item: item.name),
                _column("手机号", "Phone", lambda item: item.phone),
                _column("人员类别", "Category", lambda item: item.category),
                _UNIT,
                *_CONTACT,
            ),
        ),
        Export(
            "leave",
            Text("请假报备", "Leave"),
            leave.list_leave,
            (
                *_PERSON,
                _UNIT,
                _column("种类", "Kind", lambda item: item.kind),
                _column("自", "From", lambda item: item.from_date),
                _column("半天", "Half", lambda item: item.from_half),
                _column("至", "To", lambda item: item.until_date),
                _column("半天", "Half", lambda item: item.until_half),
                _column("天数", "Days", lambda item: item.days),
                _column("事由", "Reason", lambda item: item.reason),
                _column("提出时间", "Filed", lambda item: item.filed_at),
                _column("补办", "Retroactive", lambda item: item.retroactive),
                _column("状态", "Status", lambda item: item.status),
                _column("审批人", "Decided by", lambda item: _name(item.decision.by) if item.decision else None),
                _column("审批意见", "Decision", lambda item: item.decision.reason if item.decision else None),
            ),
        ),
        Export(
            "appeals",
            Text("申诉", "Appeals"),
            appeals.list_appeals,
            (
                *_PERSON,
                _UNIT,
                _column("对象", "Against", lambda item: item.duty.rule.name if item.duty else None),
                _column("签到时间", "Check-in", lambda item: item.check_in and item.check_in.captured_at),
                _column("第几次", "Instance", lambda item: item.instance),
                _column("内容", "Text", lambda item: item.text),
                _column("提出时间", "Filed", lambda item: item.filed_at),
                _column("应决定于", "Due", lambda item: item.due_at),
                _column("状态", "Status", lambda item: item.status),
                _column("决定", "Decision", lambda item: item.decision.reason if item.decision else None),
            ),
        ),
        Export(
            "coverage",
            Text("走访覆盖", "Coverage"),
            coverage.read_coverage,
            (
                _column("村", "Village", lambda item: item.village.name),
                _column("自然屯", "Hamlet", lambda item: item.household.hamlet),
                _column("户主", "Head", lambda item: item.household.head_name),
                _column("最后走访", "Last visit", lambda item: item.last_visited_at),
                _column("走访人", "Visited by", lambda item: _name(item.last_visited_by)),
                _column("结对干部", "Assigned", lambda item: _names(item.assigned)),
            ),
        ),
        Export(
            "silence",
            Text("长时间未上线", "Silence"),
            coverage.read_silence,
            (*_PERSON, _column("手机号", "Phone", lambda item: item.phone), _UNIT, *_CONTACT),
        ),
    )
}  # fmt: skip
