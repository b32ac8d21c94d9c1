"""What the integrity signals catch and whom they accuse: simulated phones are recorded for real, and scored."""

import asyncio
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from app.access import devices
from app.access import service as access
from app.access.sessions import Lifetime
from app.checkins import rejudging
from app.checkins.judging_again import Stored
from app.checkins.signals import SEVERITY
from app.demo.counties import PLANS, DemoCounty, build
from app.demo.suspects import Sent, Suspects
from app.directory.fences import Fences
from app.flows.import_directory import import_county
from app.flows.record_visits import VisitRecorder
from app.kernel.cluster import Cluster
from app.kernel.database import Database

_MONDAYS = [date(2026, 10, 5) + timedelta(weeks=week) for week in range(6)]
_TOGETHER = timedelta(hours=1)
_AT_MOST = 200
_LIFETIME = Lifetime(timedelta(days=365), timedelta(days=365))
_OF_NO_PHONE = ("not_your_household",)  # it says whose household it is, and nothing of the phone
CODES = [
    signal.__name__
    for signal in SEVERITY
    if not signal.__name__.startswith("photo_") and signal.__name__ not in _OF_NO_PHONE
]
"""The simulated phones take no photos."""
_SAID_BY_THE_PHONE = {"no_fix", "stale_fix", "poor_accuracy", "late_upload", "no_fence"}
"""Facts, right by definition; here only what they cost honest people is of interest."""


OUTCOMES = ("caught", "missed", "falsely_held", "left_alone")


@dataclass(slots=True)
class Score:
    """One signal: how often it fired, rightly and wrongly, and how often it ought to have.

    It fires rightly on a visit that is false in any way, and on a phone that errs in just this way.
    """

    fired: int = 0
    rightly: int = 0
    ought: int = 0
    noticed: int = 0

    @property
    def precision(self) -> float | None:
        return self.rightly / self.fired if self.fired else None

    @property
    def recall(self) -> float | None:
        return self.noticed / self.ought if self.ought else None


@dataclass(slots=True)
class Report:
    """All signals, and what became of honest and of false visits."""

    signals: dict[str, Score] = field(default_factory=lambda: {code: Score() for code in CODES})
    honest: Counter[str] = field(default_factory=Counter)
    false: Counter[str] = field(default_factory=Counter)
    kinds: dict[str, Counter[str]] = field(default_factory=dict)
    confusion: dict[str, Counter[str]] = field(default_factory=dict)
    """By kind, of check-ins with a fix that can be judged: caught, missed, falsely held, rightly counted."""

    def note(self, sent: Sent, found: Stored) -> None:
        codes = {str(reason["code"]) for reason in found.reasons}
        if not codes & (_SAID_BY_THE_PHONE | {"clock_skew"}):
            self.confusion.setdefault(sent.kind, Counter())[_outcome(sent, found.standing)] += 1
        harmless = found.judged.place != "outside" and "far_from_household" not in codes
        ought = sent.ought - {"crs_mismatch", "far_from_household"} if harmless else sent.ought
        for code in codes & self.signals.keys():
            self.signals[code].fired += 1
            self.signals[code].rightly += sent.false or code in ought
        for code in ought:
            self.signals[code].ought += 1
            self.signals[code].noticed += code in codes
        (self.false if sent.false else self.honest)[found.standing] += 1
        self.kinds.setdefault(sent.kind, Counter())[found.standing] += 1

    def lines(self) -> Iterator[str]:
        """For the terminal."""
        said = self.as_dict()
        yield _line("signal", ("fired", "true", "false", "per 1000", "precision", "recall"))
        for code, of in said["signals"].items():
            yield _line(code, of.values())
        yield "per 1000: fired without cause, of a thousand honest check-ins"
        for name in ("honest", "false"):
            yield f"{name} check-ins: " + ", ".join(f"{word} {share}" for word, share in said[name].items())
        yield _line("kind", OUTCOMES)
        for kind, outcomes in (said["confusion"]["kinds"] | {"all": said["confusion"]["all"]}).items():
            yield _line(kind, (outcomes[outcome] for outcome in OUTCOMES))
        yield ", ".join(f"{name} {said['confusion'][name]}" for name in ("precision", "recall", "honest_held"))
        for kind, shares in said["kinds"].items():
            yield f"  {kind}: " + ", ".join(f"{word} {share}" for word, share in shares.items())

    def as_dict(self) -> dict[str, Any]:
        return {
            "honest": _shares(self.honest),
            "false": _shares(self.false),
            "kinds": {kind: _shares(standings) for kind, standings in sorted(self.kinds.items())},
            "confusion": self._confusion(),
            "signals": {code: self._of(code) for code in CODES},
        }

    def _confusion(self) -> dict[str, Any]:
        every = sum(self.confusion.values(), Counter())
        caught, missed, wrongly, rightly = (every[outcome] for outcome in OUTCOMES)
        return {
            "kinds": {kind: {each: of[each] for each in OUTCOMES} for kind, of in sorted(self.confusion.items())},
            "all": {each: every[each] for each in OUTCOMES},
            "precision": _rounded(caught / (caught + wrongly) if caught + wrongly else None),
            "recall": _rounded(caught / (caught + missed) if caught + missed else None),
            "honest_held": _rounded(wrongly / (wrongly + rightly) if wrongly + rightly else None),
        }

    def _of(self, code: str) -> dict[str, object]:
        score, honest = self.signals[code], max(self.honest.total(), 1)
        return {
            "fired": score.fired,
            "true": score.rightly,
            "false": score.fired - score.rightly,
            "false_per_1000_honest": round((score.fired - score.rightly) * 1000 / honest, 2),
            "precision": None if code in _SAID_BY_THE_PHONE else _rounded(score.precision),
            "recall": _rounded(score.recall),
        }


def simulate(
    folder: Path, migrate: Callable[[str], None], drawn: tuple[int, int], watch: Callable[[int, int], None]
) -> Report:
    """On a server of its own in `folder`, which is gone afterwards. `drawn`: so many phones, and the seed."""
    cluster = Cluster(folder, durable=False)
    cluster.ensure_running()
    try:
        cluster.create_database("evaluation")
        migrate(cluster.url("evaluation"))
        county = build(PLANS[-1], _MONDAYS[0] - timedelta(weeks=1), "nobody signs in")
        return asyncio.run(_on(cluster.url("evaluation"), county, Suspects(county, *drawn), watch))
    finally:
        cluster.destroy()


async def _on(url: str, county: DemoCounty, suspects: Suspects, watch: Callable[[int, int], None]) -> Report:
    database = Database(url, pool_size=2)
    try:
        return await evaluate(database, county, suspects, _MONDAYS, watch)
    finally:
        await database.close()


async def evaluate(
    database: Database,
    county: DemoCounty,
    suspects: Suspects,
    mondays: Sequence[date],
    watch: Callable[[int, int], None],
) -> Report:
    """Record all that the suspects send on an empty, migrated database. `watch` is told how many of how many."""
    sent = suspects.send(mondays)
    sessions = await _sign_in(database, county, suspects, sent)
    moment = sent[0].at
    recorder = VisitRecorder(database, lambda: moment, Fences())
    done, met = 0, deque(suspects.met(sent, mondays))
    for together in _sets(sent):
        moment = together[-1].at
        await _in_touch(database, county.id, met, moment)
        visits = [replace(each.visit, session_id=sessions[each.visit.person_id, each.device]) for each in together]
        outcomes = await recorder.record(county.id, visits)
        for each, outcome in zip(together, outcomes, strict=True):
            if outcome.check_in is None:
                raise RuntimeError(f"{each.kind}: {outcome.problem}")
        done += len(together)
        watch(done, len(sent))
    return await _report(database, county.id, sent)


async def _report(database: Database, county_id: str, sent: Sequence[Sent]) -> Report:
    """By what stands in the end: a later check-in may have shown what an earlier one was."""
    report = Report()
    async with database.transaction(county_id) as session:
        stored = await rejudging.stored(session, county_id=county_id, ids=[each.visit.id for each in sent])
    for each in sent:
        report.note(each, stored[each.visit.id])
    return report


async def _in_touch(
    database: Database, county_id: str, met: deque[devices.DeviceContact], until: datetime
) -> None:
    """What phones said of themselves by then."""
    if not met or met[0].at > until:
        return
    now_met = []
    while met and met[0].at <= until:
        now_met.append(met.popleft())
    async with database.transaction(county_id) as session:
        await devices.in_touch(session, county_id, *now_met)


async def _sign_in(
    database: Database, county: DemoCounty, suspects: Suspects, sent: Sequence[Sent]
) -> dict[tuple[UUID, str], UUID]:
    """Load the county; sessions by person and device. Those whose phone it is sign in first."""
    began = sent[0].at - timedelta(days=1)
    owners = suspects.owners()
    used = dict.fromkeys((each.visit.person_id, each.device) for each in sent)
    sessions: dict[tuple[UUID, str], UUID] = {}
    async with database.transaction(county.id) as session:
        await import_county(session, county.roster, county.accounts, now=began)
        for number, devices in enumerate((owners, [pair for pair in used if pair not in set(owners)])):
            tokens = await access.open_sessions(
                session,
                county_id=county.id,
                holders=devices,
                now=began + timedelta(hours=number),
                lifetime=_LIFETIME,
            )
            sessions |= {pair: token.session_id for pair, token in zip(devices, tokens, strict=True)}
    return sessions


def _sets(sent: Sequence[Sent]) -> Iterator[list[Sent]]:
    """What arrives within an hour is recorded together at its end, so that thousands of check-ins take seconds.

    A fast clock shows only on arrival, so nothing waits after one.
    """
    together: list[Sent] = []
    for each in sent:
        if together and (each.at - together[0].at > _TOGETHER or len(together) == _AT_MOST):
            yield together
            together = []
        together.append(each)
        if each.kind == "fast_clock":
            yield together
            together = []
    if together:
        yield together


def _outcome(sent: Sent, standing: str) -> str:
    """A false one is caught where it does not count; an honest one is wronged where it is held."""
    if sent.false:
        return "missed" if standing == "counted" else "caught"
    return "falsely_held" if standing == "held" else "left_alone"


def _shares(standings: Counter[str]) -> dict[str, object]:
    total = max(standings.total(), 1)
    return {"check_ins": standings.total()} | {
        standing: round(standings[standing] / total, 4) for standing in ("counted", "held", "outside")
    }


def _line(first: str, others: Iterable[object]) -> str:
    return f"{first:20}" + "".join(f"{'' if each is None else each!s:>11}" for each in others)


def _rounded(share: float | None) -> float | None:
    return None if share is None else round(share, 3)
