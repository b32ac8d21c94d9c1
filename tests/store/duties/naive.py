"""The rules of duties in plain Python over lists, written from their text and not from the SQL they check."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from app.duties.rules import Period, RuleVersion
from tests.store.duties.builder import HOUSES, PATHS, SHANGHAI, UNIT_OF, Facts, Person, Stayed, Visit, known_id


@dataclass
class Expected:
    required: int
    done: int
    pending_review: int
    status: str
    review_due_at: datetime | None
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


def working(facts: Facts, day: date) -> bool:
    """Monday to Friday, unless the calendar says otherwise."""
    for special in facts.special:
        if special.date == day:
            return special.working
    return day.weekday() < 5


def rule_days(facts: Facts, rule: RuleVersion, period: Period) -> list[date]:
    return [day for day in days_of(period) if rule.terms.days == "calendar" or working(facts, day)]


def concerns(rule: RuleVersion, person: Person) -> bool:
    terms = rule.terms
    if person.category not in terms.categories or person.id in terms.except_ids:
        return False
    if not terms.unit_ids:
        return True
    named = [PATHS[code] for code in PATHS if known_id(code) in terms.unit_ids]
    own = [PATHS[code] for code in (person.unit, person.department) if code]
    return any(path == above or path.startswith(above + ".") for path in own for above in named)


def there(facts: Facts, rule: RuleVersion, person: Person, day: date) -> bool:
    """Serving, and with an assignment where only assigned villages count."""
    assigned = any(a.person == person and in_force(a, day) for a in facts.assigned)
    return in_force(person, day) and (assigned or rule.terms.counts_in != "assigned")


def on_leave(facts: Facts, person: Person, half: datetime) -> bool:
    for away in facts.away:
        until = min(away.until_half, away.returned_half or away.until_half)
        if away.person == person and away.status == "approved" and away.from_half <= half < until:
            return True
    return False


def worth(facts: Facts, rule: RuleVersion, person: Person, day: date) -> float:
    """How much of a day is left beside leave; of a night, the evening decides."""
    midnight = datetime(day.year, day.month, day.day)  # noqa: DTZ001
    morning = on_leave(facts, person, midnight)
    evening = on_leave(facts, person, midnight + timedelta(hours=12))
    if rule.terms.measure in ("nights", "nights_in_village"):
        return 0 if evening else 1
    return 1 - morning / 2 - evening / 2


def days_there(facts: Facts, rule: RuleVersion, person: Person, period: Period) -> float:
    return sum(
        worth(facts, rule, person, day)
        for day in rule_days(facts, rule, period)
        if there(facts, rule, person, day)
    )


def present(facts: Facts, rule: RuleVersion, person: Person, period: Period) -> bool:
    """Whether the person is there enough for the rule to be about them at all."""
    if rule.terms.per == "household":
        return share_of(facts, rule, person, period) > 0
    days = [there(facts, rule, person, day) for day in days_of(period)]
    return all(days) if rule.terms.share == "whole" else any(days)


def share_of(facts: Facts, rule: RuleVersion, person: Person, period: Period) -> float:
    """By how much the rule's amount is multiplied, before the cap."""
    terms = rule.terms
    days, all_days = rule_days(facts, rule, period), list(days_of(period))
    if terms.per == "person":
        if terms.share == "days":
            return days_there(facts, rule, person, period) / len(days) if days else 0
        return 1 if present(facts, rule, person, period) else 0
    shares = 0.0
    for house in {a.household for a in facts.assigned if a.person == person and a.household}:

        def theirs(day: date, house: UUID = house) -> bool:
            mine = [a for a in facts.assigned if a.person == person and a.household == house]
            return there(facts, rule, person, day) and any(in_force(a, day) for a in mine)

        if terms.share == "whole":
            shares += all(theirs(day) for day in all_days)
        elif terms.share == "cap":
            shares += any(theirs(day) for day in all_days)
        elif days:
            shares += sum(worth(facts, rule, person, day) for day in days if theirs(day)) / len(days)
    return shares


def owes(facts: Facts, person: Person, rule: RuleVersion, period: Period) -> bool:
    """Whether there is a duty at all; one of which nothing is left is excused."""
    return concerns(rule, person) and rule.governs(period) and present(facts, rule, person, period)


def waived(facts: Facts, person: Person, rule: RuleVersion, period: Period) -> bool:
    """A decision on an appeal has taken it off."""
    return any((w.person, w.rule_id, w.period_start) == (person, rule.id, period.start) for w in facts.waived)


def required(facts: Facts, person: Person, rule: RuleVersion, period: Period) -> int:
    left = days_there(facts, rule, person, period)
    if not owes(facts, person, rule, period) or not left or waived(facts, person, rule, period):
        return 0
    amount = rule.terms.required * share_of(facts, rule, person, period)
    if rule.terms.share == "days":
        return math.floor(amount + 0.5 + 1e-9)
    return int(min(amount, math.floor(left))) if rule.terms.share == "cap" else int(amount)


def closes_at(facts: Facts, rule: RuleVersion, period: Period) -> datetime:
    """After the grace; where the rule shifts, not before the first working day after the period has ended."""
    closing = rule.terms.ends_at(period, "Asia/Shanghai") + timedelta(hours=rule.terms.grace_h)
    if not rule.terms.shift_closing:
        return closing
    day = period.following.start
    while not working(facts, day):
        day += timedelta(days=1)
    day += timedelta(days=1)
    return max(closing, datetime(day.year, day.month, day.day, tzinfo=SHANGHAI))


def village_of(visit: Visit) -> str | None:
    if visit.standing == "outside":
        return visit.found
    return visit.village or visit.found


def at_right_place(facts: Facts, rule: RuleVersion, visit: Visit, day: date) -> str | None:
    village = village_of(visit)
    if visit.place == "unsure" or (visit.place == "outside" and visit.standing != "outside"):
        return None  # whoever accepts it vouches for the place
    return wrong_village(facts, rule, visit.person, village, day) if village else "outside"


def wrong_village(facts: Facts, rule: RuleVersion, person: Person, village: str, day: date) -> str | None:
    if rule.terms.counts_in == "assigned":
        mine = [a.village for a in facts.assigned if a.person == person and in_force(a, day)]
        if village not in mine:
            return "not_assigned_village"
    if rule.terms.counts_in == "unit":
        own = [person.unit] + [p.unit for p in facts.posts if p.person == person and in_force(p, day)]
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
    if missing := what_is_missing(facts, rule, visit, day):
        return missing
    if not at_right_time(rule, visit, day):
        return "not_at_night"
    if rule.terms.min_dwell_min and stay(facts, rule, visit) < timedelta(minutes=rule.terms.min_dwell_min):
        return "too_short"
    return None


def their_household(facts: Facts, rule: RuleVersion, visit: Visit, day: date) -> bool:
    """Where the rule counts in one's own places: assigned itself or with all of its village, or in one's units."""
    village = HOUSES[visit.household]
    if rule.terms.counts_in == "unit":
        return wrong_village(facts, rule, visit.person, village, day) is None
    mine = [a for a in facts.assigned if a.person == visit.person and in_force(a, day)]
    return rule.terms.counts_in == "county" or any(
        a.household == visit.household or (a.household is None and a.village == village) for a in mine
    )


def what_is_missing(facts: Facts, rule: RuleVersion, visit: Visit, day: date) -> str | None:
    if rule.terms.household_required or rule.terms.measure == "distinct_households":
        if not visit.household:
            return "no_household"
        if not their_household(facts, rule, visit, day):
            return "not_your_household"
    return "no_form" if rule.terms.form_required and visit.form != "night_visit" else None


def at_right_time(rule: RuleVersion, visit: Visit, day: date) -> bool:
    night = rule.terms.night
    if night is None:
        return True
    minute = minutes(visit.captured_at)
    if visit.captured_at.astimezone(SHANGHAI).date() > day:
        minute += 1440
    return night.start <= minute < night.until


def stay(facts: Facts, rule: RuleVersion, visit: Visit) -> timedelta:
    """From the first to the last check-in in that village on that day; a doubtful one speaks for its like only."""
    times = [
        other.captured_at
        for other in facts.visits
        if other.person == visit.person
        and day_of(rule, other.captured_at) == day_of(rule, visit.captured_at)
        and village_of(other) == village_of(visit)
        and other.standing in ("counted", "outside", visit.standing)
    ]
    return max(times) - min(times)


def stands_for(rule: RuleVersion, visit: Visit) -> object:
    day = day_of(rule, visit.captured_at)
    return {
        "nights": day,
        "village_days": day,
        "nights_in_village": day,
        "distinct_households": visit.household,
        "visits": (day, visit.household or village_of(visit)),
    }[rule.terms.measure]


def stays_of(facts: Facts, person: Person, rule: RuleVersion, period: Period) -> list[tuple[Stayed, str]]:
    """Every stay in the period by a rule of hours, with its outcome."""
    if rule.terms.measure != "hours_in_village":
        return []
    mine = [(s, s.from_at.astimezone(SHANGHAI).date()) for s in facts.stays if s.person == person]
    return [
        (stayed, wrong_village(facts, rule, person, stayed.village, day) or "counted")
        for stayed, day in mine
        if period.start <= day <= period.end
    ]


def hours(stays: list[Stayed]) -> int:
    """Whole hours of all the minutes in which any of these went on."""
    minutes_there = set()
    for stayed in stays:
        begun = int(stayed.from_at.timestamp()) // 60
        minutes_there |= set(range(begun, int(stayed.until_at.timestamp()) // 60))
    return len(minutes_there) // 60


def outcomes(facts: Facts, person: Person, rule: RuleVersion, period: Period) -> dict[UUID, str]:
    if rule.terms.measure == "hours_in_village":
        return {}
    repeated = {
        "nights": "same_night",
        "nights_in_village": "same_night",
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


def review_due_at(
    facts: Facts, found: dict[UUID, str], wanting: int, closing: datetime, wait: timedelta
) -> datetime | None:
    """Until when the duty waits for review, where as many as are wanting await it; None where too few do."""
    held = sorted(visit.received for visit in facts.visits if found.get(visit.id) == "held")
    if wanting <= 0 or len(held) < wanting:
        return None
    enough_since = held[wanting - 1]
    if enough_since >= closing + wait:
        return None  # nobody is made to wait again
    return max(closing, enough_since) + wait


def expected(
    facts: Facts,
    person: Person,
    rule: RuleVersion,
    period: Period,
    *,
    closed_by: datetime | None,
    wait: timedelta = timedelta(days=10),
) -> Expected:
    """`closed_by`: when the worker went round last, if ever."""
    found = outcomes(facts, person, rule, period)
    closing = closes_at(facts, rule, period)
    if rule.terms.measure == "hours_in_village":
        there = [stayed for stayed, code in stays_of(facts, person, rule, period) if code == "counted"]
        done, in_time = hours(there), hours([stayed for stayed in there if stayed.received < closing])
    else:
        counted = [v for v in facts.visits if found.get(v.id) == "counted"]
        done, in_time = len(counted), len([v for v in counted if v.received < closing])
    owed = required(facts, person, rule, period)
    due = review_due_at(facts, found, owed - done, closing, wait) if owed else None
    if not owed:
        status = "excused"
    elif in_time >= owed:
        status = "met"
    elif done >= owed:
        status = "met_late"
    else:
        status = "missed" if closed_by and max(closing, due or closing) <= closed_by else "open"
    pending = list(found.values()).count("held")
    return Expected(owed, done, pending, status, due, found)
