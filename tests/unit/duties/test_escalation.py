"""The ladder: which step a flag is raised on, and settings that are none."""

from datetime import date, timedelta

import pytest

from app.duties.escalation import Ladder, Step
from app.duties.rules import last_day


def test_the_usual_ladder():
    ladder = Ladder.of({})
    assert [ladder.level(misses) for misses in (1, 2, 3, 9)] == [1, 2, 3, 3]
    assert ladder.step(1) == Step(1, 1)
    assert ladder.step(2) == Step(2, 2)
    assert ladder.step(3).office
    assert ladder.after == timedelta(hours=72)


def test_a_county_sets_its_own():
    steps = [{"misses": 1, "levels": 2}, {"misses": 4, "levels": "county"}]
    ladder = Ladder.of({"escalation": steps, "escalate_after_h": 24, "night_start": 1110})
    assert [ladder.level(misses) for misses in (1, 3, 4)] == [1, 1, 2]
    assert (ladder.step(1).levels, ladder.step(2).office, ladder.after) == (2, True, timedelta(hours=24))
    assert ladder.step(7) == ladder.step(2)  # it had more steps when the flag was raised


@pytest.mark.parametrize(
    "settings",
    [
        {"escalation": []},
        {"escalation": [{"misses": 2, "levels": 1}]},
        {"escalation": [{"misses": 1, "levels": 1}, {"misses": 1, "levels": 2}]},
        {"escalation": [{"misses": 1, "levels": 0}]},
        {"escalation": [{"misses": 1}]},
        {"escalation": [{"misses": 1, "levels": "theatre"}]},
        {"escalation": [{"misses": "one", "levels": 1}]},
        {"escalation": 3},
        {"escalate_after_h": 0},
        {"escalate_after_h": "soon"},
    ],
)
def test_settings_that_are_no_ladder(settings):
    with pytest.raises(ValueError, match=r"step"):
        Ladder.of(settings)


def test_a_time_limit_ends_on_a_working_day():
    working = [date(2018, 9, 29), date(2018, 9, 30), date(2018, 10, 8)]
    assert last_day(date(2018, 9, 30), working) == date(2018, 9, 30)
    assert last_day(date(2018, 10, 1), working) == date(2018, 10, 8)
    assert last_day(date(2018, 10, 7), working) == date(2018, 10, 8)
    assert last_day(date(2018, 10, 9), working) == date(2018, 10, 9)  # nothing is known of later days
