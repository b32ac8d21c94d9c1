"""Judging again by corrected fences: shown, then applied, told, recounted and on record; reviews prevail."""

import asyncio
import json
from datetime import date, timedelta
from typing import Any

import pytest
from shapely import box
from sqlalchemy import text

from app import cli
from app.flows import rejudge
from app.flows.recount import recount_all
from app.flows.rejudge import CountyReport, Selection
from app.geo.coordinates import from_wgs84
from app.kernel.roles import as_service
from tests.support import county
from tests.support.county import A1, A2, B1, COUNTY, OTHER_COUNTY, SIDE, SOUTH, WEST, Cast
from tests.support.server import WEDNESDAY_NIGHT, Api, check_in, running

# A1 was drawn too far west: its middle belongs to nobody, as it turns out.
EAST_QUARTER = box(WEST[A1] + SIDE * 0.75, SOUTH, WEST[A1] + SIDE, SOUTH + SIDE)


@pytest.fixture
async def api(county_url: str):
    async with running(county_url) as started:
        yield started


async def post(api: Api, who: Cast, *bodies: dict[str, Any]) -> list[str]:
    async with await api.as_(who) as phone:
        reply = await phone.post("/v1/check-ins/batch", json={"check_ins": list(bodies)})
    assert {result["status"] for result in reply.json()["results"]} == {"recorded"}, reply.text
    return [body["id"] for body in bodies]


async def correct_fence(api: Api, village: str = A1, area: Any = EAST_QUARTER, *, days: int = 60) -> None:
    body = {
        "village_id": village,
        "geometry": area.__geo_interface__,
        "valid_from": (WEDNESDAY_NIGHT - timedelta(days=days)).isoformat(),
        "source": "2026 年勘界",
    }
    async with await api.as_(county.OFFICE) as office:
        reply = await office.post(f"/v1/counties/{COUNTY}/geofences", json=body)
    assert reply.status_code == 201, reply.text


async def run(api: Api, *, apply: bool = False, **asked: Any) -> CountyReport:
    (report,) = await rejudge.rejudge_all(
        api.service, Selection(COUNTY, **asked), now=api.clock(), apply=apply, watch=lambda *_: None
    )
    return report


async def all_rows(api: Api, statement: str) -> list[tuple[Any, ...]]:
    async with api.database.transaction() as session:
        return [tuple(row) for row in await session.execute(text(statement))]


async def miscounted(api: Api) -> list[Any]:
    """Duties that are not as a recount would have them; those that nobody opened yet are not at issue."""
    report = await recount_all(api.service, now=api.clock(), apply=False)
    return [each for own in report.counties for each in own.differences if each.duty_id]


async def standings(api: Api) -> dict[str, str]:
    return {str(key): value for key, value in await all_rows(api, "SELECT id, standing FROM check_in")}


async def test_nothing_changes_while_the_fences_stay(api: Api):
    spots = [
        {"lon": WEST[A1] - 0.001},
        {"lat": SOUTH - 0.1},
        {"accuracy_m": 900.0, "lat": SOUTH - 0.002},
        {"mock": True},
    ]
    # Labelled WGS-84, but from a map that shifts: outside as it stands, inside in GCJ-02.
    lon, lat = (float(axis) for axis in from_wgs84(106.2385, 24.32, "gcj02"))
    spots.append({"lon": lon, "lat": lat})
    bodies = [check_in(position=spot, at=WEDNESDAY_NIGHT - timedelta(days=n)) for n, spot in enumerate(spots)]
    await post(api, county.HELPER_A1, *bodies, check_in(position=None, position_problem="denied"))
    await post(api, county.OFFICE, check_in())  # nothing is assigned to the office
    found = await all_rows(api, "SELECT standing, reasons @@ '$[*].code == \"crs_mismatch\"' FROM check_in")
    assert ("held", True) in found
    report = await run(api, apply=True)
    assert (report.judged, report.changed, report.reviewed) == (6, 0, 0)
    assert await all_rows(api, "SELECT count(*) FROM rejudgement") == [(0,)]
    assert await all_rows(api, "SELECT count(*) FROM audit_entry WHERE action = 'check_ins.rejudged'") == [(0,)]


async def test_shown_first_and_nothing_is_written(api: Api):
    visit, doubted = check_in(), check_in(position={"mock": True}, at=WEDNESDAY_NIGHT - timedelta(days=8))
    await post(api, county.HELPER_A1, visit, doubted)
    await post(api, county.RESIDENT_A2, check_in(A2))
    before = await all_rows(api, "SELECT * FROM check_in ORDER BY id")
    await correct_fence(api)
    report = await run(api)
    assert (report.judged, report.changed) == (3, 2)
    assert dict(report.standings) == {("counted", "outside"): 1, ("held", "held"): 1}
    assert dict(report.villages) == {A1: 2}
    (shown,) = report.as_dict()["changes"]
    assert (str(shown["check_in_id"]), shown["place"]) == (visit["id"], ["inside", "outside"])
    assert shown["distance_m"][1] > 900
    assert any(visit["id"] in line and "counted -> outside" in line for line in report.lines())
    assert await all_rows(api, "SELECT * FROM check_in ORDER BY id") == before


async def test_applied_told_recounted_and_on_record(api: Api):
    (sent,) = await post(api, county.HELPER_A1, check_in())
    await correct_fence(api)
    api.clock.turn(minutes=5)
    report = await run(api, apply=True)
    assert report.changed == 1
    async with await api.as_(county.HELPER_A1, **{"Accept-Language": "en"}) as phone:
        own = (await phone.get(f"/v1/me/check-ins/{sent}")).json()
        (duty,) = (await phone.get("/v1/me/duties")).json()["items"]
        told = (await phone.get("/v1/me/notices")).json()["items"]
    assert (own["standing"], own["place"], own["village"]["geofence_version"]) == ("outside", "outside", 2)
    assert [reason["code"] for reason in own["reasons"]] == ["outside_fence"]
    assert (duty["status"], duty["done"]) == ("open", 0)
    assert [notice["kind"] for notice in told] == ["check_in_judged_again"]
    assert told[0]["body"].startswith(
        "Because of a corrected village boundary, your check-in of 18 November was judged again: it is outside"
    )
    async with await api.as_(county.LEADER_A) as leader:
        (history,) = (await leader.get(f"/v1/counties/{COUNTY}/check-ins/{sent}")).json()["rejudgements"]
    assert (history["cause"], history["before"]["geofence_version"], history["after"]["geofence_version"]) == (
        "fence",
        1,
        2,
    )
    ((actor, subject, detail),) = await all_rows(
        api, "SELECT actor_id, subject, detail FROM audit_entry WHERE action = 'check_ins.rejudged'"
    )
    assert (actor, subject, detail["changed"]) == (None, f"county:{COUNTY}", 1)
    assert detail["standings"] == [{"before": "counted", "after": "outside", "check_ins": 1}]
    assert (await run(api, apply=True)).changed == 0  # and again changes nothing
    assert await miscounted(api) == []


async def test_what_arrival_told_stays_and_what_follows_from_the_place_goes(api: Api):
    lon, lat = WEST[A1] - 0.1, SOUTH + SIDE / 2
    late = check_in(position={"lon": lon, "lat": lat}, at=WEDNESDAY_NIGHT - timedelta(days=10))
    mocked = check_in(position={"lon": lon, "lat": lat, "mock": True}, at=WEDNESDAY_NIGHT - timedelta(days=20))
    await post(api, county.HELPER_A1, late, mocked)
    assert await standings(api) == {late["id"]: "outside", mocked["id"]: "held"}
    await correct_fence(api, area=box(lon - 0.02, SOUTH, WEST[A1] + SIDE, SOUTH + SIDE))
    await run(api, apply=True)
    assert await standings(api) == {late["id"]: "counted", mocked["id"]: "held"}
    codes = await all_rows(
        api, "SELECT jsonb_path_query_array(reasons, '$[*].code') FROM check_in ORDER BY captured_at"
    )
    assert codes == [(["mock_location", "late_upload"],), (["late_upload"],)]


async def test_a_review_prevails_and_is_shown(api: Api):
    (sent,) = await post(api, county.HELPER_A1, check_in())
    async with await api.as_(county.LEADER_A) as leader:
        path = f"/v1/counties/{COUNTY}/check-ins/{sent}/reviews"
        for decision in ("refuse", "count"):
            reply = await leader.post(path, json={"decision": decision, "reason": "到村核实"})
            assert reply.status_code == 201
            api.clock.turn(minutes=1)
    await correct_fence(api)
    report = await run(api, apply=True)
    assert (report.changed, report.reviewed) == (0, 1)
    assert any("reviewed, stays" in line for line in report.lines())
    assert await all_rows(api, "SELECT standing, place, geofence_version FROM check_in") == [
        ("counted", "inside", 1)
    ]


async def test_only_what_was_asked_for_set_by_set(api: Api, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(rejudge, "_SET", 2)
    days = [WEDNESDAY_NIGHT - timedelta(days=n) for n in range(5)]
    await post(api, county.HELPER_A1, *[check_in(at=day) for day in days])
    await post(api, county.HELPER_B1, check_in(B1))
    await correct_fence(api)
    watched: list[int] = []
    (report,) = await rejudge.rejudge_all(
        api.service,
        Selection(COUNTY, A1, date(2026, 11, 15), date(2026, 11, 17)),
        now=api.clock(),
        apply=True,
        watch=lambda _, judged: watched.append(judged),
    )
    assert (report.judged, report.changed, watched) == (3, 3, [2])
    assert (await run(api, village_id=A1)).changed == 2  # the rest
    assert (await run(api, village_id=B1)).judged == 1
    assert (await run(api)).judged == 6


async def test_an_interrupted_run_is_finished_by_the_next(api: Api, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(rejudge, "_SET", 2)
    bodies = [check_in(at=WEDNESDAY_NIGHT - timedelta(days=n, minutes=n)) for n in range(5)]
    await post(api, county.HELPER_A1, *bodies)
    await correct_fence(api)

    def stop(_county: str, judged: int) -> None:
        if judged == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await rejudge.rejudge_all(api.service, Selection(COUNTY), now=api.clock(), apply=True, watch=stop)
    assert await miscounted(api) == []
    assert (await run(api, apply=True)).changed == 1
    assert set((await standings(api)).values()) == {"outside"}


async def test_the_command(
    api: Api, county_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
):
    (sent,) = await post(api, county.HELPER_A1, check_in())
    await correct_fence(api)
    monkeypatch.setenv("YEFANG_DATABASE_URL", as_service(county_url))

    def command(*arguments: str) -> str:
        assert not cli.cli(["rejudge", *arguments], standalone_mode=False)
        return capsys.readouterr().out

    said = await asyncio.to_thread(command, "--county", COUNTY)
    assert "1 counted -> outside" in said
    assert "nothing was written" in said
    said = await asyncio.to_thread(command, "--json", "--apply", "--village", A1, "--from", "2026-11-18")
    found = json.loads(said)
    assert (found["applied"], found["counties"][0]["changed"]) == (True, 1)
    assert found["counties"][0]["changes"][0]["check_in_id"] == sent
    said = await asyncio.to_thread(command, "--county", OTHER_COUNTY)
    assert f"{OTHER_COUNTY}: 0 check-ins judged" in said
