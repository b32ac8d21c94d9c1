"""Posting check-ins through the phone's door: what is recorded, what it is judged to be, what is answered."""

import asyncio
import json
from datetime import datetime, timedelta
from uuid import uuid4

import pytest

from tests.support.county import A1, A2, B1, HELPER_A1, HELPER_B1, HOUSE_A1, HOUSE_B1, LEADER_A, RESIDENT_A2
from tests.support.server import SHANGHAI, WEDNESDAY_NIGHT, Api, check_in


async def test_a_visit_is_judged_and_answered_with_what_is_still_owed(api: Api):
    helper = await api.as_(HELPER_A1)
    posted = check_in(household_id=str(HOUSE_A1), note="入户走访")
    reply = await helper.post("/v1/check-ins", json=posted)
    assert reply.status_code == 201, reply.text
    body = reply.json()
    assert body["id"] == posted["id"]
    assert body["village"] == {"id": A1, "name": "甲一村", "geofence_version": 1}
    assert body["found_in_village"] == {"id": A1, "name": "甲一村"}
    assert (body["place"], body["distance_m"], body["standing"], body["reasons"]) == ("inside", 0, "counted", [])
    assert body["confidence"] > 0.99
    assert body["household_distance_m"] == pytest.approx(0, abs=0.01)
    assert body["night_of"] == "2026-11-18"
    assert datetime.fromisoformat(body["received_at"]) == WEDNESDAY_NIGHT
    (duty,) = body["duties"]
    assert duty["rule"]["name"] == "帮扶走访"
    assert (duty["required"], duty["done"], duty["status"]) == (1, 1, "met")
    assert duty["period"]["id"] == "2026-W47"


async def test_a_repeat_answers_200_with_the_same_body(api: Api):
    helper = await api.as_(HELPER_A1)
    posted = check_in()
    first = await helper.post("/v1/check-ins", json=posted)
    api.clock.turn(minutes=5)
    moved = posted | {
        "captured_at": datetime.fromisoformat(posted["captured_at"]).astimezone().isoformat(),
        "app_version": "9.9",
    }
    again = await helper.post("/v1/check-ins", json=moved)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()


async def test_the_same_id_with_other_content_is_a_conflict(api: Api):
    helper = await api.as_(HELPER_A1)
    posted = check_in()
    await helper.post("/v1/check-ins", json=posted)
    for other in (posted | {"note": "别的"}, posted | {"position": posted["position"] | {"lon": 106.23}}):
        reply = await helper.post("/v1/check-ins", json=other)
        assert reply.status_code == 409
        assert reply.json()["type"] == "/problems/id-reused"
    stranger = await api.as_(HELPER_B1)
    assert (await stranger.post("/v1/check-ins", json=posted)).status_code == 409


async def test_two_identical_posts_at_once_are_one_visit(api: Api):
    """kpi#5047: the race between two identical posts."""
    helper = await api.as_(HELPER_A1)
    posted = check_in()
    replies = await asyncio.gather(*(helper.post("/v1/check-ins", json=posted) for _ in range(8)))
    assert sorted(reply.status_code for reply in replies) == [200] * 7 + [201]
    assert (await helper.get("/v1/me/check-ins")).json()["items"][0]["id"] == posted["id"]
    assert len((await helper.get("/v1/me/check-ins")).json()["items"]) == 1


@pytest.mark.parametrize(
    ("crs", "lon", "lat"),
    [
        ("wgs84", 106.22484, 24.2973),
        ("gcj02", 106.22832794, 24.29442169),
        ("bd09", 106.23482718, 24.30045084),
    ],
)
async def test_the_same_place_in_three_coordinate_systems(api: Api, crs: str, lon: float, lat: float):
    """The county seat of Tianlin; the GCJ-02 and BD-09 figures are PRCoords'."""
    helper = await api.as_(HELPER_A1)
    reply = await helper.post("/v1/check-ins", json=check_in(position={"lon": lon, "lat": lat, "crs": crs}))
    position = reply.json()["position"]
    assert position["lon"] == pytest.approx(106.22484, abs=1e-7)
    assert position["lat"] == pytest.approx(24.2973, abs=1e-7)
    assert reply.json()["place"] == "outside"
    assert reply.json()["distance_m"] == pytest.approx(299, rel=0.01)  # 0.0027 degrees south of the fence


@pytest.mark.parametrize(
    ("metres_outside", "accuracy_m", "place", "standing"),
    [
        (-2000, 12, "inside", "counted"),
        (100, 12, "near", "counted"),
        (1500, 12, "outside", "outside"),
        (1500, 3000, "unsure", "held"),
        (-2000, None, "inside", "counted"),
        (-2000, 0, "inside", "counted"),
        (-2000, -1, "inside", "counted"),
    ],
)
async def test_place_and_standing(
    api: Api, metres_outside: float, accuracy_m: float | None, place: str, standing: str
):
    helper = await api.as_(HELPER_A1)
    south = 24.30 - metres_outside / 110_772  # metres in a degree of latitude here
    reply = await helper.post(
        "/v1/check-ins", json=check_in(position={"lon": 106.22, "lat": south, "accuracy_m": accuracy_m})
    )
    body = reply.json()
    assert (body["place"], body["standing"]) == (place, standing), body
    assert body["distance_m"] == pytest.approx(max(metres_outside, 0), rel=0.01, abs=1)
    assert bool(body["reasons"]) == (standing != "counted" or place == "near")


async def test_unknown_accuracy_is_never_told_as_perfect(api: Api):
    helper = await api.as_(HELPER_A1)
    reply = await helper.post("/v1/check-ins", json=check_in(position={"accuracy_m": 0}))
    assert reply.json()["position"]["accuracy_m"] is None


async def test_found_in_another_village_than_the_assigned_one(api: Api):
    helper = await api.as_(HELPER_A1)
    body = (await helper.post("/v1/check-ins", json=check_in(B1))).json()
    assert body["village"]["id"] == A1
    assert body["found_in_village"]["id"] == B1
    assert body["standing"] == "outside"
    assert body["reasons"][0]["code"] == "outside_fence"
    assert body["duties"][0]["done"] == 0


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"position": {"mock": True}}, "mock_location"),
        ({"at": WEDNESDAY_NIGHT + timedelta(minutes=6)}, "clock_skew"),
        ({"at": datetime(1970, 1, 1, tzinfo=SHANGHAI)}, "clock_skew"),
        ({"position": {"fixed_at": (WEDNESDAY_NIGHT - timedelta(minutes=6)).isoformat()}}, "stale_fix"),
        ({"position": None, "position_problem": "timeout"}, "no_fix"),
    ],
)
async def test_a_doubtful_visit_is_kept_and_held_with_its_reason(api: Api, changes: dict, code: str):
    helper = await api.as_(HELPER_A1)
    reply = await helper.post("/v1/check-ins", json=check_in(**changes))
    assert reply.status_code == 201, reply.text
    body = reply.json()
    assert body["standing"] == "held"
    assert code in [reason["code"] for reason in body["reasons"]]
    (notice,) = (await helper.get("/v1/me/notices", params={"unread": True})).json()["items"]
    assert notice["kind"] == "check_in_held"
    assert notice["about"]["check_in_id"] == body["id"]


async def test_held_visits_are_pending_in_the_duty(api: Api):
    helper = await api.as_(HELPER_A1)
    (duty,) = (await helper.post("/v1/check-ins", json=check_in(position={"mock": True}))).json()["duties"]
    assert (duty["done"], duty["pending_review"], duty["status"]) == (0, 1, "open")


async def test_five_minutes_ahead_is_still_believed(api: Api):
    helper = await api.as_(HELPER_A1)
    reply = await helper.post("/v1/check-ins", json=check_in(at=WEDNESDAY_NIGHT + timedelta(minutes=5)))
    assert reply.json()["standing"] == "counted"


async def test_twenty_past_midnight_on_monday_belongs_to_sunday_and_last_week(api: Api):
    leader = await api.as_(LEADER_A)
    monday = datetime(2026, 11, 16, 0, 20, tzinfo=SHANGHAI)
    body = (await leader.post("/v1/check-ins", json=check_in(at=monday, household_id=str(HOUSE_A1)))).json()
    assert body["night_of"] == "2026-11-15"
    done = {duty["period"]["id"]: duty["done"] for duty in body["duties"]}
    assert done["2026-W46"] == 1
    assert done.get("2026-W47", 0) == 0


async def test_by_day_no_night(api: Api):
    helper = await api.as_(HELPER_A1)
    noon = WEDNESDAY_NIGHT.replace(hour=12)
    assert (await helper.post("/v1/check-ins", json=check_in(at=noon))).json()["night_of"] is None


BAD = [
    ({"position": {"crs": "cgcs2000"}}, "/position/crs", "unknown_value"),
    ({"position": {"lat": 90.1}}, "/position/lat", "too_large"),
    ({"position": {"lat": "24.3"}}, "/position/lat", "not_a_number"),
    ({"captured_at": "2026-11-18T20:10:00"}, "/captured_at", "no_offset"),
    ({"captured_at": 1_700_000_000}, "/captured_at", "bad_time"),
    ({"captured_at": "0001-01-01T00:00:00+08:00"}, "/captured_at", "out_of_range"),
    ({"id": "no-uuid"}, "/id", "bad_uuid"),
    ({"purpose": "holiday"}, "/purpose", "unknown_value"),
    ({"note": "长" * 2001}, "/note", "too_long"),
    ({"note": "nul \x00"}, "/note", "bad_text"),
    ({"position": None}, "/position_problem", "position_problem_missing"),
    ({"household_id": str(uuid4())}, "/household_id", "unknown_household"),
    ({"form": {"a": "\x00"}}, "/form/a", "bad_text"),
]


@pytest.mark.parametrize(("changes", "pointer", "code"), BAD)
async def test_bad_input_names_the_field_in_both_languages(untouched: Api, changes: dict, pointer: str, code: str):
    posted = check_in() | {key: value for key, value in changes.items() if key != "position"}
    if "position" in changes:
        posted["position"] = changes["position"] and posted["position"] | changes["position"]
    details = set()
    for language in ("zh-CN", "en"):
        helper = await untouched.as_(HELPER_A1, **{"Accept-Language": language})
        reply = await helper.post("/v1/check-ins", json=posted)
        assert reply.status_code == 422, reply.text
        assert reply.headers["content-type"] == "application/problem+json"
        (error,) = reply.json()["errors"]
        assert (error["pointer"], error["code"]) == (pointer, code)
        details.add(error["detail"])
    assert len(details) == 2
    assert (await helper.get("/v1/me/check-ins")).json()["items"] == []


async def test_not_a_number_is_refused_at_its_field(api: Api):
    helper = await api.as_(HELPER_A1)
    text = json.dumps(check_in(position={"lat": float("nan")}))
    reply = await helper.post("/v1/check-ins", content=text)
    assert reply.status_code == 422
    assert reply.json()["errors"][0] | {"detail": ""} == {
        "pointer": "/position/lat",
        "code": "not_finite",
        "detail": "",
    }


async def test_what_is_not_json_is_400(api: Api):
    helper = await api.as_(HELPER_A1)
    assert (await helper.post("/v1/check-ins", content=b"{")).status_code == 400
    assert (await helper.post("/v1/check-ins", json=[])).status_code == 422


async def test_without_a_token_401(api: Api):
    reply = await api.http.post("/v1/check-ins", json=check_in())
    assert reply.status_code == 401
    assert reply.json()["type"] == "/problems/not-signed-in"


async def test_a_batch_answers_every_item_in_order_and_a_bad_one_fails_alone(api: Api):
    helper = await api.as_(HELPER_A1)
    known = check_in()
    await helper.post("/v1/check-ins", json=known)
    twice = check_in(at=WEDNESDAY_NIGHT - timedelta(hours=1))
    items = [
        check_in(at=WEDNESDAY_NIGHT - timedelta(days=1)),
        *(check_in() | {k: v for k, v in changes.items() if k != "position"} for changes, _, _ in BAD[3:7]),
        known,
        known | {"note": "另一次"},
        twice,
        twice,
        twice | {"note": "不同"},
        "nonsense",
        check_in(household_id=str(HOUSE_B1)),
        check_in(position={"mock": True}),
    ]
    reply = await helper.post("/v1/check-ins/batch", content=json.dumps({"check_ins": items}))
    assert reply.status_code == 200, reply.text
    body = reply.json()
    assert [result["index"] for result in body["results"]] == list(range(len(items)))
    assert [result["status"] for result in body["results"]] == [
        "recorded",
        *["invalid"] * 4,
        "duplicate",
        "conflict",
        "recorded",
        "duplicate",
        "conflict",
        "invalid",
        "recorded",
        "recorded",
    ]
    for result in body["results"]:
        assert (result["check_in"] is None) == (result["status"] in {"invalid", "conflict"})
        assert (result["problem"] is None) == (result["check_in"] is not None)
    assert body["results"][1]["problem"]["errors"][0]["pointer"] == "/captured_at"
    assert body["results"][1]["id"] == items[1]["id"]
    # One visit a day to the village counts; one at a neighbour's household there is another.
    assert [duty["done"] for duty in body["duties"]] == [3]
    assert len((await helper.get("/v1/me/check-ins")).json()["items"]) == 5


async def test_a_batch_has_limits(api: Api):
    helper = await api.as_(HELPER_A1)
    for body, status, pointer in (
        ({"check_ins": []}, 422, "/check_ins"),
        ({"check_ins": [0] * 501}, 422, "/check_ins"),
        ({}, 422, "/check_ins"),
        ([], 422, "/check_ins"),
    ):
        reply = await helper.post("/v1/check-ins/batch", json=body)
        assert reply.status_code == status
        assert reply.json()["errors"][0]["pointer"] == pointer
    large = json.dumps({"check_ins": [check_in(note="x" * 2000)] * 480 * 3})
    assert (await helper.post("/v1/check-ins/batch", content=large)).status_code == 413


async def test_a_full_batch_of_500_is_recorded(api: Api):
    resident = await api.as_(RESIDENT_A2)
    items = [check_in(A2, at=WEDNESDAY_NIGHT - timedelta(minutes=minute)) for minute in range(500)]
    body = (await resident.post("/v1/check-ins/batch", json={"check_ins": items})).json()
    assert {result["status"] for result in body["results"]} == {"recorded"}


async def test_own_check_ins_page_by_cursor_newest_first(api: Api):
    helper = await api.as_(HELPER_A1)
    items = [check_in(at=WEDNESDAY_NIGHT - timedelta(hours=hour)) for hour in range(7)]
    await helper.post("/v1/check-ins/batch", json={"check_ins": items})
    seen, cursor = [], None
    while True:
        params = {"limit": 3} | ({"cursor": cursor} if cursor else {})
        page = (await helper.get("/v1/me/check-ins", params=params)).json()
        seen += [item["id"] for item in page["items"]]
        if not (cursor := page["next_cursor"]):
            break
    assert seen == [item["id"] for item in items]
    since = (await helper.get("/v1/me/check-ins", params={"since": items[2]["captured_at"]})).json()
    assert [item["id"] for item in since["items"]] == seen[:3]
    assert (await helper.get("/v1/me/check-ins", params={"cursor": "nonsense"})).status_code == 422


async def test_nobody_reads_anothers_check_in_by_the_phones_door(api: Api):
    helper = await api.as_(HELPER_A1)
    posted = check_in()
    await helper.post("/v1/check-ins", json=posted)
    assert (await helper.get(f"/v1/me/check-ins/{posted['id']}")).json()["id"] == posted["id"]
    other = await api.as_(HELPER_B1)
    assert (await other.get(f"/v1/me/check-ins/{posted['id']}")).status_code == 404


async def test_every_household_of_the_township_is_the_leaders_and_one_of_another_is_told(api: Api):
    leader = await api.as_(LEADER_A)
    reply = await leader.post("/v1/check-ins", json=check_in(household_id=str(HOUSE_A1)))
    assert (reply.status_code, reply.json()["reasons"]) == (201, [])
    reply = await leader.post("/v1/check-ins", json=check_in(B1, household_id=str(HOUSE_B1)))
    assert reply.status_code == 201
    assert "not_your_household" in [reason["code"] for reason in reply.json()["reasons"]]
