"""What a county may set: refused where it is set, as usual where it is read and cannot be."""

import pytest
from structlog.testing import capture_logs

from app.directory.service import settings_of
from app.directory.settings import GeneralSettings
from app.duties.settings import DutySettings
from app.flows.county_settings import ROOMS, declared, refuse_unfit
from app.kernel.problems import Problem

NUMBERS = [each for _, each in declared() if each.is_number]
NAMES = [each.name for _, each in declared()]
WRONG = ["fifteen", None, [15], {"days": 15}]


def unfit(settings):
    try:
        refuse_unfit(settings)
    except Problem as problem:
        return [error.pointer.removeprefix("/settings/") for error in problem.errors]
    return []


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("value", WRONG)
def test_a_value_of_the_wrong_kind_is_unfit(name, value):
    assert unfit({name: value, "of_others": value}) == [name]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("signals", {"mock_location": "ban"}),
        ("signals", "hold"),
        ("escalation", [{"misses": 2, "levels": 1}]),
        ("escalation", {"after_h": 24}),
        ("reminders", [2.0]),
    ],
)
def test_a_structure_that_cannot_be_read_is_unfit(name, value):
    assert unfit({name: value}) == [name]


@pytest.mark.parametrize("each", NUMBERS, ids=lambda each: each.name)
def test_bounds_are_kept_on_both_sides(each):
    assert unfit({each.name: each.least - 1}) == unfit({each.name: each.most + 1}) == [each.name]
    assert unfit({each.name: 10**12}) == [each.name]
    edge = int(each.most) if each.whole else each.most
    assert unfit({each.name: edge}) == []


@pytest.mark.parametrize("value", [0, 1000, 2.5, True])
def test_a_review_is_waited_for_between_one_and_999_days(value):
    assert unfit({"review_wait_days": value}) == ["review_wait_days"]


def test_whole_numbers_and_switches_are_told_apart():
    assert unfit({"appeal_days": 1.5, "tracks": 1, "jump_m": True}) == ["appeal_days", "tracks", "jump_m"]
    assert unfit({"appeal_days": 3, "tracks": True, "jump_m": 500, "tolerance_m": 150}) == []


def test_what_is_usual_fits():
    assert unfit({each.name: each.default for _, each in declared()}) == []
    for room in ROOMS:
        assert room() == room.of({each.name: each.default for each in room.declared()})


def test_no_two_rooms_have_a_setting_of_one_name():
    names = [each.name for _, each in declared()]
    assert len(names) == len(set(names))


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
    assert unfit(settings) == []
    assert GeneralSettings.of(settings).night == night


@pytest.mark.parametrize("name", ["night_start", "night_until"])
def test_a_night_of_another_day_is_unfit(name):
    assert unfit({name: 2 * 24 * 60 + 1}) == [name]


def test_what_cannot_be_read_is_as_usual_and_logged():
    with capture_logs() as logged:
        read = settings_of(DutySettings, "451029", {"appeal_days": "3", "leave_retro_d": 7})
    assert (read.appeal_days, read.leave_retro_d) == (DutySettings().appeal_days, 7)
    assert [(line["event"], line["setting"], line["county_id"]) for line in logged] == [
        ("bad_setting", "appeal_days", "451029")
    ]
