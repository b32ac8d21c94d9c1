"""Personal data: the notice and who agreed, copies of what is held, and anonymity of who has left."""

import io
import json
import zipfile
from collections.abc import AsyncIterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.flows.personal_data import PERSONAL
from app.flows.recount import recount_all
from tests.support import tracks
from tests.support.camera import exif, photo
from tests.support.county import (
    A1,
    COUNTY,
    HELPER_A1,
    HELPER_B1,
    HOUSE_A1,
    LEADER_A,
    OFFICE,
    STRANGER,
)
from tests.support.server import WEDNESDAY_NIGHT, Api, check_in, running

BASE = f"/v1/counties/{COUNTY}"
NOTE = "在王大爷家"
REASON = {"reason": "已调离，本人申请"}
PERSON = f"{BASE}/people/{HELPER_A1.id}"


@pytest.fixture
async def api(database_url: str, tmp_path: Path) -> AsyncIterator[Api]:
    async with running(database_url, photo_store=str(tmp_path)) as started:
        yield started


async def ask(api: Api, sql: str, **parameters: object) -> list[Any]:
    async with api.database.transaction() as session:
        found = await session.execute(text(sql), parameters)
        return list(found.all()) if found.returns_rows else []


async def publish(api: Api, words: str = "本县如何处理个人信息") -> int:
    office = await api.as_(OFFICE)
    reply = await office.post(f"{BASE}/privacy-notice", json={"text": words, "text_en": "How data are handled"})
    assert reply.status_code == 201, reply.text
    return int(reply.json()["version"])


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


async def fixes_of(api: Api) -> int:
    return len(await ask(api, "SELECT key FROM track_fix WHERE person_id = :id", id=HELPER_A1.id))


async def test_a_notice_is_shown_agreed_to_withdrawn_and_asked_again(api: Api):
    office, helper = await api.as_(OFFICE), await api.as_(HELPER_A1)
    draft = (await office.get(f"{BASE}/privacy-notice")).json()
    assert (draft["version"], "1096" in draft["text"], "1096" in draft["text_en"]) == (0, True, True)
    before = (await helper.get("/v1/me/privacy")).json()
    assert (before["notice"], before["said"], before["ask"]) == (None, None, False)
    assert (await helper.post("/v1/me/privacy", json={"version": 1, "agreed": True})).status_code == 409

    await tracks.turn(api.service, on=True)
    now = WEDNESDAY_NIGHT - timedelta(hours=1)
    await tracks.upload(api.service, [tracks.fix(now, A1, who=HELPER_A1)], WEDNESDAY_NIGHT)
    assert await fixes_of(api) == 1, "nobody was asked yet"
    assert await publish(api) == 1
    asked = (await helper.get("/v1/me/privacy", headers={"Accept-Language": "en"})).json()
    assert (asked["ask"], asked["notice"]["text"]) == (True, "How data are handled")
    assert "art" in asked["effect"]
    later = tracks.fix(now + timedelta(minutes=5), A1, who=HELPER_A1)
    await tracks.upload(api.service, [later], WEDNESDAY_NIGHT)
    assert await fixes_of(api) == 1, "not without agreement"
    agreed = (await helper.post("/v1/me/privacy", json={"version": 1, "agreed": True})).json()
    assert (agreed["ask"], agreed["said"]["version"], agreed["said"]["agreed"]) == (False, 1, True)
    await tracks.upload(api.service, [later], WEDNESDAY_NIGHT)
    assert await fixes_of(api) == 2
    withdrawn = (await helper.post("/v1/me/privacy", json={"version": 1, "agreed": False})).json()
    assert (withdrawn["ask"], withdrawn["said"]["agreed"]) == (False, False)
    assert await fixes_of(api) == 0, "at once"
    visit = await helper.post("/v1/check-ins", json=check_in())
    assert visit.status_code == 201, "duties do not rest on agreement"
    await helper.post("/v1/me/privacy", json={"version": 1, "agreed": True})
    assert await publish(api, "新的规则") == 2
    again = (await helper.get("/v1/me/privacy")).json()
    assert (again["ask"], again["said"]["version"], again["notice"]["text"]) == (True, 1, "新的规则")
    kept = await ask(api, "SELECT version, agreed FROM consent WHERE person_id = :id ORDER BY id", id=HELPER_A1.id)
    assert [tuple(row) for row in kept] == [(1, True), (1, False), (1, True)]
    for who, status in ((LEADER_A, 403), (HELPER_A1, 403), (STRANGER, 404)):
        client = await api.as_(who)
        for reply in (
            await client.post(f"{BASE}/privacy-notice", json={"text": "x"}),
            await client.get(f"{PERSON}/data.zip"),
            await client.post(f"{PERSON}/anonymisation", json=REASON),
        ):
            assert reply.status_code == status, who


async def lived(api: Api) -> None:
    """Something of the helper in as many tables as a few requests fill, and a name in other people's."""
    helper, office, leader = [await api.as_(each) for each in (HELPER_A1, OFFICE, LEADER_A)]
    photo_id = uuid4()
    taken = exif("2026:11:18 20:05:00", position=(106.22, 24.32))
    assert (await helper.put(f"/v1/photos/{photo_id}", content=photo(exif=taken))).status_code == 201
    visit = check_in(note=NOTE, household_id=str(HOUSE_A1), photo_ids=[str(photo_id)], position={"mock": True})
    assert (await helper.post("/v1/check-ins", json=visit)).status_code == 201
    review = {"decision": "count", "reason": f"{HELPER_A1.name}在场"}
    assert (await leader.post(f"{BASE}/check-ins/{visit['id']}/reviews", json=review)).status_code == 201
    leave = {
        "id": str(uuid4()),
        "kind": "sick",
        "from_date": "2026-11-19",
        "until_date": "2026-11-19",
        "reason": "发烧",
    }
    assert (await helper.post("/v1/me/leave", json=leave)).status_code == 201
    renamed = {"title": "工作队员"}
    await office.put(f"{BASE}/people/{HELPER_A1.id}", json=renamed)
    await ask(
        api,
        "INSERT INTO audit_entry (county_id, id, at, action, subject, detail) VALUES (:c, :id, now(),"
        " 'person.changed', :subject, CAST(:detail AS jsonb))",
        c=COUNTY,
        id=uuid4(),
        subject=f"person:{HELPER_A1.id}",
        detail=json.dumps({"before": {"name": HELPER_A1.name, "phone": HELPER_A1.phone}}),
    )


async def leave_service(api: Api) -> None:
    """The helper left long ago; everything of theirs is closed."""
    gone = date(2026, 12, 1)
    await ask(api, "UPDATE person SET until_date = :day WHERE id = :id", day=gone, id=HELPER_A1.id)
    await ask(api, "UPDATE duty SET closed_at = closes_at WHERE closed_at IS NULL")


async def test_a_copy_has_all_that_is_held_and_no_secret(api: Api):
    await lived(api)
    helper, office = await api.as_(HELPER_A1), await api.as_(OFFICE)
    for client, path in ((helper, "/v1/me/data.zip"), (office, f"{PERSON}/data.zip")):
        reply = await client.get(path)
        assert (reply.status_code, reply.headers["content-type"]) == (200, "application/zip")
        archive = zipfile.ZipFile(io.BytesIO(reply.content))
        held = json.loads(archive.read("data.json"))
        assert held.keys() == PERSONAL.keys()
        assert held["person"]["rows"][0]["phone"] == HELPER_A1.phone
        assert held["check_in"]["rows"][0]["note"] == NOTE
        assert held["check_in"]["rows"][0]["reasons"][0]["code"] == "mock_location"
        assert held["leave"]["rows"][0]["reason"] == "发烧"
        assert all(each["purpose"] and each["basis"] for each in held.values())
        photos = [name for name in archive.namelist() if name.startswith("photos/")]
        assert archive.read(photos[0]).startswith(b"\xff\xd8\xff")
        assert {"password_hash", "token_hash", "secret", "push"} & {
            column for each in held.values() for row in each["rows"] for column in row
        } == set()
        assert HELPER_B1.name not in archive.read("data.json").decode()
    acts = await ask(api, "SELECT actor_id FROM audit_entry WHERE action = 'person.data_exported' ORDER BY id")
    assert [row.actor_id for row in acts] == [HELPER_A1.id, OFFICE.id]


async def test_who_has_left_is_made_anonymous_and_no_figure_changes(api: Api, tmp_path: Path):
    await lived(api)
    office = await api.as_(OFFICE)
    serving = await office.post(f"{PERSON}/anonymisation", json=REASON)
    assert serving.status_code == 409
    await leave_service(api)
    duties = await ask(api, "SELECT * FROM duty ORDER BY id")
    counted = await recount_all(api.service, now=WEDNESDAY_NIGHT, apply=False)
    api.clock.now = WEDNESDAY_NIGHT.replace(month=12, day=20)
    office = await api.as_(OFFICE)
    soon = await office.post(f"{PERSON}/anonymisation", json=REASON)
    assert (soon.status_code, "30" in soon.json()["detail"]) == (409, True)
    api.clock.turn(days=30)
    office = await api.as_(OFFICE)
    await ask(
        api,
        "INSERT INTO appeal (county_id, id, person_id, check_in_id, instance, text, filed_at, until,"
        " due_at, status) SELECT county_id, :id, person_id, id, 1, 'x', now(), now(), now(), 'open' FROM check_in",
        id=uuid4(),
    )
    open_still = await office.post(f"{PERSON}/anonymisation", json=REASON)
    assert (open_still.status_code, "申诉 1" in open_still.json()["detail"]) == (409, True)
    await ask(
        api,
        "UPDATE appeal SET status = 'upheld', decided_by = :id, decided_at = now(), post = 'office',"
        " decision_reason = :why",
        id=OFFICE.id,
        why=f"{HELPER_A1.name}不在场",
    )

    former = (await office.get(f"{BASE}/former-people", params={"q": "甲一"})).json()["items"]
    assert [(each["id"], each["name"]) for each in former] == [(str(HELPER_A1.id), HELPER_A1.name)]
    seen = await office.post(f"{PERSON}/anonymisation?preview=true", json=REASON)
    assert seen.status_code == 200, seen.text
    assert (seen.json()["photos"], seen.json()["visits"]) == (1, 1)
    assert (await office.get(PERSON)).json()["name"] == HELPER_A1.name, "only looked at"
    assert files_in(tmp_path)
    done = await office.post(f"{PERSON}/anonymisation", json=REASON)
    assert done.json() == seen.json()
    assert files_in(tmp_path) == []
    assert (await office.post(f"{PERSON}/anonymisation", json=REASON)).status_code == 409

    named = (*PERSONAL, "delivery", "rejudgement")
    rows = [await ask(api, f"SELECT * FROM {table} WHERE county_id = :c", c=COUNTY) for table in named]
    everything = str([row._mapping for of_table in rows for row in of_table])
    for trace in (HELPER_A1.name, HELPER_A1.phone, NOTE, "发烧"):
        assert trace not in everything
    assert await ask(api, "SELECT * FROM duty ORDER BY id") == duties
    assert await recount_all(api.service, now=WEDNESDAY_NIGHT, apply=False) == counted
    (visit,) = await ask(api, "SELECT * FROM check_in")
    assert (visit.person_id, visit.raw_lon is None, visit.standing) == (HELPER_A1.id, False, "counted")
    (act,) = await ask(api, "SELECT * FROM audit_entry WHERE action = 'person.anonymised'")
    assert (act.actor_id, act.detail["reason"]) == (OFFICE.id, REASON["reason"])
    signed = {"grant_type": "password", "username": HELPER_A1.phone, "password": "yefang-demo"}
    assert (await api.http.post("/v1/auth/token", data=signed)).status_code in (400, 401)


@pytest.mark.parametrize(
    "change",
    ["note = ''", "device_id = NULL, note = ''", "note = '', device_id = NULL, raw_lon = 1"],
)
async def test_evidence_of_who_is_not_anonymous_is_not_emptied(api: Api, change: str):
    helper = await api.as_(HELPER_A1)
    assert (await helper.post("/v1/check-ins", json=check_in(note=NOTE))).status_code == 201
    with pytest.raises(DBAPIError, match="evidence"):
        await ask(api, f"UPDATE check_in SET {change}")
    await ask(api, "UPDATE person SET anonymised_at = now() WHERE id = :id", id=HELPER_A1.id)
    if "raw_lon" in change:
        with pytest.raises(DBAPIError, match="evidence"):
            await ask(api, f"UPDATE check_in SET {change}")


async def test_the_service_empties_evidence_of_who_has_left_alone_and_with_an_entry_of_it(api: Api):
    entry = text(
        "INSERT INTO audit_entry (county_id, id, at, action, subject, detail)"
        " VALUES (:c, :entry, now(), :action, :subject, '{}')"
    )
    empty = text("SELECT visits FROM anonymise_evidence(:c, :id, now())")

    async def tried(action: str, subject: object) -> None:
        of = {"c": COUNTY, "id": HELPER_A1.id, "entry": uuid4()}
        async with api.service.transaction(COUNTY) as session:
            await session.execute(entry, of | {"action": action, "subject": f"person:{subject}"})
            await session.execute(empty, of)

    for action, subject in (("person.changed", HELPER_A1.id), ("person.anonymised", HELPER_B1.id)):
        with pytest.raises(DBAPIError, match="with an audit entry"):
            await tried(action, subject)
    with pytest.raises(DBAPIError, match="only of who has left"):
        await tried("person.anonymised", HELPER_A1.id)
    left = "UPDATE person SET until_date = '2026-01-01', from_date = '2025-01-01' WHERE id = :id"
    await ask(api, left, id=HELPER_A1.id)
    await tried("person.anonymised", HELPER_A1.id)
