"""What a county may set: refused where it is set, as usual where it is read and cannot be."""

from dataclasses import fields

import pytest
from structlog.testing import capture_logs

from app.directory.rules import CountySettings, unfit_settings
from app.directory.service import settings_of
from app.geo.verdict import Limits

NUMBERS = [each.name for each in fields(CountySettings) if each.name != "signals"]
WRONG = ["fifteen", None, [15], {"days": 15}]


@pytest.mark.parametrize("name", [*NUMBERS, *(each.name for each in fields(Limits))])
@pytest.mark.parametrize("value", WRONG)
def test_a_value_of_the_wrong_kind_is_unfit(name, value):
    assert unfit_settings({name: value, "of_others": value}) == [name]


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize("value", [-1, 10**12])
def test_days_that_no_calendar_has_are_unfit(name, value):
    assert unfit_settings({name: value}) == [name]


@pytest.mark.parametrize("value", [0, 1000, 2.5, True])
def test_a_review_is_waited_for_between_one_and_999_days(value):
    assert unfit_settings({"review_wait_days": value}) == ["review_wait_days"]
    assert unfit_settings({"review_wait_days": 999}) == unfit_settings({"review_wait_days": 1}) == []


def test_whole_numbers_and_switches_are_told_apart():
    assert unfit_settings({"appeal_days": 1.5, "tracks": 1, "jump_m": True}) == ["appeal_days", "tracks", "jump_m"]
    fitting = {"appeal_days": 3, "tracks": True, "jump_m": 500, "tolerance_m": 150}
    assert unfit_settings(fitting) == []
    assert (
        unfit_settings({each.name: getattr(CountySettings(), each.name) for each in fields(CountySettings)}) == []
    )


@pytest.mark.parametrize(
    ("settings", "night"),
    [
        ({}, (1110, 1740)),
        ({"night_until": 300}, (1110, 1740)),  # 05:00, written as a time of day
        ({"night_until": 1440}, (1110, 1440)),
        ({"night_start": 1440}, (1440, 1740)),
        ({"night_start": 1380, "night_until": 1320}, (1380, 2760)),
    ],
)
def test_a_night_may_be_written_past_midnight_either_way(settings, night):
    assert unfit_settings(settings) == []
    assert CountySettings.of(settings).night == night


@pytest.mark.parametrize("name", ["night_start", "night_until"])
def test_a_night_of_another_day_is_unfit(name):
    assert unfit_settings({name: 2 * 24 * 60 + 1}) == [name]


def test_what_cannot_be_read_is_as_usual_and_logged():
    with capture_logs() as logged:
        read = settings_of("451029", {"appeal_days": "3", "leave_retro_d": 7})
    assert (read.appeal_days, read.leave_retro_d) == (CountySettings().appeal_days, 7)
    assert [(line["event"], line["setting"], line["county_id"]) for line in logged] == [
        ("bad_setting", "appeal_days", "451029")
    ]
