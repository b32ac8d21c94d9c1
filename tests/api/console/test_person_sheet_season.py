"""After a season of anything that may happen, each person's sheet says what the board and the evidence say."""

import pytest
from sqlalchemy import text

from app.duties.rules import Period
from tests.api.console.test_person_sheet import on_board, same_as_the_board, same_as_the_evidence, sheet
from tests.support import county
from tests.support.season import BASE, RULE, VISITORS, Season
from tests.support.server import Api

ACTS = 90
DAYS = "from=2026-06-01&to=2027-02-28"  # whole weeks and months
KNOWN = """
SELECT DISTINCT duty.rule_id, duty.period_start, rule.period_kind FROM duty
JOIN duty_rule AS rule ON rule.county_id = duty.county_id AND rule.id = duty.rule_id
  AND rule.version = duty.rule_version
"""


@pytest.mark.parametrize("seed", [4, 14])
async def test_after_a_season_each_sheet_says_what_board_and_evidence_say(api: Api, seed: int):
    season = Season(api, seed)
    await season.begin()
    async with await api.as_(county.OFFICE) as office:
        hours = RULE | {"measure": "hours_in_village", "required": 2, "effective_from": "2026-11-09"}
        assert (await office.post(f"{BASE}/rules", json=hours)).status_code == 201
    for _ in range(ACTS):
        await season.act()
    async with api.database.transaction() as session:
        known = [
            (row.rule_id, Period.of(row.period_kind, row.period_start).id)
            for row in await session.execute(text(KNOWN))
        ]
    duties, judged, stays, statuses = await on_board(api, known), 0, 0, set()
    for whose in VISITORS:
        said = await sheet(api, whose, DAYS)
        same_as_the_board(said, [each for each in duties if each["period"]["start"] >= "2026-06-01"])
        judged += await same_as_the_evidence(api, said)
        stays += sum(len(duty["stays"]) for duty in said["duties"])
        statuses |= {duty["status"] for duty in said["duties"]}
    assert judged > ACTS / 9, season.log
    assert {"met", "open", "missed"} <= statuses, season.log
    assert stays, season.log
