"""The rules of duties in plain Python over lists, written from their text and not from the SQL they check."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from app.duties.rules import Period, RuleVersion
from tests.store.duties.builder import PATHS, SHANGHAI, UNIT_OF, Facts, Person, Visit


@dataclass
class Expected:
    required: int
    done: int
    pending_review: int
    status: str
    outcomes: dict[UUID, str]


def minutes(moment: datetime) -> int:
    local = moment.astimezone(SHANGHAI)
    return local.hour * 60 + local.minute


def day_of(rule: RuleVersion, moment: datetime) -> date:
    """A visit made in the tail of a night belongs to the day whose evening that night began on."""
    today = moment.astimezone(SHANGHAI).date()
    night = rule.terms.night
    if night and night.until > 1440 and minutes(moment) < night.until - 1440:
        return today - timedelta(days=1)
    return today


def in_force(row, day: date) -> bool:
    return row.from_date <= day and (row.until_date is None or day < row.until_date)


def days_of(period: Period) -> Iterator[date]:
    day = period.start
    while day <= period.end:
        yield day
        day += timedelta(days=1)


def owes(facts: Facts, person: Person, rule: RuleVersion, period: Period) -> bool:
    """Only who serves, and is assigned where that matters, on every single day."""
    if person.category not in rule.terms.categories or not rule.governs(period):
        return False
    for day in days_of(period):
        if not in_force(person, day):
            return False
        assigned_today = [a for a in facts.assigned if a.person == person and in_force(a, day)]
        if rule.terms.counts_in == "assigned" and not assigned_today:
            return False
    return True


def village_of(visit: Visit) -> str | None:
    if visit.standing == "outside":
        return visit.found
    return visit.village or visit.found


def at_right_place(facts: Facts, rule: RuleVersion, visit: Visit, day: date) -> str | None:
    village = village_of(visit)
    if visit.place == "unsure" or (visit.place == "outside" and visit.standing != "outside"):
        return None  # whoever accepts it vouches for the place
    if village is None:
        return "outside"
    if rule.terms.counts_in == "assigned":
        mine = [a.village for a in facts.assigned if a.person == visit.person and in_force(a, day)]
        if village not in mine:
            return "not_assigned_village"
    if rule.terms.counts_in == "unit":
        own = [visit.person.unit] + [p.unit for p in facts.posts if p.person == visit.person and in_force(p, day)]
        path = PATHS[UNIT_OF[village]] + "."
        if not any(path.startswith(PATHS[unit] + ".") for unit in own):
            return "not_in_unit"
    return None


def why_not(facts: Facts, rule: RuleVersion, visit: Visit) -> str | None:
    """What stands against a visit by itself, before it is compared with others."""
    if visit.standing == "refused":
        return "refused"
    day = day_of(rule, visit.captured_at)
    if wrong_place := at_right_place(facts, rule, visit, day):
        return wrong_place
    if (rule.terms.household_required or rule.terms.measure == "distinct_households") and not visit.household:
        return "no_household"
    if night := rule.terms.night:
        minute = minutes(visit.captured_at)
        if visit.captured_at.astimezone(SHANGHAI).date() > day:
            minute += 1440
        if not night.start <= minute < night.until:
            return "not_at_night"
    return None


def stands_for(rule: RuleVersion, visit: Visit) -> object:
    day = day_of(rule, visit.captured_at)
    return {
        "nights": day,
        "village_days": day,
        "distinct_households": visit.household,
        "visits": (day, visit.household or village_of(visit)),
    }[rule.terms.measure]


def outcomes(facts: Facts, person: Person, rule: RuleVersion, period: Period) -> dict[UUID, str]:
    repeated = {
        "nights": "same_night",
        "village_days": "same_day",
        "distinct_households": "same_household",
        "visits": "same_visit",
    }[rule.terms.measure]
    mine = [
        v for v in facts.visits if v.person == person and period.start <= day_of(rule, v.captured_at) <= period.end
    ]
    result: dict[UUID, str] = {}
    taken: set[object] = set()
    sound = sorted(mine, key=lambda v: (v.standing == "held", v.received, v.captured_at, v.id))
    for visit in sound:
        obstacle = why_not(facts, rule, visit)
        if obstacle:
            result[visit.id] = obstacle
        elif stands_for(rule, visit) in taken:
            result[visit.id] = repeated
        else:
            taken.add(stands_for(rule, visit))
            result[visit.id] = "held" if visit.standing == "held" else "counted"
    return result


def expected(facts: Facts, person: Person, rule: RuleVersion, period: Period, *, closed: bool) -> Expected:
    found = outcomes(facts, person, rule, period)
    closes_at = rule.terms.closes_at(period, "Asia/Shanghai")
    counted = [v for v in facts.visits if found.get(v.id) == "counted"]
    in_time = [v for v in counted if v.received < closes_at]
    if not owes(facts, person, rule, period):
        status = "excused"
    elif len(in_time) >= rule.terms.required:
        status = "met"
    elif len(counted) >= rule.terms.required:
        status = "met_late"
    else:
        status = "missed" if closed else "open"
    pending = list(found.values()).count("held")
    return Expected(rule.terms.required, len(counted), pending, status, found)
