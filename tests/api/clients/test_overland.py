"""Overland posts batches; any answer but its own keeps the batch on the phone for ever."""

from tests.api.clients.conftest import app_of, check_ins, quarantined
from tests.support.server import Api
from tests.unit.clients.wires import OVERLAND


async def test_a_batch_with_poison_in_it_is_answered_as_the_app_expects(api: Api):
    phone = await app_of(api, "overland")
    feature = OVERLAND["locations"][0]
    poison = feature | {"geometry": {"type": "Point", "coordinates": [106.22, 240]}}
    for batch in (
        OVERLAND,
        OVERLAND | {"locations": [feature, poison, feature]},
        {"locations": []},
        b"",
        b"not json",
    ):
        reply = await phone.send(batch)
        assert (reply.status_code, reply.json()) == (200, {"result": "ok"})
        assert reply.headers["content-type"] == "application/json"
    reasons = [kept["reason"]["code"] for kept in await quarantined(api)]
    assert sorted(reasons) == ["bad_coordinates", "not_json", "not_json"]
    assert await check_ins(api) == []
