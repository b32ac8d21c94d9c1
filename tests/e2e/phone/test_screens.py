"""Every page of the app, by day and by night, in both languages: told to a screen reader, within the screen.

`YEFANG_PICTURES=folder` keeps a picture of each.
"""

import os
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.e2e.conftest import DESKTOP, PHONE, tell_two_weeks
from tests.e2e.phone.conftest import SMALL, Field, phone, settled, sign_in
from tests.support.county import A1, COUNTY, HELPER_A1, HOUSE_A1, OFFICE, centre
from tests.support.server import check_in

AXE = Path(__file__).parents[3] / "web/node_modules/axe-core/axe.min.js"
FOUND = """async () => (await axe.run(document, { resultTypes: ['violations'] })).violations
  .filter(({ impact }) => impact !== 'minor')
  .map(({ id, nodes }) => `${id}: ${nodes.map(({ target, failureSummary: why }) => target + why).join(' | ')}`)"""
PAGES = [
    "", "check-in", "queue", "notices", "more", "duties", "history", "households", "leave", "leave/new", "appeals",
    "appeal/check-in/{visit}", "visit/{visit}", "mine",
]  # fmt: skip


async def lived(country: Field) -> dict[str, Any]:
    """Two weeks of the helper's: visits, leave, an appeal, notices, and somebody's look. The visit is held."""
    api = country.live.api
    await tell_two_weeks(api)
    helper, office = await api.as_(HELPER_A1), await api.as_(OFFICE)
    lon, lat = centre(A1)
    outside = check_in(
        A1, at=api.clock() - timedelta(hours=3), position={"lon": lon - 0.2, "lat": lat}, note="路不通"
    )
    home = check_in(A1, at=api.clock() - timedelta(hours=2), household_id=str(HOUSE_A1))
    held = check_in(A1, at=api.clock() - timedelta(hours=1), position=None, position_problem="timeout")
    reply = await helper.post("/v1/check-ins/batch", json={"check_ins": [outside, home, held]})
    assert {each["status"] for each in reply.json()["results"]} == {"recorded"}
    about = {"id": str(uuid4()), "check_in_id": outside["id"], "text": "当天路断，从邻村绕行，村干部可以证明。"}
    assert (await helper.post("/v1/me/appeals", json=about)).status_code == 201
    for kind, day in (("annual", "2026-11-26"), ("sick", "2026-11-09")):
        wish = {"id": str(uuid4()), "kind": kind, "from_date": day, "until_date": day, "reason": "家里有事"}
        assert (await helper.post("/v1/me/leave", json=wish)).status_code == 201
    assert (await office.get(f"/v1/counties/{COUNTY}/check-ins/{home['id']}")).status_code == 200
    return held


@pytest.mark.parametrize(
    ("name", "language", "options"),
    [
        ("day", "zh-CN", {"viewport": PHONE}),
        ("night", "zh-CN", {"viewport": SMALL, "color_scheme": "dark"}),
        ("english", "en", {"viewport": PHONE}),
        ("desk", "zh-CN", {"viewport": DESKTOP, "color_scheme": "dark"}),
    ],
)
async def test_every_page_can_be_read_by_everybody(
    country: Field, tmp_path: Path, name: str, language: str, options: dict[str, Any]
):
    visit = await lived(country)
    async with phone(tmp_path, **options) as browser:
        page = await browser.new_page()
        await page.goto(f"{country.url}#/activate/451029-K7QM")
        await page.evaluate(AXE.read_text())
        for address in ("activate/451029-K7QM", "sign-in"):
            await page.goto(f"{country.url}#/{address}")
            await page.locator("form").wait_for()
            assert await page.evaluate(FOUND) == [], address
        await sign_in(page, country)
        await page.evaluate("language => localStorage.setItem('yefang.locale', language)", language)
        await page.reload()
        await page.evaluate(AXE.read_text())
        for address in PAGES:
            await page.goto(f"{country.url}#/{address.format(visit=visit['id'])}")
            await settled(page)
            assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address
            if folder := os.environ.get("YEFANG_PICTURES"):
                shown = address.partition("/{")[0].replace("/", "-") or "today"
                await page.screenshot(path=f"{folder}/{shown}-{name}.png", full_page=True)
            assert await page.evaluate(FOUND) == [], address
