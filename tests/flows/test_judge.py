"""Judging again from stored evidence finds what stands, until something has changed."""

from datetime import timedelta

from sqlalchemy import text

from app.directory import service as directory
from app.directory.fences import Fences
from app.flows.judge import judge_stored
from tests.support.county import A1, B1, COUNTY, HELPER_A1, HELPER_B1, HOUSE_A1
from tests.support.server import WEDNESDAY_NIGHT, check_in, running

FINE = {"lon": 106.2213417, "lat": 24.3187231}
ODD = [
    {},
    {"village": B1, "at": timedelta(minutes=3)},  # impossible speed
    {"at": timedelta(minutes=6), "position": {"mock": True}},
    {"at": timedelta(hours=1), "position": None, "position_problem": "timeout"},
    {"at": timedelta(hours=2), "position": {"accuracy_m": 900.0, "lon": 106.241}},
    {"at": timedelta(days=-8), "position": FINE},  # late
    {"at": timedelta(days=-7), "position": FINE},  # repeated
    {"at": timedelta(days=-6), "position": {"lon": 106.2425, "lat": 24.317}},  # another system fits
    {"at": timedelta(days=-5), "household_id": str(HOUSE_A1), "position": {"lon": 106.2301}},  # far from the house
]


def posted(at=timedelta(0), village=A1, **changes):
    return check_in(village, at=WEDNESDAY_NIGHT + at, **changes)


async def judged_again(api):
    async with api.database.transaction() as session:
        county = await directory.county(session, COUNTY)
        index = await Fences().of(session, county)
        stored = (await session.execute(text("SELECT * FROM check_in"))).all()
        contact = (await session.execute(text("SELECT id, last_contact_at FROM person ORDER BY id"))).all()
        api.clock.turn(days=3)
        again = await judge_stored(session, county, index, [row.id for row in stored], now=api.clock.now)
        assert (await session.execute(text("SELECT id, last_contact_at FROM person ORDER BY id"))).all() == contact
    before = {row.id: (row.place, row.standing, row.reasons, row.village_id, row.confidence) for row in stored}
    after = {
        evidence.visit.id: (
            judgement.judged.place,
            judgement.standing,
            [reason.as_dict() for reason in judgement.reasons],
            judgement.judged.village_id,
            judgement.judged.confidence,
        )
        for evidence, judgement in again
    }
    return before, after


async def test_nothing_has_changed_so_nothing_changes(county_url):
    async with running(county_url) as api:
        helper = await api.as_(HELPER_A1)
        for changes in ODD:  # one by one, with time between, and not in the order of the visits
            api.clock.turn(minutes=1)
            reply = await helper.post("/v1/check-ins", json=posted(**changes))
            assert reply.status_code == 201, reply.text
        api.clock.turn(hours=5)
        guest = await api.as_(HELPER_B1)
        queue = [posted(**({"at": timedelta(hours=4), "village": B1} | changes)) for changes in ODD[:5]]
        reply = await guest.post("/v1/check-ins/batch", json={"check_ins": queue})
        assert {result["status"] for result in reply.json()["results"]} == {"recorded"}
        before, after = await judged_again(api)
        codes = {reason["code"] for _, _, reasons, _, _ in before.values() for reason in reasons}
        assert codes >= {
            "impossible_speed", "mock_location", "no_fix", "poor_accuracy", "late_upload", "repeated_fix",
            "crs_mismatch", "far_from_household",
        }  # fmt: skip
        assert after == before


async def test_what_has_changed_is_found(county_url):
    async with running(county_url) as api:
        helper = await api.as_(HELPER_A1)
        await helper.post("/v1/check-ins", json=posted(village=B1))
        async with api.database.transaction() as session:
            await session.execute(
                text("UPDATE assignment SET village_id = :b1 WHERE person_id = :person_id"),
                {"b1": B1, "person_id": HELPER_A1.id},
            )
        before, after = await judged_again(api)
        assert [row[:2] for row in before.values()] == [("outside", "outside")]
        assert [row[:2] for row in after.values()] == [("inside", "counted")]
