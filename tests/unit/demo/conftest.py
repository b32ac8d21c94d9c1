"""The three counties of the demo, built once for all of these tests."""

from datetime import date, datetime

import pytest

from app.demo.build import Span
from app.demo.counties import PLANS, TIMEZONE, build

SINCE = date(2026, 1, 1)


@pytest.fixture(scope="session")
def counties():
    return {plan.code: build(plan, SINCE, "hash") for plan in PLANS}


@pytest.fixture(scope="session", params=[plan.code for plan in PLANS])
def county(counties, request):
    return counties[request.param]


@pytest.fixture(scope="session")
def yongfu(counties):
    return counties["450326"]


@pytest.fixture(scope="session")
def span():
    """A Wednesday afternoon, two weeks and a half after a Monday."""
    return Span.ending(datetime(2026, 11, 18, 16, tzinfo=TIMEZONE), weeks=2)
