"""The rules of duties in plain Python over lists, written from their text and not from the SQL they check."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction
from uuid import UUID

from app.duties.rules import Period, RuleVersion
from tests.store.duties.builder import Facts, Stayed, Visit
from tests.store.duties.cast import HOUSES, PATHS, SHANGHAI, UNIT_OF, Person, known_id


@dataclass
class Expected:
    required: int
    done: int
    pending_review: int
    status: str
    review_due_at: datetime | None
    outcomes: dict[UUID, str]
    excuse: str | None


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


def worth(facts: Facts, rule: RuleVersion, person: Person, day: date) -> Fraction:
    """How much of a day is left beside leave: each half is half of it, unless the rule's hours lie in one half."""
    midnight = datetime(day.year, day.month, day.day)  # noqa: DTZ001
    morning = not on_leave(facts, person, midnight)
    evening = not on_leave(facts, person, midnight + timedelta(hours=12))
    night = rule.terms.night
    if night and night.start >= 720:
        return Fraction(evening)
    if night and night.until <= 720:
        return Fraction(morning)
    return Fraction(morning + evening, 2)


@dataclass
class Part:
    """What the rule's amount is owed for: the person, or one household; and on which days it is theirs."""

    days: set[date]
    rule_days: list[date]

    @property
    def served(self) -> list[date]:
        return [day for day in self.rule_days if day in self.days]

    @property
    def whole(self) -> bool:
        return bool(self.days) and self.served == self.rule_days

    def left(self, facts: Facts, rule: RuleVersion, person: Person) -> Fraction:
        return sum((worth(facts, rule, person, day) for day in self.served), Fraction(0))


def parts(facts: Facts, rule: RuleVersion, person: Person, period: Period) -> list[Part]:
    """Those that are there for any day of the period."""
    mine = {day for day in days_of(period) if there(facts, rule, person, day)}
    if rule.terms.per == "person":
        found = [mine]
    else:
        of_houses = [a for a in facts.assigned if a.person == person and a.household]
        found = [
            {day for day in mine if any(a.household == house and in_force(a, day) for a in of_houses)}
            for house in {a.household for a in of_houses}
        ]
    return [Part(days, rule_days(facts, rule, period)) for days in found if days]


def present(facts: Facts, rule: RuleVersion, person: Person, period: Period) -> bool:
    """Whether the person is there enough for the rule to be about them at all, leave or no leave."""
    found = parts(facts, rule, person, period)
    return any(part.whole for part in found) if rule.terms.share == "whole" else bool(found)


def owes(facts: Facts, person: Person, rule: RuleVersion, period: Period) -> bool:
    """Whether there is a duty at all; one of which nothing is left is excused."""
    return concerns(rule, person) and rule.governs(period) and present(facts, rule, person, period)


def waived(facts: Facts, person: Person, rule: RuleVersion, period: Period) -> bool:
    """A decision on an appeal has taken it off."""
    return any((w.person, w.rule_id, w.period_start) == (person, rule.id, period.start) for w in facts.waived)


def required(facts: Facts, person: Person, rule: RuleVersion, period: Period) -> int:
    terms = rule.terms
    if not owes(facts, person, rule, period) or waived(facts, person, rule, period):
        return 0
    found = parts(facts, rule, person, period)
    left = [part.left(facts, rule, person) for part in found]
    if terms.share == "whole":
        amount = terms.required * sum(part.whole and days > 0 for part, days in zip(found, left, strict=True))
    elif terms.share == "cap":
        amount = sum(min(terms.required, math.floor(days)) for days in left)
    else:
        days_of_rule = len(rule_days(facts, rule, period))
        amount = math.floor(terms.required * sum(left) / days_of_rule + Fraction(1, 2)) if days_of_rule else 0
    if terms.measure not in ("nights", "nights_in_village", "village_days"):
        return amount
    days = [day for day in rule_days(facts, rule, period) if there(facts, rule, person, day)]
    return min(amount, math.floor(sum(worth(facts, rule, person, day) for day in days)))


def excuse(facts: Facts, person: Person, rule: RuleVersion, period: Period) -> str | None:
    """Why nothing is owed where there is a duty."""
    if required(facts, person, rule, period):
        return None
    if waived(facts, person, rule, period):
        return "appeal"
    if not rule_days(facts, rule, period):
        return "days_off"
    found = parts(facts, rule, person, period)
    if not any(part.served for part in found):
        return "presence"
    return "rounding" if any(part.left(facts, rule, person) for part in found) else "leave"


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
    """The village found, outside of the one judged; that one, where it was found in none and is vouched for."""
    if visit.place == "outside":
        return visit.found if visit.standing == "outside" else visit.found or visit.village
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
    if too_short(rule, stay(facts, rule, visit)):
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


def stay(facts: Facts, rule: RuleVersion, visit: Visit) -> list[Visit]:
    """Its check-ins: of that day or night, in that village; a doubtful one speaks for its like only."""
    day = day_of(rule, visit.captured_at)
    return [
        other
        for other in facts.visits
        if other.person == visit.person
        and day_of(rule, other.captured_at) == day
        and at_right_time(rule, other, day)
        and village_of(other) == village_of(visit)
        and other.standing in ("counted", "outside", visit.standing)
    ]


def too_short(rule: RuleVersion, of_stay: list[Visit]) -> bool:
    least = timedelta(minutes=rule.terms.min_dwell_min or 0)
    times = [visit.captured_at for visit in of_stay]
    return bool(least) and (not times or max(times) - min(times) < least)


def known(visit: Visit) -> datetime:
    """When all was there that makes it count: a fix that followed too, unless a person has vouched for it."""
    return visit.received if visit.accepted or not visit.fix_added else max(visit.received, visit.fix_added)


def in_time(facts: Facts, rule: RuleVersion, visit: Visit, closing: datetime) -> bool:
    so_far = [other for other in stay(facts, rule, visit) if known(other) < closing]
    return known(visit) < closing and not too_short(rule, so_far)


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
    closing = closes_at(facts, rule, period)
    sound = sorted(
        mine,
        key=lambda v: (
            v.standing == "held",
            not in_time(facts, rule, v, closing),
            v.received,
            v.captured_at,
            v.id,
        ),
    )
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
    held = sorted(
        visit.held_since
        for visit in facts.visits
        if found.get(visit.id) == "held" and visit.received < closing + wait  # nobody is made to wait again
    )
    if wanting <= 0 or len(held) < wanting:
        return None
    return max(closing, held[wanting - 1]) + wait


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
        done, punctual = hours(there), hours([stayed for stayed in there if stayed.received < closing])
    else:
        counted = [v for v in facts.visits if found.get(v.id) == "counted"]
        done, punctual = len(counted), sum(in_time(facts, rule, v, closing) for v in counted)
    owed = required(facts, person, rule, period)
    due = review_due_at(facts, found, owed - done, closing, wait) if owed else None
    if not owed:
        status = "excused"
    elif punctual >= owed:
        status = "met"
    elif done >= owed:
        status = "met_late"
    else:
        status = "missed" if closed_by and max(closing, due or closing) <= closed_by else "open"
    pending = list(found.values()).count("held")
    return Expected(owed, done, pending, status, due, found, excuse(facts, person, rule, period))
