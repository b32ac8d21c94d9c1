"""How long a phone number is left alone after wrong passwords in a row."""

from datetime import timedelta

import pytest

from app.access.rules import wait_after_failures


@pytest.mark.parametrize(
    ("failures", "seconds"),
    [(0, 0), (4, 0), (5, 2), (6, 4), (13, 512), (14, 900), (50, 900), (51, 900), (2_000_000_000, 900)],
)
def test_the_wait_doubles_to_a_quarter_of_an_hour(failures: int, seconds: int):
    assert wait_after_failures(failures) == timedelta(seconds=seconds)
