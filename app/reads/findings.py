"""What visits on site have found about each signal: how often it was right where somebody went to see."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy.ext.asyncio import AsyncSession

from app.kernel.statements import Statement


class FindingRow(NamedTuple):
    """What verifications on site found of one reason."""

    code: str
    confirmed: int
    unfounded: int
    inconclusive: int

    @property
    def precision(self) -> float | None:
        """The share of the confirmed in those that were decided; None where none was."""
        decided = self.confirmed + self.unfounded
        return round(self.confirmed / decided, 3) if decided else None


# The latest verification of a check-in speaks; reasons are those that stand now.
_FINDINGS = Statement(
    FindingRow,
    """
WITH latest AS (
  SELECT DISTINCT ON (check_in_id) check_in_id, finding FROM verification
  WHERE county_id = :county_id ORDER BY check_in_id, at DESC, id DESC
)
SELECT reason.value ->> 'code' AS code,
  count(*) FILTER (WHERE latest.finding = 'confirmed') AS confirmed,
  count(*) FILTER (WHERE latest.finding = 'unfounded') AS unfounded,
  count(*) FILTER (WHERE latest.finding = 'inconclusive') AS inconclusive
FROM latest
JOIN check_in ON check_in.county_id = :county_id AND check_in.id = latest.check_in_id
CROSS JOIN LATERAL jsonb_array_elements(check_in.reasons) AS reason
GROUP BY 1 ORDER BY 1
""",
)


async def findings(session: AsyncSession, county_id: str) -> Sequence[FindingRow]:
    """How many verified check-ins each reason stood on, by what was found."""
    return await _FINDINGS.all(session, county_id=county_id)
