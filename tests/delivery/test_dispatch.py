"""Notices go out: by the reader's first channel, then the next; once each, by any number of dispatchers."""

import asyncio
from collections import Counter
from datetime import timedelta
from uuid import UUID

import pytest

from app.notices import service as notices
from app.notices.channels.base import Later, Never, Sent
from app.notices.delivering import LEASE
from app.notices.rules import MOST_ATTEMPTS
from app.notices.service import NewNotice
from tests.store.duties.cast import COUNTY, HELPER, LEADER, at
from tests.support.notices import NOON, Recording, ask, deliveries, dispatcher, gateway, phone, tell

LEFT = NOON.date()


async def test_a_notice_goes_to_every_phone_on_which_its_reader_is_signed_in(database, clock):
    await phone(database, device="p1")
    await phone(database, device="p2")
    await phone(database, device="left", ended=True)
    await phone(database, device="browser", channel="webpush")
    await tell(database, "a")
    fcm = Recording()
    assert await dispatcher(database, clock, fcm=fcm).deliver_due() == 2
    assert sorted(message.push["token"] for message in fcm.messages) == ["token-p1", "token-p2"]
    assert {(row.channel, row.status, row.reply) for row in await deliveries(database)} == {("fcm", "sent", "ok")}
    assert await dispatcher(database, clock, fcm=fcm).deliver_due() == 0


async def test_who_cannot_be_reached_has_the_inbox(database, clock):
    await tell(database, "a")
    assert await deliveries(database) == []


async def test_what_was_rolled_back_is_never_sent(database, clock):
    await phone(database)
    async with database.transaction() as session:
        told = [NewNotice(HELPER.id, "check_in_held", "a", {})]
        await notices.tell(session, county_id=COUNTY.id, now=NOON, notices=told)
        await session.rollback()
    fcm = Recording()
    assert await dispatcher(database, clock, fcm=fcm).deliver_due() == 0


async def test_what_fails_for_good_goes_by_the_next_channel_and_is_dead_after_the_last(database, clock):
    await phone(database)
    await gateway(database)
    await tell(database, "a")
    never = Never("refused")
    fcm, apprise = Recording(never), Recording(never)
    await dispatcher(database, clock, fcm=fcm, apprise=apprise).deliver_due()
    await dispatcher(database, clock, fcm=fcm, apprise=apprise).deliver_due()
    assert [(row.channel, row.status, row.reason) for row in await deliveries(database)] == [
        ("fcm", "failed", "refused"),
        ("sms", "dead", "refused"),
    ]
    (own,) = await ask(database, "SELECT phone FROM person WHERE id = :id", id=HELPER.id)
    assert [message.url for message in apprise.messages] == [f"json://gateway/send?to={own.phone}"]


async def test_one_phone_that_took_it_is_enough(database, clock):
    await phone(database, device="p1")
    await phone(database, device="p2")
    await gateway(database)
    await tell(database, "a")
    fcm = Recording(lambda message: Never("gone", gone=True) if message.push["token"] == "token-p1" else Sent())
    await dispatcher(database, clock, fcm=fcm).deliver_due()
    assert {(row.device_id, row.status) for row in await deliveries(database)} == {
        ("p1", "failed"),
        ("p2", "sent"),
    }
    kept = await ask(database, "SELECT id FROM device WHERE push IS NOT NULL")
    assert [row.id for row in kept] == ["p2"]


async def test_two_dispatchers_that_each_give_up_a_phone_pass_the_notice_on_once(database, clock):
    await phone(database, device="p1")
    await phone(database, device="p2")
    await gateway(database)
    occasions = [str(number) for number in range(40)]
    await tell(database, *occasions)
    both = [dispatcher(database, clock, fcm=Recording(*[Never("x")] * 99, batch=1)) for _ in range(2)]
    await asyncio.gather(*(each.deliver_due() for each in both))
    found = await deliveries(database)
    assert Counter((row.occasion, row.channel) for row in found) == Counter(
        {(occasion, channel): many for occasion in occasions for channel, many in [("fcm", 2), ("sms", 1)]}
    )
    assert {row.status for row in found if row.channel == "fcm"} == {"failed"}


async def test_a_channel_that_is_not_set_up_or_switched_off_is_passed_by(database, clock):
    await phone(database)
    await gateway(database)
    await tell(database, "a")
    await dispatcher(database, clock).deliver_due()
    assert [(row.channel, row.status, row.reason) for row in await deliveries(database)] == [
        ("fcm", "failed", "not_set_up"),
        ("sms", "waiting", None),
    ]
    await ask(database, "UPDATE notice_channel SET enabled = false RETURNING name")
    await dispatcher(database, clock, apprise=Recording()).deliver_due()
    assert [row.reason for row in await deliveries(database)] == ["not_set_up", "switched_off"]


async def test_a_vain_attempt_is_repeated_later_and_later_and_given_up(database, clock):
    await phone(database)
    await tell(database, "a")
    fcm = Recording(*[ConnectionError()] * MOST_ATTEMPTS)
    waits = []
    for attempt in range(1, MOST_ATTEMPTS + 1):
        assert await dispatcher(database, clock, fcm=fcm).deliver_due() == 1
        (row,) = await deliveries(database)
        assert (row.attempts, row.reason) == (attempt, "ConnectionError")
        waits.append(row.due_at - clock.now)
        clock.now = row.due_at
    assert row.status == "dead"
    assert [each.total_seconds() for each in waits[:-1]] == [30, 60, 120, 240, 480, 960, 1920]


async def test_the_channel_s_own_time_is_kept_and_may_be_asked_of_all(database, clock):
    await phone(database)
    await tell(database, "a")
    fcm = Recording(Later("quota", after_s=600, pause=True), Sent())
    await dispatcher(database, clock, fcm=fcm).deliver_due()
    await tell(database, "b")
    clock.now += timedelta(seconds=599)
    assert await dispatcher(database, clock, fcm=fcm).deliver_due() == 0
    clock.now += timedelta(seconds=1)
    assert await dispatcher(database, clock, fcm=fcm).deliver_due() == 1
    clock.now += timedelta(seconds=30)
    assert await dispatcher(database, clock, fcm=fcm).deliver_due() == 1
    assert {row.status for row in await deliveries(database)} == {"sent"}


async def test_no_more_than_the_rate_in_a_minute(database, clock):
    await gateway(database, per_minute=20)
    await tell(database, *map(str, range(50)))
    sms = Recording()
    sent = []
    for _ in range(4):
        await dispatcher(database, clock, apprise=sms).deliver_due()
        sent.append(len(sms.messages))
        clock.now += timedelta(seconds=30)
    assert sent == [20, 30, 40, 50]


@pytest.mark.parametrize(
    ("hour", "minute", "goes"), [(21, 59, True), (22, 0, False), (23, 30, False), (6, 59, False), (7, 0, True)]
)
async def test_at_night_only_what_is_urgent_goes_out(database, clock, hour, minute, goes):
    await phone(database)
    clock.now = at(f"2026-11-24 {hour:02}:{minute:02}")
    sos = {"person": {"name": "x"}, "phone": "1", "at": "x"}
    await tell(database, "usual", now=clock.now)
    await tell(database, "urgent", kind="sos", now=clock.now, about=sos)
    fcm = Recording()
    await dispatcher(database, clock, fcm=fcm).deliver_due()
    assert {message.kind for message in fcm.messages} == ({"sos", "check_in_held"} if goes else {"sos"})
    assert fcm.messages[0].kind == "sos"


async def test_what_was_read_or_is_past_its_use_is_not_sent(database, clock):
    await phone(database)
    await tell(database, "past", until=NOON + timedelta(minutes=5))
    await tell(database, "read")
    await ask(database, "UPDATE notice SET read_at = :now WHERE occasion = 'read' RETURNING id", now=NOON)
    clock.now += timedelta(minutes=5)
    fcm = Recording()
    await dispatcher(database, clock, fcm=fcm).deliver_due()
    assert fcm.messages == []
    assert [row.status for row in await deliveries(database)] == ["needless", "needless"]


async def test_what_a_dead_dispatcher_had_taken_is_sent_by_another(database, clock):
    await phone(database)
    await tell(database, "a")

    class Killed(BaseException):
        pass

    class Deadly(Recording):
        async def send(self, messages):
            await super().send(messages)
            raise Killed

    with pytest.raises(Killed):
        await dispatcher(database, clock, fcm=Deadly()).deliver_due()
    fcm = Recording()
    clock.now += LEASE - timedelta(seconds=1)
    assert await dispatcher(database, clock, fcm=fcm).deliver_due() == 0
    clock.now += timedelta(seconds=1)
    assert await dispatcher(database, clock, fcm=fcm).deliver_due() == 1
    assert [row.status for row in await deliveries(database)] == ["sent"]


async def test_many_dispatchers_send_each_once(database, clock):
    await phone(database)
    await tell(database, *map(str, range(300)))
    channels = [Recording(batch=7) for _ in range(4)]
    await asyncio.gather(*(dispatcher(database, clock, fcm=each).deliver_due() for each in channels))
    sent = Counter(message.notice_id for each in channels for message in each.messages)
    assert len(sent) == 300
    assert set(sent.values()) == {1}


async def test_the_reader_chooses_channels_their_order_and_the_language(database, clock):
    await phone(database)
    await gateway(database)
    await gateway(database, name="mail", position=4, url="mailtos://gateway/?to={address}")
    await ask(
        database,
        """
        INSERT INTO notice_preference (county_id, person_id, language, channels, addresses)
        VALUES (:county_id, :person_id, 'en', '{mail,sms}', '{"mail": "a+b@c.cn"}') RETURNING person_id
        """,
        county_id=COUNTY.id,
        person_id=HELPER.id,
    )
    await tell(database, "a")
    mail = Recording(Never("bounced"), Sent())
    await dispatcher(database, clock, apprise=mail).deliver_due()
    await dispatcher(database, clock, apprise=mail).deliver_due()
    assert [(row.channel, row.status) for row in await deliveries(database)] == [
        ("mail", "failed"),
        ("sms", "sent"),
    ]
    assert mail.messages[0].url == "mailtos://gateway/?to=a%2Bb%40c.cn"
    assert mail.messages[0].title == "A check-in is held for review"


async def test_a_group_reads_who_is_meant_and_no_more(database, clock):
    await gateway(database, for_group=True, url="wecombot://key")
    await tell(database, "a")
    group = Recording()
    await dispatcher(database, clock, apprise=group).deliver_due()
    assert [(message.title, message.body) for message in group.messages] == [(f"{HELPER.name}：签到待核实", "")]


async def test_the_county_s_own_words_are_used(database, clock):
    await phone(database)
    await ask(
        database,
        """
        INSERT INTO notice_template (county_id, kind, language, title, body, changed_at, changed_by)
        VALUES (:county_id, 'check_in_held', 'zh-CN', '请到村部核实', '签到 {check_in_id}', :now, :by)
        RETURNING kind
        """,
        county_id=COUNTY.id,
        now=NOON,
        by=LEADER.id,
    )
    await tell(database, "a")
    fcm = Recording()
    await dispatcher(database, clock, fcm=fcm).deliver_due()
    assert [(message.title, message.body) for message in fcm.messages] == [("请到村部核实", "签到 a")]


@pytest.mark.parametrize(("passed_on", "sent"), [(False, 1), (True, 0)])
async def test_a_number_that_has_passed_on_takes_no_notice_of_who_had_it(
    database, clock, passed_on: bool, sent: int
):
    """Told before they left, to be sent after it: what was theirs is not the successor's to read."""
    await gateway(database)
    await tell(database, "a")
    await ask(database, "UPDATE person SET until_date = :day WHERE id = :id RETURNING id", day=LEFT, id=HELPER.id)
    if passed_on:
        successor = """
            INSERT INTO person (county_id, id, name, phone, category, unit_id, from_date)
            SELECT county_id, :successor, '继任', phone, category, unit_id, until_date FROM person WHERE id = :id
            RETURNING id"""
        await ask(database, successor, successor=UUID(int=77), id=HELPER.id)
    apprise = Recording()
    await dispatcher(database, clock, apprise=apprise).deliver_due()
    assert len(apprise.messages) == sent
    assert [row.status for row in await deliveries(database)] == ["sent" if sent else "dead"]
