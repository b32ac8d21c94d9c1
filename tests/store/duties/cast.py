"""Who and where, in tests of duties: a county of three villages and two townships, its people, rules and days.

451029 (county) - a (theatre) - a1, a2 (squads)        villages A1, A2 of a1, a2
                - b (theatre) - b1 (squad)             village B1 of b1
                - d (department)
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from app.duties.rules import NightWindow, Period, RuleTerms, RuleVersion
from app.duties.service import DutyCounty

COUNTY = DutyCounty("451029", "Asia/Shanghai")

SHANGHAI = ZoneInfo("Asia/Shanghai")

LONG_AGO = date(2020, 1, 1)

A1, A2, B1 = "451029100201", "451029100202", "451029101201"

UNIT_OF = {A1: "a1", A2: "a2", B1: "b1"}

PATHS = {
    "root": "451029",
    "a": "451029.a",
    "a1": "451029.a.a1",
    "a2": "451029.a.a2",
    "b": "451029.b",
    "b1": "451029.b.b1",
    "d": "451029.d",
}

LEVELS = {"root": "county", "a": "theatre", "b": "theatre", "d": "department"}

KNOWN_YEARS = range(2023, 2027)


def known_id(name: str) -> UUID:
    return uuid5(UUID(int=0), name)


HOUSES = {known_id("house 1"): A1, known_id("house 2"): A1, known_id("house 3"): B1}

HOUSE_1, HOUSE_2, HOUSE_3 = HOUSES


def at(written: str) -> datetime:
    """`2026-11-22 20:10`, a time of day in Shanghai."""
    return datetime.fromisoformat(written).replace(tzinfo=SHANGHAI)


MONDAY = at("2026-11-23 09:00")

W46, W47, W48 = (Period.parse(f"2026-W{number}") for number in (46, 47, 48))


@dataclass(frozen=True)
class Person:
    name: str
    category: str = "helper"
    unit: str = "a1"
    department: str | None = None
    from_date: date = LONG_AGO
    until_date: date | None = None

    @property
    def id(self) -> UUID:
        return known_id(f"person {self.name}")


def rule(name: str = "visits", *, since: date = date(2026, 10, 26), **terms: Any) -> RuleVersion:
    """Version 1 of a rule: one visit a week to an assigned village, unless `terms` say otherwise."""
    given = {
        "name": name,
        "name_en": name,
        "source": "test",
        "categories": ("helper",),
        "measure": "visits",
        "period_kind": "week",
        "required": 1,
        "counts_in": "assigned",
        "grace_h": 24,
    }
    return RuleVersion(known_id(f"rule {name}"), 1, RuleTerms(**(given | terms)), since, None)


NIGHTS = {
    "categories": ("leader",),
    "measure": "nights",
    "counts_in": "county",
    "household_required": True,
    "night": NightWindow(1110, 1740),
}

LEADER = Person("leader", "leader", unit="a")

HELPER = Person("helper")
