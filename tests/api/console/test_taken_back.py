"""Records that were taken back, before every reader of check-ins: they count for nothing, and show their mark."""

import csv
import io
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from app.directory.merging import Merge
from app.duties.service import DutyCounty
from app.flows import merge_people
from app.flows.recount import recount_all
from app.flows.rejudge import Selection, rejudge_all
from app.worker.schedule import tick
from tests.api.console import mvt
from tests.api.console.test_import_records import dingtalk, me, post, records, row, sent, shifted
from tests.support.cluster import Server
from tests.support.county import A1, COUNTY, HELPER_A1, LEADER_A, OFFICE, RESIDENT_A2, VISIT_RULE, Cast
from tests.support.server import WEDNESDAY_NIGHT, Api, after, check_in

BASE = f"/v1/counties/{COUNTY}"
PERIOD = f"period=2026-W47&rule={VISIT_RULE}"
AT = WEDNESDAY_NIGHT - timedelta(days=1)
TILE = "9/407/220"  # holds the whole small county

# What is asked of whom, and whether the answer is another while the records count.
READERS = [
    ("office", f"{BASE}/compliance?{PERIOD}", True),
    ("office", f"{BASE}/compliance?{PERIOD}&group_by=village", True),
    ("office", f"{BASE}/compliance-tree?{PERIOD}", True),
    ("office", f"{BASE}/duties?{PERIOD}", True),
    ("office", f"{BASE}/tiles/villages/{TILE}.mvt?{PERIOD}", True),
    ("office", f"{BASE}/reviews", True),
    ("office", f"{BASE}/reviews/summary", True),
    ("office", f"{BASE}/exports/duties.csv?{PERIOD}", True),
    ("office", f"{BASE}/exports/reviews.csv", True),
    ("helper", "/v1/me", True),
    ("helper", "/v1/me/duties", True),
    ("office", f"{BASE}/coverage", False),  # a record names no household
    ("office", f"{BASE}/silence", False),  # and is no word from a phone
    ("office", f"{BASE}/people", False),
    ("office", f"{BASE}/people/{HELPER_A1.id}", False),
    ("office", f"{BASE}/villages/{A1}", False),
    ("office", f"{BASE}/night-visits", False),
    ("office", f"{BASE}/flags", False),
    ("office", f"{BASE}/flags/totals", False),
    ("office", f"{BASE}/appeals", False),
]


@dataclass
class Caller:
    """Somebody who signs in for each request: others do meanwhile."""

    api: Api
    who: Cast

    async def get(self, path: str) -> httpx.Response:
        return await self._ask("GET", path)

    async def post(self, path: str, json: Any = None) -> httpx.Response:
        return await self._ask("POST", path, json)

    async def put(self, path: str, json: Any) -> httpx.Response:
        return await self._ask("PUT", path, json)

    async def _ask(self, method: str, path: str, json: Any = None) -> httpx.Response:
        async with await self.api.as_(self.who) as client:
            return await client.request(method, path, json=json)


@dataclass
class Office:
    """The small county, on both sides of the counter."""

    api: Api
    office: "Caller"
    helper: "Caller"

    async def answers(self) -> dict[str, bytes]:
        found = {}
        for who, path, _ in READERS:
            reply = await (self.office if who == "office" else self.helper).get(path)
            assert reply.status_code == 200, (path, reply.text)
            found[path] = reply.content
        return found

    async def imported(self) -> dict[str, Any]:
        """One record that counts, and one without a place that awaits review."""
        nowhere = row(AT - timedelta(hours=3), "", "")  # type: ignore[arg-type]
        found = await sent(self.api, dingtalk(row(AT, *shifted()), nowhere), people=me())
        await post(self.api, found, "apply", 202)
        return found

    async def differences(self) -> int:
        return (await recount_all(self.api.service, now=self.api.clock(), apply=False)).differences


def office(api: Api) -> Office:
    return Office(api, Caller(api, OFFICE), Caller(api, HELPER_A1))


async def begin(api: Api) -> None:
    await tick(api.service, api.clock)


async def import_and_take_back(api: Api) -> None:
    await begin(api)
    await post(api, await office(api).imported(), "undo", 200)


@pytest.fixture
async def county(server: Server, county_template: str) -> AsyncIterator[Office]:
    async with after(server, county_template, begin) as api:
        yield office(api)


@pytest.fixture
async def undone(server: Server, county_template: str) -> AsyncIterator[Office]:
    """The same, after records were imported and taken back."""
    async with after(server, county_template, import_and_take_back) as api:
        yield office(api)


@pytest.fixture
async def taken_back(undone: Office) -> UUID:
    """The id of the one that had counted."""
    (_, stored) = await records(undone.api)
    assert stored["withdrawn_at"] is not None
    assert isinstance(stored["id"], UUID)
    return stored["id"]


async def test_every_reader_answers_as_if_they_had_never_been(county: Office):
    await county.helper.get("/v1/me")  # the phone is in touch
    before = await county.answers()
    found = await county.imported()
    meanwhile = await county.answers()
    assert [path for _, path, touched in READERS if (before[path] != meanwhile[path]) != touched] == []
    await post(county.api, found, "undo", 200)
    after = await county.answers()
    assert [path for path in before if before[path] != after[path]] == []
    assert await county.differences() == 0


async def in_list(county: Office, id_: UUID) -> Any:
    items = (await county.office.get(f"{BASE}/check-ins?person={HELPER_A1.id}")).json()["items"]
    (item,) = [each for each in items if each["id"] == str(id_)]
    return item["standing"], item["withdrawn"], item["source"], item["reasons"][0]["code"]


async def in_detail(county: Office, id_: UUID) -> Any:
    item = (await county.office.get(f"{BASE}/check-ins/{id_}")).json()
    return item["standing"], item["withdrawn"], item["source"], item["rejudgements"][-1]["cause"]


async def in_evidence(county: Office, id_: UUID) -> Any:
    duties = (await county.office.get(f"{BASE}/duties?{PERIOD}")).json()["items"]
    (duty,) = [each["id"] for each in duties if each["person"]["id"] == str(HELPER_A1.id)]
    considered = (await county.office.get(f"{BASE}/duties/{duty}")).json()["evidence"]["check_ins"]
    (item,) = [each for each in considered if each["check_in"]["id"] == str(id_)]
    assert (item["counted"], item["reason"]["code"]) == (False, "withdrawn")
    return item["check_in"]["standing"], item["check_in"]["withdrawn"], item["check_in"]["source"], "withdrawn"


async def on_the_phone(county: Office, id_: UUID) -> Any:
    items = (await county.helper.get("/v1/me/check-ins")).json()["items"]
    (item,) = [each for each in items if each["id"] == str(id_)]
    assert not any(each["counted"] for each in item["counts"])
    return item["standing"], True, "dingtalk", item["reasons"][0]["code"]


async def in_sheet(county: Office, id_: UUID) -> Any:
    reply = await county.office.get(f"{BASE}/exports/check-ins.csv")
    (item,) = [
        each for each in csv.DictReader(io.StringIO(reply.content.decode("utf-8-sig"))) if each["编号"] == str(id_)
    ]
    assert (item["效力"], item["来源"]) == ("不予认定", "钉钉")
    assert "导入已被撤销" in item["原因"]
    return "refused", item["导入已撤销"] == "True", "dingtalk", "withdrawn"


async def in_map_file(county: Office, id_: UUID) -> Any:
    features = (await county.office.get(f"{BASE}/exports/check-ins.geojson")).json()["features"]
    (item,) = [each for each in features if each["properties"]["编号"] == str(id_)]
    assert item["geometry"]["type"] == "Point"
    assert (item["properties"]["效力"], item["properties"]["来源"]) == ("不予认定", "钉钉")
    return "refused", item["properties"]["导入已撤销"], "dingtalk", "withdrawn"


async def in_persons_sheet(county: Office, id_: UUID) -> Any:
    sheet = (await county.office.get(f"{BASE}/people/{HELPER_A1.id}/sheet")).json()
    (item,) = [each for each in sheet["check_ins"] if each["id"] == str(id_)]
    assert {each["reason"]["code"] for each in item["counts"]} == {"withdrawn"}
    assert sheet["total"]["done"] == 0
    return item["standing"], item["withdrawn"], item["source"], item["reasons"][0]["code"]


async def on_the_map(county: Office, id_: UUID) -> Any:
    tile = mvt.features((await county.office.get(f"{BASE}/tiles/check_ins/{TILE}.mvt?{PERIOD}")).content)
    (item,) = [each for each in tile["check_ins"] if each["id"] == str(id_)]
    return item["standing"], True, "dingtalk", "withdrawn"


@pytest.mark.parametrize(
    "shown", [in_list, in_detail, in_evidence, on_the_phone, in_sheet, in_map_file, in_persons_sheet, on_the_map]
)
async def test_where_they_are_shown_they_have_their_mark(
    undone: Office, taken_back: UUID, shown: Callable[[Office, UUID], Awaitable[Any]]
):
    assert await shown(undone, taken_back) == ("refused", True, "dingtalk", "withdrawn")


async def test_nobody_decides_on_them_any_more(undone: Office, taken_back: UUID):
    appeal = {"id": str(uuid4()), "check_in_id": str(taken_back), "text": "当时在村"}
    review = {"decision": "count", "reason": "到村"}
    seen = {"finding": "confirmed", "note": "", "verified_at": undone.api.clock().isoformat()}
    fix = {"lon": 106.2, "lat": 24.3, "accuracy_m": 10.0}
    replies = [
        await undone.helper.post("/v1/me/appeals", json=appeal),
        await undone.office.post(f"{BASE}/check-ins/{taken_back}/reviews", json=review),
        await undone.office.post(f"{BASE}/check-ins/{taken_back}/verifications", json=seen),
        await undone.helper.put(f"/v1/check-ins/{taken_back}/position", json=fix),
    ]
    assert [reply.status_code for reply in replies] == [409] * 4, [reply.text for reply in replies]
    assert all("导入已撤销" in reply.json()["detail"] for reply in replies[:3])


async def test_no_fence_photo_or_trail_looks_at_them(undone: Office, taken_back: UUID):
    (report,) = await rejudge_all(
        undone.api.service,
        Selection(COUNTY),
        now=undone.api.clock(),
        apply=True,
        watch=lambda *_: None,
    )
    assert report.judged == 0
    # A minute after the record, and 40 km off: nobody travels so fast, were the record one.
    far = check_in(at=AT + timedelta(minutes=1), position={"lon": 106.62, "lat": 24.32})
    beside = check_in(at=AT + timedelta(minutes=4))
    for body in (far, beside):
        reply = await undone.helper.post("/v1/check-ins", json=body)
        codes = {each["code"] for each in reply.json()["reasons"]}
        assert str(taken_back) not in reply.text
        assert body is beside or "impossible_speed" not in codes
    stored = {each["id"]: each["standing"] for each in await records(undone.api)}
    assert stored[taken_back] == "refused"


async def test_a_record_that_stands_is_part_of_the_trail(county: Office):
    """What the test before would find, were it not taken back."""
    await county.imported()
    far = check_in(at=AT + timedelta(minutes=1), position={"lon": 106.62, "lat": 24.32})
    reply = await county.helper.post("/v1/check-ins", json=far)
    assert "impossible_speed" in {each["code"] for each in reply.json()["reasons"]}


async def test_they_go_over_with_their_person_and_still_count_for_nothing(undone: Office, taken_back: UUID):
    async with undone.api.database.transaction() as session:
        asked = Merge(HELPER_A1.id, RESIDENT_A2.id)
        its = DutyCounty(COUNTY, "Asia/Shanghai")
        await merge_people.merge(session, its, asked, actor_id=OFFICE.id, now=undone.api.clock())
    stored = {each["id"]: each for each in await records(undone.api)}
    kept = stored[taken_back]
    assert (kept["person_id"], kept["standing"], kept["withdrawn_at"] is None) == (
        RESIDENT_A2.id,
        "refused",
        False,
    )
    assert await undone.differences() == 0


async def verified(county: Office, id_: UUID) -> None:
    said = {"finding": "confirmed", "note": "", "verified_at": county.api.clock().isoformat()}
    reply = await county.office.post(f"{BASE}/check-ins/{id_}/verifications", json=said)
    assert reply.status_code == 201, reply.text


async def reviewed(county: Office, id_: UUID) -> None:
    said = {"decision": "refuse", "reason": "不在村"}
    reply = await county.office.post(f"{BASE}/check-ins/{id_}/reviews", json=said)
    assert reply.status_code == 201, reply.text


async def appealed(county: Office, id_: UUID) -> str:
    body = {"id": str(uuid4()), "check_in_id": str(id_), "text": "当时在村"}
    reply = await county.helper.post("/v1/me/appeals", json=body)
    assert (reply.status_code, reply.json()["status"]) == (201, "open"), reply.text
    return body["id"]


async def decided(county: Office, id_: UUID, decision: str) -> None:
    appeal = await appealed(county, id_)
    body = {"decision": decision, "reason": "已核实"}
    reply = await Caller(county.api, LEADER_A).post(f"{BASE}/appeals/{appeal}/decide", json=body)
    assert reply.status_code == 200, reply.text


async def upheld(county: Office, id_: UUID) -> None:
    await decided(county, id_, "uphold")


async def overturned(county: Office, id_: UUID) -> None:
    await decided(county, id_, "overturn")


@pytest.mark.parametrize(
    ("act", "status"), [(verified, 409), (reviewed, 409), (appealed, 409), (overturned, 409), (upheld, 200)]
)
async def test_what_somebody_has_looked_at_is_not_taken_back(
    county: Office, act: Callable[[Office, UUID], Awaitable[Any]], status: int
):
    found = await county.imported()
    held, _ = await records(county.api)
    county.api.clock.turn(minutes=1)
    await act(county, held["id"])
    reply = await county.office.post(f"{BASE}/imports/{found['id']}/undo")
    assert reply.status_code == status, reply.text
    taken = {each["withdrawn_at"] is not None for each in await records(county.api)}
    assert taken == {status == 200}
    if status == 409:
        assert "1 条签到已有核实、核查或未决的申诉" in reply.json()["detail"]
    else:  # nor does the appeal go on
        body = {"id": str(uuid4()), "check_in_id": str(held["id"]), "text": "再次申诉"}
        assert (await county.helper.post("/v1/me/appeals", json=body)).status_code == 409
    assert await county.differences() == 0
