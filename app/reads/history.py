"""What was done about a flag or an appeal, the first first: from the audit log, in the caller's language."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.directory import service as directory
from app.duties.escalation import Ladder
from app.duties.flags import ladder_of
from app.kernel.language import Language, Text
from app.kernel.statements import Json, Statement
from app.reads.answers.appeals import Act
from app.reads.answers.named import Named


class EntryRow(NamedTuple):
    """One act, and who did it."""

    at: datetime
    action: str
    detail: Json
    actor_id: UUID | None
    name: str | None


# By name within one moment: a decision on an appeal comes before what it does to the flag.
_ENTRIES = Statement(
    EntryRow,
    """
SELECT entry.at, entry.action, entry.detail, entry.actor_id, person.name FROM audit_entry AS entry
LEFT JOIN person ON person.county_id = :county_id AND person.id = entry.actor_id
WHERE entry.county_id = :county_id AND entry.subject = ANY(CAST(:subjects AS text[]))
ORDER BY entry.at, entry.action, entry.id
""",
)
_ACTS = {
    "flag.raised": Text("预警产生", "Raised"),
    "flag.raised_again": Text("预警再次产生", "Raised again"),
    "flag.escalated": Text("无人签收，已提交{put_before}", "Nobody acknowledged it: put before {put_before}"),
    "flag.acknowledged": Text("已签收", "Acknowledged"),
    "flag.cleared": Text("已处理", "Settled"),
    "flag.withdrawn": Text("预警撤销", "Withdrawn"),
    "appeal.filed": Text("提出申诉（第 {instance} 次）", "Appealed against ({instance})"),
    "appeal.upheld": Text("申诉决定：维持原认定", "Appeal decided: the finding stands"),
    "appeal.overturned": Text("申诉决定：申诉成立", "Appeal decided: it succeeds"),
}
# A flag is withdrawn by a recount, which leaves the status that the duty turned to, or that an appeal did it.
TURNED = {
    "met": Text("重新统计后已达标", "Counted anew, the duty is met"),
    "met_late": Text("重新统计后已达标（逾期上传）", "Counted anew, the duty is met, though late"),
    "excused": Text("重新统计后本期不作要求", "Counted anew, nothing is owed"),
    "open": Text("重新统计后为待完成", "Counted anew, there is still time"),
    "awaiting_review": Text("有签到待核实，暂不定论", "Check-ins that could meet the duty await review"),
    "appeal": Text("申诉成立，本期不作要求", "The appeal succeeded, nothing is owed"),
    "merged": Text(
        "此档案已并入本人的另一份档案，按合并后的签到统计",
        "The record went into another of the same person, which counts",
    ),
}


async def history(session: AsyncSession, county_id: str, subjects: Sequence[str], language: Language) -> list[Act]:
    """What the audit log holds under `subjects`, such as `flag:0192...`."""
    found = await _ENTRIES.all(session, county_id=county_id, subjects=list(subjects))
    ladder = ladder_of(await directory.county(session, county_id))
    return [_entry(row, ladder, language) for row in found]


def _entry(row: EntryRow, ladder: Ladder, language: Language) -> Act:
    reason, level = row.detail.get("reason"), row.detail.get("level", 1)
    said = row.detail | {"put_before": ladder.step(level).name.say(language)}
    return Act(
        at=row.at,
        action=row.action,
        said=_ACTS[row.action].say(language, **said) if row.action in _ACTS else row.action,
        by=Named(id=row.actor_id, name=row.name) if row.actor_id else None,
        reason=TURNED[reason].say(language) if reason and row.action == "flag.withdrawn" else reason,
    )
