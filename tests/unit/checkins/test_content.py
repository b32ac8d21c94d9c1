"""The same content in other JSON is the same check-in; other content is not."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from app.checkins.content import first_said, hashed
from app.checkins.rules import Evidence, unrolled
from tests.unit.checkins.known import VISIT

PHOTOS = (UUID(int=7), UUID(int=8))
FORM = {"kind": "x", "a": 1, "b": {"c": [1, {"e": 2.5, "f": True}], "d": "é"}}
SAID = hashed(replace(VISIT, form=FORM, photo_ids=PHOTOS))


def of(**changes) -> bytes:
    return hashed(replace(SAID, **changes)).content_hash


@pytest.mark.parametrize(
    "form",
    [
        {"b": {"d": "é", "c": [1, {"f": True, "e": 2.5}]}, "a": 1, "kind": "x"},
        FORM | {"a": 1.0},
        FORM | {"more": None},
        FORM | {"b": FORM["b"] | {"d": "e\u0301"}},
        {"kind": "x", "a": 1, "b": {"c": [1.0, {"e": 2.50, "f": True, "g": None}], "d": "é"}},
    ],
)
def test_a_form_in_other_words_is_the_same(form: dict):
    assert of(form=form) == SAID.content_hash


@pytest.mark.parametrize(
    "form",
    [
        FORM | {"a": 2},
        FORM | {"a": "1"},
        FORM | {"a": True},
        FORM | {"b": {"c": [{"e": 2.5, "f": True}, 1], "d": "é"}},
        FORM | {"b": {"c": [1, {"e": 2.5, "f": False}], "d": "é"}},
        FORM | {"more": 0},
        FORM | {"more": False},
        {"kind": "x", "a": 1},
        None,
    ],
)
def test_another_form_is_another_check_in(form: dict | None):
    assert of(form=form) != SAID.content_hash


def test_photos_are_a_set_and_no_form_is_an_empty_one():
    assert of(photo_ids=PHOTOS[::-1]) == of(photo_ids=(*PHOTOS, PHOTOS[0])) == SAID.content_hash
    assert of(photo_ids=PHOTOS[:1]) != SAID.content_hash
    assert of(form={}) == of(form=None)


def test_what_the_phone_said_counts_and_what_the_server_knows_does_not():
    assert of(app_version="2.0", session_id=UUID(int=3)) == SAID.content_hash
    for changes in (
        {"captured_at": VISIT.captured_at + timedelta(milliseconds=1)},
        {"note": "又"},
        {"purpose": "inspection"},
        {"household_id": UUID(int=4)},
        {"person_id": UUID(int=5)},
        {"fix": None},
        {"fix": replace(VISIT.fix, lon=VISIT.fix.lon + 1e-7)},
        {"fix": replace(VISIT.fix, mock=not VISIT.fix.mock)},
    ):
        assert of(**changes) != SAID.content_hash


def test_a_fix_that_followed_was_not_said_first():
    without = hashed(replace(SAID, fix=None, position_problem="timeout"))
    stored = replace(without, fix=VISIT.fix)
    at = VISIT.captured_at
    assert first_said(Evidence(stored, None, at, position_added_at=at)) == without.content_hash
    assert first_said(Evidence(SAID, None, at)) == SAID.content_hash


def test_a_receiver_that_lost_count_of_the_weeks_is_put_right():
    pressed, age = VISIT.captured_at, timedelta(minutes=3)
    for times in (1, 2):
        assert unrolled(pressed - age - times * timedelta(weeks=1024), pressed) == pressed - age
    assert unrolled(pressed + age - timedelta(weeks=1024), pressed) == pressed + age
    for honest in (age, timedelta(days=400), timedelta(weeks=1024) - timedelta(days=8), -timedelta(weeks=1024)):
        assert unrolled(pressed - honest, pressed) == pressed - honest
