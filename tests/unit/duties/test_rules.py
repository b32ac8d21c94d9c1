"""Periods, night windows, and which period is to be opened when."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.duties.presets import HELPER_WEEKLY, LEADER_NIGHT, PRESETS
from app.duties.rules import NightWindow, Opened, Period, RuleVersion, periods_to_open
from app.duties.words import PeriodKind

KINDS = st.sampled_from(PeriodKind)
DAYS = st.dates(date(2001, 1, 1), date(2990, 12, 31))
MONDAY = date(2026, 11, 23)


@given(KINDS, DAYS)
def test_every_day_lies_in_one_period_and_periods_follow_without_a_gap(kind, day):
    period = Period.of(kind, day)
    assert period.start <= day <= period.end
    assert period.following.start == period.end + timedelta(days=1)
    assert period.following.previous == period
    assert Period.of(kind, period.end) == period


@given(KINDS, DAYS)
def test_what_is_written_is_read_again(kind, day):
    period = Period.of(kind, day)
    assert Period.parse(period.id) == period


@pytest.mark.parametrize(
    ("written", "start", "end"),
    [
        ("2026-W47", date(2026, 11, 16), date(2026, 11, 22)),
        ("2026-W01", date(2025, 12, 29), date(2026, 1, 4)),
        ("2020-W53", date(2020, 12, 28), date(2021, 1, 3)),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        ("2026-12", date(2026, 12, 1), date(2026, 12, 31)),
        ("2026-Q4", date(2026, 10, 1), date(2026, 12, 31)),
        ("2026-H1", date(2026, 1, 1), date(2026, 6, 30)),
        ("2026-H2", date(2026, 7, 1), date(2026, 12, 31)),
        ("2026", date(2026, 1, 1), date(2026, 12, 31)),
    ],
)
def test_periods_as_the_contract_writes_them(written, start, end):
    period = Period.parse(written)
    assert (period.start, period.end, period.id) == (start, end, written)


@pytest.mark.parametrize(
    "written",
    [
        "",
        "2026-W54",
        "2025-W53",
        "2026-W00",
        "2026-13",
        "2026-00",
        "2026-Q5",
        "2026-H3",
        "next",
        "2026-W47 ",
    ],
)
def test_what_is_no_period_is_refused(written):
    with pytest.raises(ValueError):  # noqa: PT011 - its text goes nowhere
        Period.parse(written)


@pytest.mark.parametrize(
    ("window", "start", "until"),
    [
        (NightWindow(1110, 1740), "18:30", "05:00"),
        (NightWindow(1320, 1440), "22:00", "24:00"),
        (NightWindow(0, 300), "00:00", "05:00"),
        (NightWindow(1440, 1740), "24:00", "05:00"),
        (NightWindow(1500, 1740), "01:00", "05:00"),
    ],
)
def test_a_night_is_shown_as_times_of_day(window, start, until):
    assert window.as_dict() == {"start": start, "until": until}


def test_a_week_closes_after_its_last_night_and_the_grace():
    week = Period.parse("2026-W47")
    assert HELPER_WEEKLY.ends_at(week, "Asia/Shanghai") == datetime(2026, 11, 22, 16, tzinfo=UTC)
    assert LEADER_NIGHT.ends_at(week, "Asia/Shanghai") == datetime(2026, 11, 22, 21, tzinfo=UTC)


def version(begin, end=None, terms=HELPER_WEEKLY):
    return RuleVersion(UUID(int=1), 1, terms, begin, end)


def ids(periods):
    return [period.id for period in periods]


def test_the_first_period_to_open_is_the_first_that_begins_under_the_rule():
    assert ids(periods_to_open([version(date(2026, 11, 3))], None, MONDAY)) == ["2026-W46", "2026-W47", "2026-W48"]
    assert ids(periods_to_open([version(date(2026, 11, 9))], None, MONDAY))[0] == "2026-W46"


def test_nothing_is_opened_before_its_time():
    assert periods_to_open([version(date(2026, 11, 24))], None, MONDAY) == []


def test_three_weeks_of_absence_are_made_up_in_order():
    last = Opened(start=date(2026, 11, 2), on=date(2026, 11, 4))
    assert ids(periods_to_open([version(date(2026, 1, 1))], last, MONDAY)) == ["2026-W46", "2026-W47", "2026-W48"]


def test_the_running_period_is_looked_through_once_a_day():
    rule, week = version(date(2026, 1, 1)), MONDAY
    assert periods_to_open([rule], Opened(week, MONDAY), MONDAY) == []
    tuesday = MONDAY + timedelta(days=1)
    assert ids(periods_to_open([rule], Opened(week, MONDAY), tuesday)) == ["2026-W48"]


def test_a_period_that_no_version_governs_is_passed_over():
    versions = [version(date(2026, 11, 2), date(2026, 11, 9)), version(date(2026, 11, 16))]
    assert ids(periods_to_open(versions, None, MONDAY)) == ["2026-W45", "2026-W47", "2026-W48"]


def test_presets_name_their_source_and_nights_have_hours():
    for terms in PRESETS:
        assert terms.source
        assert terms.measure != "nights" or terms.night
