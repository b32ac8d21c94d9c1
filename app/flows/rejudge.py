"""Judge stored check-ins by the fences as they are now, for the moment they were captured; write it if asked.

A changed fence re-judges nothing by itself. This says what it would change, and with `apply` changes it, set by
set, each in a transaction of its own: a run that was interrupted is finished by the next. Only the place is judged
anew; what other signals said on arrival stays. Check-ins that a person reviewed are shown and left alone.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from app.checkins import rejudging
from app.checkins import service as checkins
from app.checkins.judging_again import Anew, Stored, differs, place_judged_again
from app.checkins.rejudging import Mark, Which
from app.checkins.settings import VisitSettings
from app.checkins.signals import JudgingFacts
from app.checkins.words import RejudgementCause
from app.directory import service as directory
from app.directory.fences import Fences
from app.directory.service import County
from app.directory.settings import GeneralSettings
from app.flows.judge import asked_by
from app.flows.judge_again import judge_again
from app.flows.place import place
from app.kernel import audit
from app.kernel.database import Database
from app.kernel.ids import new_id

_SET = 1000  # check-ins a transaction: their people cannot post for a fraction of a second
_MOST_SHOWN = 200

Watch = Callable[[str, int], None]
"""Is told the county and how many of its check-ins are judged so far."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Which check-ins; None is all. Days are the county's, both included."""

    county_id: str | None = None
    village_id: str | None = None
    from_day: date | None = None
    until_day: date | None = None

    def which(self, timezone: str) -> Which:
        zone = ZoneInfo(timezone)
        following = self.until_day + timedelta(days=1) if self.until_day else None
        return Which(
            self.village_id,
            datetime.combine(self.from_day, time(), zone) if self.from_day else None,
            datetime.combine(following, time(), zone) if following else None,
        )


@dataclass(frozen=True, slots=True)
class Change:
    """A check-in whose place is another now. `reviewed`: its standing is a person's, and nothing is written."""

    before: Stored
    anew: Anew

    @property
    def reviewed(self) -> bool:
        return self.before.reviewed

    @property
    def village_id(self) -> str | None:
        return self.anew.judged.village_id or self.before.judged.village_id

    def as_dict(self) -> dict[str, Any]:
        before, after = self.before, self.anew
        return {
            "check_in_id": after.check_in_id,
            "person_id": before.person_id,
            "captured_at": before.visited_at,
            "village_id": self.village_id,
            "standing": [before.standing, after.standing],
            "place": [before.judged.place, after.judged.place],
            "distance_m": [before.judged.distance_m, after.judged.distance_m],
            "reviewed": self.reviewed,
        }


@dataclass(slots=True)
class CountyReport:
    """What is found in one county; of many changes only the first are kept to be shown."""

    county_id: str
    judged: int = 0
    reviewed: int = 0
    standings: Counter[tuple[str, str]] = field(default_factory=Counter)
    villages: Counter[str | None] = field(default_factory=Counter)
    shown: list[Change] = field(default_factory=list)

    @property
    def changed(self) -> int:
        return self.standings.total()

    def add(self, judged: int, changes: Sequence[Change]) -> None:
        free = [change for change in changes if not change.reviewed]
        self.judged += judged
        self.reviewed += len(changes) - len(free)
        self.standings.update((change.before.standing, change.anew.standing) for change in free)
        self.villages.update(change.village_id for change in free)
        # Those whose standing changes are what somebody looks for.
        turned = [change for change in changes if change.before.standing != change.anew.standing]
        self.shown += turned[: _MOST_SHOWN - len(self.shown)]

    def totals(self) -> dict[str, object]:
        return {
            "judged": self.judged,
            "changed": self.changed,
            "reviewed": self.reviewed,
            "standings": [
                {"before": before, "after": after, "check_ins": count}
                for (before, after), count in sorted(self.standings.items())
            ],
            "villages": [
                {"village_id": village_id, "check_ins": count}
                for village_id, count in sorted(self.villages.items(), key=lambda item: item[0] or "")
            ],
        }

    def as_dict(self) -> dict[str, object]:
        changes = [change.as_dict() for change in self.shown]
        return {"county_id": self.county_id, **self.totals(), "changes": changes}

    def lines(self) -> Iterator[str]:
        """What somebody reads: how many, from which standing to which, where, and who."""
        yield (
            f"{self.county_id}: {self.judged} check-ins judged, {self.changed} differ,"
            f" {self.reviewed} differ but were reviewed and stay"
        )
        for (before, after), count in sorted(self.standings.items()):
            yield f"  {count} {before} -> {after}" + (" (only the place differs)" if before == after else "")
        for village_id, count in self.villages.most_common():
            yield f"  {count} of village {village_id or '-'}"
        for change in self.shown:
            row = change.as_dict()
            yield (
                f"  {row['captured_at']:%Y-%m-%d %H:%M}Z check-in {row['check_in_id']}"
                f" of person {row['person_id']}: {' -> '.join(row['standing'])}, {' -> '.join(row['place'])}"
                + (" (reviewed, stays)" if change.reviewed else "")
            )


async def rejudge_all(
    database: Database, selection: Selection, *, now: datetime, apply: bool, watch: Watch
) -> list[CountyReport]:
    """One report a county. Raises `NOT_FOUND` for a county that is not there."""
    async with database.transaction(None) as session:
        county_ids = [selection.county_id] if selection.county_id else await directory.county_ids(session)
    return [
        await rejudge_county(database, each, selection, now=now, apply=apply, watch=watch) for each in county_ids
    ]


async def rejudge_county(
    database: Database, county_id: str, selection: Selection, *, now: datetime, apply: bool, watch: Watch
) -> CountyReport:
    report, fences, after = CountyReport(county_id), Fences(), None
    while True:
        async with database.transaction(county_id) as session:
            county = await directory.county(session, county_id)
            which = selection.which(county.timezone)
            found = await rejudging.page(session, county_id=county_id, which=which, after=after, limit=_SET)
            changes = await _judge_set(session, county, fences, found, now)
            report.add(len(found), changes)
            if apply:
                anew = [change.anew for change in changes if not change.reviewed]
                await judge_again(session, county, anew, cause=RejudgementCause.FENCE, now=now)
            if len(found) < _SET:
                if apply and report.changed:
                    await _on_record(session, report, selection, now)
                return report
        after = found[-1]
        watch(county_id, report.judged)


async def _judge_set(
    session: AsyncSession, county: County, fences: Fences, found: Sequence[Mark], now: datetime
) -> list[Change]:
    """What differs; locks the rows of these people."""
    ids = [check_in_id for _, check_in_id in found]
    evidence = await checkins.evidence(session, county_id=county.id, ids=ids)
    facts = await directory.visit_facts(
        session,
        county_id=county.id,
        visits=[
            (each.visit.person_id, None, asked_by(county, each.visit.captured_at), each.visit.household_id)
            for each in evidence
        ],
        now=now,
        in_touch=False,
    )
    stored = await rejudging.stored(session, county_id=county.id, ids=ids)
    index = await fences.of(session, county)
    judged = place(index, county, [(each.visit, fact) for each, fact in zip(evidence, facts, strict=True)])
    changes = []
    visits, skew_s = county.setting(VisitSettings), county.setting(GeneralSettings).clock_skew_s
    for each, where in zip(evidence, judged, strict=True):
        before = stored[each.visit.id]
        known = JudgingFacts(each.visit, where, each.received_at, visits, skew_s, each.device_id)
        standing, reasons = place_judged_again(known, before.reasons)
        if differs(before, where, reasons):
            changes.append(Change(before, Anew(each.visit.id, new_id(), where, standing, reasons)))
    return changes


async def _on_record(session: AsyncSession, report: CountyReport, selection: Selection, now: datetime) -> None:
    await audit.record(
        session,
        county_id=report.county_id,
        at=now,
        actor_id=None,
        action="check_ins.rejudged",
        subject=f"village:{selection.village_id}" if selection.village_id else f"county:{report.county_id}",
        detail={"from": selection.from_day, "to": selection.until_day, **report.totals()},
    )
