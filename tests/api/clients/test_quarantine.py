"""The quarantine: seen by the person and the office, counted not heaped, and bounded."""

import pytest
from sqlalchemy import text

from app.access.quarantine import KEPT_BYTES, MOST_A_DAY, REASONS
from app.clients.routes import MOST_BYTES
from app.worker import schedule
from tests.api.clients.conftest import App, app_of, check_ins, quarantined, rows
from tests.support.county import COUNTY, HELPER_A1, HELPER_B1, LEADER_A, LEADER_B, OFFICE
from tests.support.server import Api
from tests.unit.clients.wires import ANDROID_PRESS

OF_COUNTY = f"/v1/counties/{COUNTY}/quarantine"


@pytest.fixture
async def phone(api: Api) -> App:
    return await app_of(api, "owntracks")


async def test_the_person_and_those_above_see_it_with_the_reason_in_their_language(api: Api, phone: App):
    await phone.send(b"nonsense \x00 \xff")
    for who, path in ((HELPER_A1, "/v1/me/quarantine"), (LEADER_A, OF_COUNTY), (OFFICE, OF_COUNTY)):
        for language, said in (("zh-CN", "不是合法的 JSON"), ("en", "Not valid JSON")):
            client = await api.as_(who, **{"Accept-Language": language})
            (item,) = (await client.get(path)).json()["items"]
            assert item["reason"] == {"code": "not_json", "detail": said}
            assert (item["body"], item["size"], item["times_seen"]) == ("nonsense � �", 12, 1)
            assert (item["client"], item["device_id"]) == ("owntracks", "phone-1")
    assert item["person"] == {"id": str(HELPER_A1.id), "name": "甲一帮扶", "category": "helper"}


async def test_nobody_else_sees_it(api: Api, phone: App):
    await phone.send(b"nonsense")
    assert await quarantined(api, HELPER_B1) == []
    leader = await api.as_(LEADER_B)
    assert (await leader.get(OF_COUNTY)).json()["items"] == []
    assert (await leader.get(OF_COUNTY, params={"person": str(HELPER_A1.id)})).status_code == 404


async def test_looking_at_somebodys_is_in_the_audit_log(api: Api, phone: App):
    await phone.send(b"nonsense")
    await (await api.as_(LEADER_A)).get(OF_COUNTY, params={"person": str(HELPER_A1.id)})
    (act,) = await rows(api, "SELECT actor_id, action, subject FROM audit_entry")
    assert tuple(act) == (LEADER_A.id, "location.seen", f"person:{HELPER_A1.id}")


async def test_it_pages(api: Api, phone: App):
    for number in range(5):
        await phone.send(f"nonsense {number}".encode())
    me, office = await api.as_(HELPER_A1), await api.as_(OFFICE)
    for client, path in ((me, "/v1/me/quarantine"), (office, OF_COUNTY)):
        seen, cursor = [], None
        while True:
            page = (await client.get(path, params={"limit": 2} | ({"cursor": cursor} if cursor else {}))).json()
            seen += [item["body"] for item in page["items"]]
            cursor = page["next_cursor"]
            if cursor is None:
                break
        assert seen == [f"nonsense {number}" for number in reversed(range(5))]
        assert (await client.get(path, params={"cursor": "x"})).status_code == 422


async def test_what_comes_again_is_only_counted(api: Api, phone: App):
    for _ in range(4):
        await phone.send(b"nonsense")
    later = api.clock.turn(days=2)
    await phone.send(b"nonsense")
    (row,) = await rows(api, "SELECT times_seen, received_at, last_seen_at FROM quarantine")
    assert row.times_seen == 5
    assert (row.last_seen_at, (row.last_seen_at - row.received_at).days) == (later, 2)


async def test_a_broken_app_fills_its_share_of_the_day_and_no_more(api: Api, phone: App):
    """The same poison twice in one request, then more than the day's share, then more on the next day."""
    poison = [{"n": number} for number in range(MOST_A_DAY + 50)]
    assert (await phone.send([poison[0], poison[0], *poison])).status_code == 200
    assert (await phone.send([{"n": -1}, {"n": 0}])).status_code == 200
    count = "SELECT reason, count(*), sum(times_seen) AS times FROM quarantine GROUP BY reason ORDER BY reason"
    too_many, unknown = await rows(api, count)
    assert tuple(too_many) == ("too_many", 1, 51)
    assert tuple(unknown) == ("unknown_shape", MOST_A_DAY, MOST_A_DAY + 3)
    assert (await phone.send(ANDROID_PRESS)).status_code == 200
    assert len(await check_ins(api)) == 1
    api.clock.turn(days=1)
    assert (await phone.send([{"n": -1}])).status_code == 200
    assert (await rows(api, count))[1].times == MOST_A_DAY + 4


async def test_a_body_is_kept_in_part(api: Api, phone: App):
    await phone.send(b"{" + b"x" * 100_000)
    (row,) = await rows(api, "SELECT length(body) AS kept, size FROM quarantine")
    assert tuple(row) == (KEPT_BYTES, 100_001)
    assert len((await quarantined(api))[0]["body"]) == 1000


async def test_too_much_at_once_is_refused_whole_and_answered(api: Api, phone: App):
    reply = await phone.send(b'[{"_type":"location"}' + b" " * MOST_BYTES + b"]")
    assert (reply.status_code, reply.content) == (200, b"[]")
    assert [kept["reason"]["code"] for kept in await quarantined(api)] == ["too_large"]


async def test_what_the_database_itself_refuses_does_not_come_back_for_ever(api: Api, phone: App):
    async with api.database.transaction() as session:
        await session.execute(
            text("""
            CREATE FUNCTION refuse_poison() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
              IF NEW.note = 'poison' THEN RAISE EXCEPTION 'poison' USING ERRCODE = 'XX000'; END IF;
              RETURN NEW;
            END $$""")
        )
        await session.execute(
            text("CREATE TRIGGER poison BEFORE INSERT ON check_in FOR EACH ROW EXECUTE FUNCTION refuse_poison()")
        )
    reply = await phone.send([ANDROID_PRESS | {"_id": "1", "poi": "poison"}, ANDROID_PRESS | {"_id": "2"}])
    assert (reply.status_code, reply.content) == (200, b"[]")
    assert len(await check_ins(api)) == 1
    assert [kept["reason"]["code"] for kept in await quarantined(api)] == ["refused"]


async def test_old_records_are_purged(api: Api, phone: App):
    await phone.send(b"old")
    api.clock.turn(days=29)
    await phone.send(b"new")
    await schedule.tick(api.service, api.clock)
    assert len(await quarantined(api)) == 2
    api.clock.turn(days=2)
    await schedule.tick(api.service, api.clock)
    assert [kept["body"] for kept in await quarantined(api)] == ["new"]


def test_every_reason_is_said_in_both_languages():
    for words in REASONS.values():
        assert words.en.isascii()
        assert not words.zh.isascii()
