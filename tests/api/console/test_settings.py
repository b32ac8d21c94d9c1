"""The county's settings: the office reads all of them and changes some; what is wrong is said at its field."""

import pytest
from httpx import Response

from app.flows.county_settings import ROOMS, declared
from app.flows.recount import recount_all
from app.kernel.database import rows
from tests.support.county import COUNTY, HELPER_A1, LEADER_A, OFFICE
from tests.support.server import Api

PATH = f"/v1/counties/{COUNTY}/settings"


def values(reply: Response):
    assert reply.status_code == 200, reply.text
    return {each["name"]: each["value"] for group in reply.json()["groups"] for each in group["items"]}


async def test_every_setting_is_there_with_its_meaning_in_the_readers_language(api: Api):
    office = await api.as_(OFFICE)
    groups = (await office.get(PATH, headers={"Accept-Language": "en"})).json()["groups"]
    assert [group["name"] for group in groups] == [name.en for name in ROOMS.values()]
    told = {each["name"]: each for group in groups for each in group["items"]}
    assert told.keys() == {each.name for _, each in declared()}
    assert told["photo_retention_d"] == {
        "name": "photo_retention_d",
        "unit": "d",
        "meaning": "photos are deleted so many days after their upload",
        "value": 365,
        "default": 365,
        "least": 0,
        "most": 500_000,
        "whole": True,
    }
    zh = (await office.get(PATH)).json()["groups"]
    (zh,) = [group for group in zh if group["name"] == "照片"]
    assert zh["items"][0]["meaning"] == "照片上传后保留多少天"


async def test_what_is_changed_holds_and_is_on_record_and_the_rest_stays(api: Api):
    office = await api.as_(OFFICE)
    before = values(await office.get(PATH))
    after = values(await office.put(PATH, json={"settings": {"appeal_days": 20, "tracks": True}}))
    assert after == before | {"appeal_days": 20, "tracks": True}
    told = (await (await api.as_(HELPER_A1)).get("/v1/me")).json()["county"]["settings"]
    assert (told["appeal_days"], told["tracks"]) == (20, True)
    async with api.database.transaction() as session:
        statement = "SELECT actor_id, subject, detail FROM audit_entry WHERE action = 'settings.changed'"
        (entry,) = await rows(session, statement)
    assert (entry.actor_id, entry.subject) == (OFFICE.id, f"county:{COUNTY}")
    assert entry.detail == {
        "before": {"appeal_days": 15, "tracks": False},
        "after": {"appeal_days": 20, "tracks": True},
    }


async def test_no_setting_changes_what_is_owed_already(weeks: Api):
    """So nothing of it has to be said before one is saved."""
    office = await weeks.as_(OFFICE)
    told = {each["name"]: each for group in (await office.get(PATH)).json()["groups"] for each in group["items"]}
    others = {
        name: not each["value"] if each["unit"] == "switch" else each["value"] + (1 if each["whole"] else 0.01)
        for name, each in told.items()
        if each["unit"] != "words"
    }
    reply = await office.put(PATH, json={"settings": others})
    assert values(reply).items() >= others.items()
    assert (await recount_all(weeks.database, now=weeks.clock(), apply=False)).differences == 0


async def test_each_wrong_setting_is_said_at_its_field_and_nothing_is_set(api: Api):
    office = await api.as_(OFFICE)
    before = values(await office.get(PATH))
    reply = await office.put(PATH, json={"settings": {"appeal_days": 20, "jump_m": "x", "colour": 1}})
    assert reply.status_code == 422
    assert [(error["pointer"], error["code"]) for error in reply.json()["errors"]] == [
        ("/settings/jump_m", "unfit_setting"),
        ("/settings/colour", "unknown_setting"),
    ]
    assert values(await office.get(PATH)) == before


@pytest.mark.parametrize("person", [LEADER_A, HELPER_A1])
async def test_nobody_but_an_office_reads_or_changes_them(api: Api, person):
    client = await api.as_(person)
    assert (await client.get(PATH)).status_code == 403
    assert (await client.put(PATH, json={"settings": {"appeal_days": 1}})).status_code == 403
