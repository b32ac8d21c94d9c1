"""A county's own words: what may be written in a template, how it will read, and keeping it."""

from collections.abc import Mapping
from datetime import datetime
from string import Formatter
from typing import NamedTuple
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.kernel import audit
from app.kernel.language import Language, Text
from app.notices.store.templates import OWN, PUT, RESET
from app.notices.templates import Words, template

MOST_TITLE, MOST_BODY = 100, 1000

_EMPTY = Text("不能为空", "Must not be empty")
_LONG = Text("最多 {most} 个字", "At most {most} characters")
_BRACES = Text("花括号不成对；要写花括号本身请写两个", "Braces do not match; write two for a brace itself")
_UNKNOWN = Text("没有“{name}”这一项，可用：{names}", "There is no {name} here; there is {names}")

# What a notice of any kind may be about, as it looks in a preview.
EXAMPLE: dict[str, object] = {
    "day": "2026-11-18",
    "post": {"name": "利周乡人民政府 办公室"},
    "cause": {"name": "村界更正", "name_en": "a corrected village boundary"},
    "standing": {"name": "计入", "name_en": "counted"},
    "person": {"name": "韦志强"},
    "rule": {"name": "领导夜访", "name_en": "Leaders' night visits"},
    "period": {"id": "2026-W47", "start": "2026-11-16", "end": "2026-11-22"},
    "required": 1,
    "done": 0,
    "wanting": 1,
    "left": 2,
    "waiting": {
        "name": "手机上还有 3 条签到未上传，请尽快联网上传。",
        "name_en": "3 check-ins still wait on the phone: upload them.",
    },
    "week": "2026-W47",
    "missed": 3,
    "summary": {
        "name": "领导夜访：应完成 20 人，达标 17 人，未完成 3 人。",
        "name_en": "Leaders' night visits: 20 owed, 17 met, 3 missed.",
    },
    "headline": {"name": "新预警 3、待办 12", "name_en": "new flags 3, to do 12"},
    "count": 2,
    "misses": 2,
    "review": {
        "name": "有签到到期仍未核实，应由韦志强核实。",
        "name_en": "Check-ins that could meet it were never reviewed; that was for 韦志强 to do. ",
    },
    "level": 2,
    "put_before": {"name": "上一级领导", "name_en": "the leaders one level up"},
    "subject": {"name": "预警", "name_en": "a flag"},
    "due": "2026-12-04",
    "reason": "当晚在县里开会，有会议通知。",
    "why": {"name": "手机报告使用了模拟位置", "name_en": "The phone says that its location is simulated"},
    "phone": "13900000003",
    "at": "2026-11-18 20:10",
    "issuer": {"name": "韦志强"},
    "client": "OwnTracks",
    "from_date": "2026-11-19",
    "until_date": "2026-11-20",
    "since": "2026-11-20",
}


def placeholders(kind: str) -> tuple[str, ...]:
    """The names that a template of this kind may hold, which are those that the house's own words hold."""
    own = (text for language in ("zh-CN", "en") for text in template(kind, language))
    names = dict.fromkeys(name for text in own for name in _names(text))
    return (*names, "start", "end") if "days" in names else tuple(names)  # the days of a period, each by itself


class Wrong(NamedTuple):
    """What is wrong, in words for `Text.say` with `values`."""

    text: Text
    values: dict[str, object]


def problem_with(kind: str, text: str, *, most: int) -> Wrong | None:
    """What is wrong with a title or a body, if anything."""
    if not text.strip():
        return Wrong(_EMPTY, {})
    if len(text) > most:
        return Wrong(_LONG, {"most": most})
    try:
        named = _names(text)
    except ValueError:
        return Wrong(_BRACES, {})
    allowed = placeholders(kind)
    for name in named:
        if name not in allowed:
            return Wrong(_UNKNOWN, {"name": name, "names": ", ".join(f"{{{each}}}" for each in allowed)})
    return None


def _names(text: str) -> list[str]:
    """Raises ValueError for what `str.format` could not read. What it would take apart (`{a.b}`) is no name."""
    return [
        name + (f"!{conversion}" if conversion else "") + (f":{spec}" if spec else "")
        for _, name, spec, conversion in Formatter().parse(text)
        if name is not None
    ]


async def of_county(session: AsyncSession, county_id: str) -> dict[tuple[str, str], Words]:
    """The county's own words by (kind, language)."""
    found = await OWN.all(session, county_id=county_id)
    return {(row.kind, row.language): Words(row.title, row.body) for row in found}


async def put(
    session: AsyncSession,
    *,
    county_id: str,
    kind: str,
    language: Language,
    said: Words,
    actor_id: UUID,
    now: datetime,
) -> None:
    """Say it so from now on, also in what is in inboxes already. `said` has passed `problem_with`."""
    key = {"county_id": county_id, "kind": kind, "language": language}
    await PUT.run(session, **key, title=said.title, body=said.body, actor_id=actor_id, now=now)
    await _record(session, key, "notice_template.changed", actor_id, now, said._asdict())


async def reset(
    session: AsyncSession, *, county_id: str, kind: str, language: Language, actor_id: UUID, now: datetime
) -> None:
    """Back to the house's own words; nothing where the county has none of its own."""
    key = {"county_id": county_id, "kind": kind, "language": language}
    if await RESET.run(session, **key):
        await _record(session, key, "notice_template.reset", actor_id, now, {})


async def _record(
    session: AsyncSession,
    key: dict[str, str],
    action: str,
    actor_id: UUID,
    now: datetime,
    detail: Mapping[str, object],
) -> None:
    await audit.record(
        session,
        county_id=key["county_id"],
        at=now,
        actor_id=actor_id,
        action=action,
        subject=f"notice_template:{key['kind']}:{key['language']}",
        detail=detail,
    )
