"""What visits on site say about the signals of one county."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import text

from app.kernel.ids import new_id
from app.reads.findings import findings
from tests.support.county import COUNTY, HELPER_A1, LEADER_A, OTHER_COUNTY
from tests.support.server import WEDNESDAY_NIGHT, check_in, running

VERIFY = """
INSERT INTO verification (county_id, id, check_in_id, verifier_id, finding, note, verified_at, at)
VALUES (:county_id, :id, :check_in_id, :verifier_id, :finding, '', :at, :at)
"""


async def test_the_latest_verification_of_each_check_in_counts_for_all_its_reasons(county_url):
    async with running(county_url) as api:
        helper = await api.as_(HELPER_A1)
        mocked = [check_in(at=WEDNESDAY_NIGHT - timedelta(hours=n), position={"mock": True}) for n in range(4)]
        mocked.append(check_in(position={"mock": True, "lon": 106.2413}))  # near, too
        await helper.post("/v1/check-ins/batch", json={"check_ins": mocked})
        said = ["unfounded", "confirmed"], ["confirmed"], ["inconclusive"], [], ["unfounded"]
        async with api.database.transaction() as session:
            for each, words in zip(mocked, said, strict=True):
                for number, finding in enumerate(words):
                    await session.execute(
                        text(VERIFY),
                        {
                            "county_id": COUNTY,
                            "id": new_id(),
                            "check_in_id": UUID(each["id"]),
                            "verifier_id": LEADER_A.id,
                            "finding": finding,
                            "at": WEDNESDAY_NIGHT + timedelta(days=number),
                        },
                    )
            found = await findings(session, COUNTY)
            assert found == [("mock_location", 2, 1, 1), ("near_fence", 0, 1, 0)]
            assert [each.precision for each in found] == [0.667, 0.0]
            assert await findings(session, OTHER_COUNTY) == []
