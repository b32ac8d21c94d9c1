"""What people were told, when and by which channel: the answer to "nobody told me", and what never arrived."""

from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.directory.words import Category
from app.kernel.language import Language, Text
from app.kernel.paging import cut, decode_cursor
from app.kernel.problems import NOT_FOUND, Problem
from app.kernel.statements import Json, Statement
from app.notices.templates import own_words, words
from app.notices.words import DeliveryStatus
from app.reads.answers.named import PersonRef
from app.reads.answers.notices import (
    ChannelSummary,
    DeliveryDevice,
    DeliveryOfPerson,
    DeliveryOut,
    DeliveryPage,
    DeliverySummary,
    NoticeRef,
    ToldNotice,
    ToldPage,
)
from app.reads.visibility import VISIBLE, VisibleScope


class ToldRow(NamedTuple):
    """A notice of a person, and what became of it."""

    id: UUID
    kind: str
    about: Json
    created_at: datetime
    read_at: datetime | None
    title: str | None
    body: str | None
    deliveries: list[Json]


class DeliveryRow(NamedTuple):
    """A delivery, its notice and its reader."""

    id: UUID
    channel: str
    device_id: str
    status: DeliveryStatus
    attempts: int
    reason: str | None
    due_at: datetime
    created_at: datetime
    changed_at: datetime
    model: str | None
    notice_id: UUID
    kind: str
    about: Json
    title: str | None
    body: str | None
    told_at: datetime
    person_id: UUID
    person_name: str
    category: Category


class SummaryRow(NamedTuple):
    """Deliveries of a channel by what became of them."""

    channel: str
    waiting: int
    sent: int
    failed: int
    dead: int
    needless: int


SUMMARY_D = 7
_TOLD, _SENT = "notices-of-person", "deliveries"

_REASONS = {
    "not_set_up": Text("服务器未配置该渠道", "not set up on this server"),
    "switched_off": Text("该渠道已停用", "the channel is switched off"),
    "signed_out": Text("该手机已退出登录或已由他人使用", "signed out on that phone, or it is in other hands"),
    "unregistered": Text("手机已不再接收推送（应用被卸载或已重新登录）", "the phone takes no pushes any more"),
    "bad_subscription": Text("浏览器的推送登记无效", "the browser's registration is no good"),
    "other_key": Text(
        "手机登记时用的是另一套推送密钥", "the phone registered with another key than this server's"
    ),
    "invalid_argument": Text("推送服务不接受这条消息", "the push service does not take this message"),
    "no_token": Text("手机没有推送登记", "the phone is not registered for pushes"),
    "quota_exceeded": Text("超出发送限额，稍后再发", "over the quota, sent later"),
    "unauthenticated": Text("服务器的推送凭据被拒绝", "the server's credentials were refused"),
    "unreachable": Text("连接不上", "out of reach"),
    "unavailable": Text("对方服务暂不可用", "the service is not available"),
    "refused": Text("对方拒收", "refused"),
    "not_public": Text(
        "渠道地址在服务器的内部网络，未获准使用", "the channel's address is in the server's own network"
    ),
    "bad_url": Text("渠道地址有误", "the channel's address is wrong"),
}
_OWN = """
LEFT JOIN notice_template AS own
  ON own.county_id = :county_id AND own.kind = notice.kind AND own.language = :language"""
_DELIVERY = """
delivery.id, delivery.channel, delivery.device_id, delivery.status, delivery.attempts, delivery.reason,
delivery.due_at, delivery.created_at, delivery.changed_at"""
_MODEL = """
LEFT JOIN device ON device.county_id = :county_id AND device.id = delivery.device_id
  AND device.person_id = notice.person_id"""

_OF_PERSON = Statement(
    ToldRow,
    f"""
SELECT notice.id, notice.kind, notice.about, notice.created_at, notice.read_at, own.title, own.body, (
  SELECT coalesce(jsonb_agg(to_jsonb(sent) ORDER BY sent.created_at, sent.id), '[]') FROM (
    SELECT {_DELIVERY}, device.model FROM delivery {_MODEL}
    WHERE delivery.county_id = :county_id AND delivery.notice_id = notice.id
  ) AS sent
) AS deliveries
FROM notice {_OWN}
WHERE notice.county_id = :county_id AND notice.person_id = :person_id
  AND (CAST(:at AS timestamptz) IS NULL OR (notice.created_at, notice.id) < (:at, CAST(:id AS uuid)))
ORDER BY notice.created_at DESC, notice.id DESC LIMIT :limit
""",
)

_DELIVERIES = Statement(
    DeliveryRow,
    f"""
WITH {VISIBLE}
SELECT {_DELIVERY}, device.model, notice.id AS notice_id, notice.kind, notice.about, own.title, own.body,
  notice.created_at AS told_at, person.id AS person_id, person.name AS person_name, person.category
FROM delivery
JOIN notice ON notice.county_id = :county_id AND notice.id = delivery.notice_id
JOIN visible_person AS person ON person.id = notice.person_id
{_MODEL} {_OWN}
WHERE delivery.county_id = :county_id
  AND (CAST(:delivery_id AS uuid) IS NULL OR delivery.id = :delivery_id)
  AND (CAST(:status AS text) IS NULL OR delivery.status = :status)
  AND (CAST(:channel AS text) IS NULL OR delivery.channel = :channel)
  AND (CAST(:person_id AS uuid) IS NULL OR person.id = :person_id)
  AND (CAST(:at AS timestamptz) IS NULL OR (delivery.changed_at, delivery.id) < (:at, CAST(:id AS uuid)))
ORDER BY delivery.changed_at DESC, delivery.id DESC LIMIT :limit
""",
)

_SUMMARY = Statement(
    SummaryRow,
    f"""
SELECT channel.name AS channel, {
        ", ".join(
            f"count(delivery.id) FILTER (WHERE delivery.status = '{status}') AS {status}"
            for status in DeliveryStatus
        )
    }
FROM notice_channel AS channel
LEFT JOIN delivery ON delivery.county_id = :county_id AND delivery.channel = channel.name
  AND delivery.changed_at >= :since
WHERE channel.county_id = :county_id
GROUP BY channel.name, channel.position ORDER BY channel.position, channel.name
""",
)


async def of_person(
    session: AsyncSession,
    *,
    county_id: str,
    person_id: UUID,
    cursor: str | None,
    limit: int,
    language: Language,
) -> ToldPage:
    """All that a person was told, the latest first, with what became of it on each channel."""
    at, last = decode_cursor(_TOLD, cursor, datetime, UUID) or (None, None)
    found = await _OF_PERSON.all(
        session,
        county_id=county_id,
        person_id=person_id,
        at=at,
        id=last,
        limit=limit + 1,
        language=language,
    )
    shown, after = cut(_TOLD, found, limit, lambda row: (row.created_at, row.id))
    return ToldPage(items=[_told(row, language) for row in shown], next_cursor=after)


async def deliveries(
    session: AsyncSession,
    visible: VisibleScope,
    *,
    cursor: str | None,
    limit: int,
    language: Language,
    status: str | None = None,
    channel: str | None = None,
    person_id: UUID | None = None,
) -> DeliveryPage:
    """What went out to the people in sight, or did not, the latest first."""
    at, last = decode_cursor(_SENT, cursor, datetime, UUID) or (None, None)
    found = await _DELIVERIES.all(
        session,
        **visible.parameters(),
        delivery_id=None,
        status=status,
        channel=channel,
        person_id=person_id,
        at=at,
        id=last,
        limit=limit + 1,
        language=language,
    )
    shown, after = cut(_SENT, found, limit, lambda row: (row.changed_at, row.id))
    return DeliveryPage(items=[_sent(row, language) for row in shown], next_cursor=after)


async def delivery(
    session: AsyncSession, visible: VisibleScope, delivery_id: UUID, language: Language
) -> DeliveryOfPerson:
    """One of them. Raises `NOT_FOUND`."""
    unasked = dict.fromkeys(("status", "channel", "person_id", "at", "id"))
    found = await _DELIVERIES.all(
        session,
        **visible.parameters(),
        **unasked,
        delivery_id=delivery_id,
        limit=1,
        language=language,
    )
    if not found:
        raise Problem(NOT_FOUND)
    return _sent(found[0], language)


async def summary(session: AsyncSession, county_id: str, now: datetime) -> DeliverySummary:
    """How many deliveries of the last days stand where, by channel."""
    found = await _SUMMARY.all(session, county_id=county_id, since=now - timedelta(days=SUMMARY_D))
    return DeliverySummary(days=SUMMARY_D, items=[ChannelSummary(**row._asdict()) for row in found])


def _told(row: ToldRow, language: Language) -> ToldNotice:
    said = words(row.kind, row.about, language, own_words(row.title, row.body))
    return ToldNotice(
        id=row.id,
        kind=row.kind,
        title=said.title,
        body=said.body,
        created_at=row.created_at,
        read_at=row.read_at,
        deliveries=[DeliveryOut(**_delivery(sent, language)) for sent in row.deliveries],
    )


def _sent(row: DeliveryRow, language: Language) -> DeliveryOfPerson:
    said = words(row.kind, row.about, language, own_words(row.title, row.body))
    return DeliveryOfPerson(
        **_delivery(row._asdict(), language),
        notice=NoticeRef(
            id=row.notice_id, kind=row.kind, title=said.title, body=said.body, created_at=row.told_at
        ),
        person=PersonRef(id=row.person_id, name=row.person_name, category=row.category),
    )


def _delivery(sent: Json, language: Language) -> dict[str, object]:
    return {
        "id": sent["id"],
        "channel": sent["channel"],
        "device": DeliveryDevice(id=sent["device_id"], model=sent["model"]) if sent["device_id"] else None,
        "status": sent["status"],
        "status_text": DeliveryStatus.of(sent["status"]).say(language),
        "attempts": sent["attempts"],
        "reason": sent["reason"],
        "reason_text": reason_text(sent["reason"], language),
        "due_at": sent["due_at"],
        "created_at": sent["created_at"],
        "changed_at": sent["changed_at"],
    }


def reason_text(said: str | None, language: Language) -> str | None:
    """Why a delivery failed or a channel waits, in words. Channels say a code, and more after a colon."""
    if said is None:
        return None
    code, colon, more = said.partition(": ")
    known = _REASONS[code].say(language) if code in _REASONS else code
    return f"{known}{colon}{more}"
