"""The demo from an empty database to "now": three counties, their rules, and six weeks of check-ins."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import Enum
from heapq import merge
from operator import attrgetter
from uuid import UUID

from app.access import passwords
from app.access import service as access
from app.access.sessions import Lifetime
from app.demo import store
from app.demo.counties import PLANS, TIMEZONE, DemoCounty, build
from app.demo.errands import errands
from app.demo.habits import WEEK
from app.demo.handsets import handset_of, lent_phones
from app.demo.queues import uploads
from app.demo.simulation import PASSWORD, Deed, Tally, World, play
from app.duties import service as duties
from app.duties.presets import PRESETS
from app.flows.import_directory import import_county
from app.kernel import audit
from app.kernel.database import Database

_WEEKS = 6
_BY_PASSWORD = 12  # people of each county who sign in by password: each costs the server 25 ms of Argon2
_LIFETIME = Lifetime(timedelta(days=90), timedelta(days=365))
_FIXED = frozenset(phone for plan in PLANS for phone in (plan.office, plan.leader, plan.helper) if phone)


class State(Enum):
    """What a database holds."""

    EMPTY = "empty"
    UNFINISHED = "unfinished"  # a demo whose making was interrupted
    FINISHED = "finished"
    FOREIGN = "foreign"  # counties that the demo did not make


async def state_of(database: Database) -> State:
    async with database.transaction(PLANS[0].code) as session:
        any_county, marks = await store.state(session, PLANS[0].code)
    if store.FINISHED in marks:
        return State.FINISHED
    if store.STARTED in marks:
        return State.UNFINISHED
    return State.FOREIGN if any_county else State.EMPTY


@dataclass(frozen=True, slots=True)
class Span:
    """The simulated weeks: `mondays` they begin on, and the instant at which the simulation ends."""

    mondays: tuple[date, ...]
    until: datetime

    @classmethod
    def ending(cls, now: datetime, weeks: int = _WEEKS) -> "Span":
        """From the Monday nearest to so many weeks ago, the week of `now` included."""
        today = now.astimezone(TIMEZONE).date()
        day = today - weeks * WEEK + timedelta(days=3)
        monday = day - timedelta(days=day.weekday())
        return cls(tuple(monday + number * WEEK for number in range((today - monday).days // 7 + 1)), now)

    @property
    def start(self) -> datetime:
        return datetime.combine(self.mondays[0], time.min, TIMEZONE).astimezone(UTC)

    @property
    def seconds(self) -> float:
        return (self.until - self.start).total_seconds()


async def make(
    database: Database,
    span: Span,
    base_url: str,
    world: World,
    watch: Callable[[datetime, Tally], None],
) -> Tally:
    """Fill an empty, migrated database. `base_url` is a server on it that goes by `world`'s clock."""
    password_hash, since = passwords.hash_password(PASSWORD), date(span.mondays[0].year, 1, 1)
    counties = [build(plan, since, password_hash) for plan in PLANS]
    tokens: dict[UUID, str] = {}
    await _mark(database, store.STARTED, span.start)
    for county in counties:
        tokens |= await load(database, county, span)
    lives: list[Sequence[Deed]] = [
        *(uploads(county, span.mondays, span.until, _FIXED) for county in counties),
        *(errands(county, span.mondays, span.until, _FIXED) for county in counties),
    ]
    deeds = list(merge(*lives, key=attrgetter("at")))
    tally = await play(base_url, deeds, tokens, world, watch)
    world.turn(span.until)
    await world.work()
    await _mark(database, store.FINISHED, span.until)
    return tally


async def load(database: Database, county: DemoCounty, span: Span) -> dict[UUID, str]:
    """The county with its rules and signed-in phones; returns the refresh tokens by person."""
    async with database.transaction(county.id) as session:
        await import_county(session, county.roster, county.accounts, now=span.start)
        for terms in PRESETS:
            await duties.put_rule(session, county_id=county.id, terms=terms, effective_from=span.mondays[0])
        lent = lent_phones(county)
        people = [person for person in county.roster.people if person.phone not in _FIXED][_BY_PASSWORD:]
        tokens: dict[UUID, str] = {}
        for guests in (False, True):  # whose phone it is has signed in before those whom it is lent to
            group = [person for person in people if (person.id in lent) == guests]
            opened = await access.open_sessions(
                session,
                county_id=county.id,
                holders=[(person.id, handset_of(lent.get(person.id, person)).device_id) for person in group],
                now=span.start + timedelta(minutes=guests),
                lifetime=_LIFETIME,
            )
            tokens |= {person.id: str(token) for person, token in zip(group, opened, strict=True)}
    return tokens


async def _mark(database: Database, action: str, at: datetime) -> None:
    async with database.transaction(PLANS[0].code) as session:
        await audit.record(
            session, county_id=PLANS[0].code, at=at, actor_id=None, action=action, subject=store.SUBJECT
        )
