"""From place and signals to standing, and the county's say in it."""

import pytest

from app.checkins import signals
from app.checkins.history import History
from app.checkins.reasons import _TEXTS, explain
from app.checkins.settings import VisitSettings
from app.checkins.standing import standing_of
from tests.unit.checkins.known import known

OUTSIDE = {"place": "outside", "distance_m": 900.0}
CODES = [signal.__name__ for signal in signals.SEVERITY]


def codes(reasons):
    return [reason.code for reason in reasons]


@pytest.mark.parametrize(
    ("judged", "standing", "reasons"),
    [
        ({}, "counted", []),
        ({"place": "near", "distance_m": 90.0}, "counted", ["near_fence"]),
        (OUTSIDE, "outside", ["outside_fence"]),
        ({"place": "unsure"}, "held", ["poor_accuracy"]),
        ({"place": "outside", "village_id": None, "assigned": False}, "outside", ["no_assigned_village"]),
        ({"place": "outside", "village_id": None}, "held", ["no_fence"]),
        (OUTSIDE | {"fits_crs": "gcj02"}, "held", ["outside_fence", "crs_mismatch"]),
        ({"fits_crs": "gcj02"}, "counted", ["crs_mismatch"]),  # an error is no cheat
    ],
)
def test_the_place_decides_where_nothing_is_odd(judged, standing, reasons):
    found = standing_of(known(judged=judged))
    assert (found[0], codes(found[1])) == (standing, reasons)


@pytest.mark.parametrize(
    ("severity", "standing", "reasons"),
    [
        ("hold", "held", ["mock_location", "outside_fence"]),
        ("note", "outside", ["outside_fence", "mock_location"]),
        ("off", "outside", ["outside_fence"]),
    ],
)
def test_the_county_decides_what_a_signal_does(severity, standing, reasons):
    county = {"signals": {"mock_location": severity}}
    found = standing_of(known(fix={"mock": True}, judged=OUTSIDE, county=county))
    assert (found[0], codes(found[1])) == (standing, reasons)


def test_a_county_may_hold_what_is_usually_only_told():
    history = History(devices=3)
    assert standing_of(known(history=history))[0] == "counted"
    assert standing_of(known(history=history, county={"signals": {"several_devices": "hold"}}))[0] == "held"


@pytest.mark.parametrize("code", sorted(signals.ALWAYS_HOLD))
def test_no_county_counts_what_has_no_place(code):
    without = known(visit={"fix": None}, judged={"lon": None, "lat": None, "place": "unsure"})
    unsure = known(judged={"place": "unsure"})
    county = {"signals": {code: "off"}}
    for case in (without, unsure):
        again = known(
            visit={"fix": case.visit.fix},
            judged={"lon": case.judged.lon, "lat": case.judged.lat, "place": "unsure"},
            county=county,
        )
        assert standing_of(again) == standing_of(case)
        assert standing_of(again)[0] == "held"


def test_a_severity_is_a_known_word():
    assert VisitSettings.of({"signals": {"mock_location": "note"}}).signals == {"mock_location": "note"}
    with pytest.raises(ValueError, match="signals cannot be"):
        VisitSettings.of({"signals": {"mock_location": "ban"}})


def test_every_signal_is_explained_in_both_languages():
    assert set(CODES) <= set(_TEXTS)
    assert all(text.zh and text.en and text.zh != text.en for text in _TEXTS.values())


def test_an_explanation_comes_with_its_values():
    (reason,) = standing_of(known(fix={"mock": True}))[1]
    assert explain(reason.as_dict(), "en") == {
        "code": "mock_location",
        "detail": "The phone says that its location is simulated",
        "values": {},
    }
    far = standing_of(known(judged=OUTSIDE))[1][0]
    assert explain(far.as_dict(), "zh-CN")["detail"] == "不在所联系的村内，距村界约 900 米"
    assert explain(far.as_dict(), "zh-CN")["values"] == {"distance_m": 900}
