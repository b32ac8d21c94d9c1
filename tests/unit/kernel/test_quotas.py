"""How much one caller may do, on a clock that the test turns."""

import pytest

from app.kernel.problems import OVER_QUOTA, Problem
from app.kernel.quotas import AtOnce, Quota


def test_so_many_at_once_and_as_many_again_in_the_time():
    now = 1000.0
    quota = Quota(10, 60, clock=lambda: now)

    def taken() -> int:
        count = 0
        try:
            for _ in range(100):
                quota.check("li")
                quota.spend("li")
                count += 1
        except Problem as problem:
            assert (problem.kind, problem.retry_after_s) == (OVER_QUOTA, 7 if count else 1)  # noqa: PT017
        return count

    assert taken() == 10
    quota.check("wang")
    now += 6
    assert taken() == 1
    now += 3600
    assert taken() == 10


def test_what_has_been_done_is_counted_beyond_the_limit():
    quota = Quota(10, 60, clock=lambda: 0.0)
    quota.spend("li", 500)
    with pytest.raises(Problem) as refused:
        quota.check("li")
    assert refused.value.retry_after_s == 49 * 60 + 7


def test_nothing_is_a_limit_of_none():
    quota, at_once = Quota(0, 60), AtOnce(0)
    for _ in range(1000):
        quota.check("li")
        quota.spend("li")
        at_once.take("li")


def test_those_who_have_not_come_for_long_are_forgotten():
    now = 0.0
    quota = Quota(10, 60, clock=lambda: now)
    for who in range(20_001):
        quota.spend(who)
    now = 60.0
    quota.spend("li")
    assert len(quota._empty_at) == 1


def test_places_are_each_ones_own_until_they_are_left():
    places = AtOnce(2)
    for _ in range(3):
        places.take("li")
        places.take("li")
        places.take("wang")
        with pytest.raises(Problem):
            places.take("li")
        for who in ("li", "li", "wang"):
            places.leave(who)
    assert not places._under_way
