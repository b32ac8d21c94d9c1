"""What is wrong with a request is said at its field, as problem+json, in the caller's language."""

from app.kernel.paging import encode_cursor
from tests.support import county
from tests.support.county import COUNTY, known_id
from tests.support.server import Api

BASE = f"/v1/counties/{COUNTY}"
ELSEWHERE = encode_cursor("flags", "2026-11-25T00:00:00+08:00", known_id("flag"))
NO_TIME = encode_cursor("check-ins", "soon", known_id("check-in"))

WRONG = [
    ("/compliance?period=2026-W60", "/period", "bad_period"),
    ("/compliance?period=week", "/period", "bad_period"),
    ("/compliance?period=2026-13", "/period", "bad_period"),
    ("/compliance?period=2026-11", "/period", "other_period_kind"),
    ("/compliance?rule=1", "/rule", "bad_uuid"),
    ("/compliance?unit=theatre_a", "/unit", "bad_uuid"),
    ("/compliance?group_by=person", "/group_by", "unknown_value"),
    ("/duties?status=missed,late", "/status", "unknown_value"),
    ("/duties?category=boss", "/category", "unknown_value"),
    ("/duties?village=45102910020", "/village", "bad_format"),
    ("/duties?limit=0", "/limit", "too_small"),
    ("/duties?limit=201", "/limit", "too_large"),
    ("/duties?cursor=%ff", "/cursor", "bad_cursor"),
    (f"/duties?cursor={ELSEWHERE}", "/cursor", "bad_cursor"),
    ("/duties/1", "/duty_id", "bad_uuid"),
    ("/flags?status=gone", "/status", "unknown_value"),
    ("/flags/1", "/flag_id", "bad_uuid"),
    ("/flags?rule=visits", "/rule", "bad_uuid"),
    ("/flags?level=0", "/level", "too_small"),
    ("/flags?level=101", "/level", "too_large"),
    ("/flags?level=two", "/level", "not_a_number"),
    ("/flags?mine=perhaps", "/mine", "not_a_boolean"),
    ("/flags/totals?status=gone", "/status", "unknown_value"),
    ("/flags/totals?unit=a", "/unit", "bad_uuid"),
    ("/flags/totals?rule=visits", "/rule", "bad_uuid"),
    ("/flags/totals?level=0", "/level", "too_small"),
    ("/appeals?status=settled", "/status", "unknown_value"),
    (f"/appeals?cursor={ELSEWHERE}", "/cursor", "bad_cursor"),
    ("/appeals/1", "/appeal_id", "bad_uuid"),
    ("/flags?cursor=bm9uZQ==", "/cursor", "bad_cursor"),
    ("/check-ins?from=2026-11-18", "/from", "no_offset"),
    ("/check-ins?from=2026-11-18T20:00:00", "/from", "no_offset"),
    ("/check-ins?to=yesterday", "/to", "bad_time"),
    ("/check-ins?standing=fine", "/standing", "unknown_value"),
    ("/check-ins?order=random", "/order", "unknown_value"),
    ("/check-ins?person=me", "/person", "bad_uuid"),
    ("/check-ins?bbox=106,24,107", "/bbox", "bad_bbox"),
    ("/check-ins?bbox=107,24,106,25", "/bbox", "bad_bbox"),
    ("/check-ins?bbox=106,nan,107,25", "/bbox", "bad_bbox"),
    ("/check-ins?bbox=106,24,inf,25", "/bbox", "bad_bbox"),
    (f"/check-ins?cursor={NO_TIME}", "/cursor", "bad_cursor"),
    ("/check-ins/1", "/check_in_id", "bad_uuid"),
    ("/villages/1", "/village_id", "bad_format"),
    ("/people?q=" + "王" * 101, "/q", "too_long"),
    ("/tiles/roads/9/407/220.mvt", "/layer", "unknown_value"),
    ("/tiles/villages/23/0/0.mvt", "/z", "too_large"),
    ("/tiles/villages/9/512/0.mvt", "/x", "too_large"),
    ("/tiles/villages/9/0/512.mvt", "/y", "too_large"),
    ("/tiles/villages/9/-1/0.mvt", "/x", "too_small"),
    ("/tiles/villages/9/0/0.mvt?period=2026-W60", "/period", "bad_period"),
]


async def test_each_is_named_at_its_field(api: Api):
    async with await api.as_(county.OFFICE) as office:
        for path, pointer, code in WRONG:
            reply = await office.get(BASE + path)
            assert (reply.status_code, reply.headers["content-type"]) == (422, "application/problem+json"), path
            (error,) = reply.json()["errors"]
            assert (error["pointer"], error["code"]) == (pointer, code), path
            (english,) = (await office.get(BASE + path, headers={"Accept-Language": "en"})).json()["errors"]
            assert english["detail"].isascii(), path
            assert not error["detail"].isascii(), path


async def test_what_is_not_there_is_not_found(api: Api):
    async with await api.as_(county.OFFICE) as office:
        for path in (
            f"/duties?rule={known_id('no such rule')}",
            f"/compliance?unit={known_id('no such unit')}",
            f"/check-ins?person={known_id('nobody')}",
            "/check-ins?village=999999999999",
            f"/duties/{known_id('no such duty')}",
            f"/check-ins/{known_id('no such check-in')}",
            "/villages/999999999999",
            f"/people/{known_id('nobody')}",
            f"/tiles/villages/9/407/220.mvt?rule={known_id('no such rule')}",
            "/nothing",
        ):
            reply = await office.get(BASE + path)
            assert (reply.status_code, reply.json()["type"]) == (404, "/problems/not-found"), path


async def test_a_search_takes_every_character_as_it_is(api: Api):
    async with await api.as_(county.OFFICE) as office:
        for q in ("%", "_", "\\", "'"):
            reply = await office.get(f"{BASE}/people", params={"q": q})
            assert (reply.status_code, reply.json()["items"]) == (200, []), q
        assert (await office.get(f"{BASE}/people", params={"q": "甲\x00"})).status_code == 422
