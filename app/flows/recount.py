"""Count every duty anew and compare: nothing differs in health."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.duties import service as duties
from app.duties.service import Difference, DutyCounty
from app.kernel.database import Database


@dataclass(frozen=True, slots=True)
class CountyReport:
    """One county: how many duties were counted, and those that were not as they should be."""

    county_id: str
    duties: int
    differences: tuple[Difference, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """What a full recount found; `applied` when it also wrote it."""

    counties: tuple[CountyReport, ...]
    applied: bool

    @property
    def duties(self) -> int:
        return sum(county.duties for county in self.counties)

    @property
    def differences(self) -> int:
        return sum(len(county.differences) for county in self.counties)

    def as_dict(self) -> dict[str, object]:
        return {
            "counties": [
                {
                    "county_id": county.county_id,
                    "duties": county.duties,
                    "differences": len(county.differences),
                    "changes": [_change(difference) for difference in county.differences],
                }
                for county in self.counties
            ],
            "duties": self.duties,
            "differences": self.differences,
            "applied": self.applied,
        }

    def lines(self) -> Iterator[str]:
        """One line a difference."""
        for county in self.counties:
            for difference in county.differences:
                change = _change(difference)
                what = ", ".join(f"{name} {was} -> {now}" for name, (was, now) in change["changes"].items())
                yield f"{county.county_id} duty {change['duty_id']} of person {change['person_id']}: {what}"


async def recount_all(database: Database, *, now: datetime, apply: bool) -> Report:
    """Compare every duty of every county with what its rule, assignments and check-ins say; write it if asked."""
    async with database.transaction(None) as session:
        found = await duties.counties(session)
    return Report(
        counties=tuple([await recount_county(database, county, now=now, apply=apply) for county in found]),
        applied=apply,
    )


async def recount_county(database: Database, county: DutyCounty, *, now: datetime, apply: bool) -> CountyReport:
    """The same for one county, a period at a time. A duty that is owed and has no row differs too."""
    async with database.transaction(county.id) as session:
        periods = await duties.known_periods(session, county)
    counted, differences = 0, []
    for period in periods:
        async with database.transaction(county.id) as session:
            size, different = await duties.compare_period(session, county, period, now)
            if apply and different:
                await duties.recount_period(session, county, period, now)
        counted += size
        differences += different
    return CountyReport(county.id, counted, tuple(differences))


def _change(difference: Difference) -> dict[str, Any]:
    """What changes, field by field, as [stored, counted anew]."""
    return {
        "duty_id": difference.duty_id,
        "person_id": difference.person_id,
        "rule_id": difference.of.rule_id,
        "period_start": difference.of.start,
        "changes": {
            name: [difference.before[name], after]
            for name, after in difference.after.items()
            if difference.before[name] != after
        },
    }
