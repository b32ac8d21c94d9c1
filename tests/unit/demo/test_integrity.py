"""The evaluation of the signals: phones whose truth is known, recorded for real, and counted rightly."""

from collections import Counter
from datetime import date, timedelta
from types import SimpleNamespace

import pytest

from app.demo import ruses
from app.demo.integrity import CODES, Report, evaluate
from app.demo.suspects import CHEATS, SHARES, Sent, Suspects
from app.kernel.database import Database

pytestmark = pytest.mark.xdist_group("demo")  # the counties are built once
MONDAYS = [date(2026, 10, 5) + timedelta(weeks=week) for week in range(3)]


@pytest.fixture(scope="module")
def suspects(yongfu):
    return Suspects(yongfu, 150, 1)


@pytest.fixture(scope="module")
def sent(suspects):
    return suspects.send(MONDAYS)


def test_the_same_seed_draws_the_same(yongfu, sent):
    again = Suspects(yongfu, 150, 1).send(MONDAYS)
    assert [each.visit for each in again] == [each.visit for each in sent]
    assert [each.visit for each in Suspects(yongfu, 150, 2).send(MONDAYS)] != [each.visit for each in sent]


def test_most_are_honest_and_the_rest_is_what_it_says(suspects, sent):
    kinds = Counter(phone.kind for phone in suspects.phones)
    assert kinds.keys() <= SHARES.keys()
    assert kinds["honest"] > 90
    assert all(each.kind in CHEATS for each in sent if each.false)
    assert not any(each.ought for each in sent if each.kind == "honest")
    assert all(each.visit.fix is None or each.visit.fix.mock == (each.kind == "mock") for each in sent)


def test_they_come_in_order_of_sending_and_none_before_it_was_made(sent):
    assert [each.at for each in sent] == sorted(each.at for each in sent)
    assert all(each.at > each.visit.captured_at for each in sent if each.kind != "fast_clock")


async def test_they_are_recorded_and_the_plain_cheats_are_seen(yongfu, suspects, sent, database_url):
    database, told = Database(database_url, pool_size=2), []
    try:
        report = await evaluate(database, yongfu, suspects, MONDAYS, lambda *numbers: told.append(numbers))
    finally:
        await database.close()
    assert told[-1] == (len(sent), len(sent))
    assert report.honest.total() + report.false.total() == len(sent)
    mock = report.signals["mock_location"]
    assert (mock.precision, mock.recall) == (1.0, 1.0)
    assert mock.fired == sum(each.kind == "mock" and each.visit.fix is not None for each in sent) > 0
    frozen = report.signals["repeated_fix"]
    assert frozen.precision == 1.0
    assert 0 < frozen.recall < 1  # the first of each is like no other
    assert report.kinds["honest"]["held"] < 0.03 * report.kinds["honest"].total()


def _found(place, standing, codes):
    return SimpleNamespace(
        judged=SimpleNamespace(place=place), standing=standing, reasons=[{"code": code} for code in codes]
    )


def noted(*checks):
    """`checks`: kind, false, what ought to be seen, place, what was."""
    report = Report()
    for kind, false, ought, place, codes in checks:
        sent = Sent(None, None, "phone", kind, false, frozenset(ought))
        row = _found(place, "held", codes)
        report.note(sent, row)
    return report


def test_precision_and_recall():
    report = noted(
        ("frozen", True, ["repeated_fix"], "inside", ["repeated_fix"]),
        ("frozen", True, ["repeated_fix"], "inside", []),
        ("honest", False, [], "inside", ["repeated_fix"]),
        ("honest", False, [], "inside", ["near_fence"]),  # no signal
        ("spoofed", True, ["constant_accuracy"], "inside", ["repeated_fix"]),  # another reason, but a cheat
    )
    score = report.signals["repeated_fix"]
    assert (score.fired, score.rightly, score.ought, score.noticed) == (3, 2, 2, 1)
    said = report.as_dict()["signals"]
    assert said["repeated_fix"]["precision"] == 0.667
    assert said["repeated_fix"]["recall"] == 0.5
    assert said["repeated_fix"]["false_per_1000_honest"] == 500.0
    assert said["mock_location"]["precision"] is None
    assert said.keys() == set(CODES)
    assert any(line.split()[:3] == ["repeated_fix", "3", "2"] for line in report.lines())


def test_a_wrong_label_matters_only_where_it_leads_astray():
    ought = ["crs_mismatch", "far_from_household"]
    report = noted(
        ("mislabelled", False, ought, "inside", []), ("mislabelled", False, ought, "outside", ["crs_mismatch"])
    )
    assert report.signals["crs_mismatch"].recall == 1.0


def test_who_was_caught_and_who_was_wronged():
    report = Report()
    for kind, false, standing, codes in (
        ("mock", True, "held", ["mock_location"]),
        ("from_seat", True, "outside", ["outside_fence"]),
        ("spoofed", True, "counted", []),
        ("honest", False, "held", ["shared_device"]),
        ("honest", False, "held", ["no_fix"]),  # there is nothing to be doubted
        *[("wifi", False, "counted", [])] * 9,
    ):
        row = _found("inside", standing, codes)
        report.note(Sent(None, None, "phone", kind, false, frozenset()), row)
    said = report.as_dict()["confusion"]
    assert said["all"] == {"caught": 2, "missed": 1, "falsely_held": 1, "left_alone": 9}
    assert said["kinds"]["wifi"] == {"caught": 0, "missed": 0, "falsely_held": 0, "left_alone": 9}
    assert (said["precision"], said["recall"], said["honest_held"]) == (0.667, 0.667, 0.1)


def test_every_ruse_and_every_oddity_is_played(yongfu):
    drawn = Suspects(yongfu, 600, 3)
    sent = drawn.send(MONDAYS)
    kinds = {each.kind for each in sent}
    assert kinds >= {*ruses.MADE_UP, *ruses.ODD}
    assert {each.kind for each in sent if each.false} <= CHEATS
    # Where an honest phone has no coverage, it is in touch with nobody.
    waits = {each.visit.person_id: each for each in sent if each.kind == "dead_zone"}
    for met in drawn.met(sent, MONDAYS):
        if each := waits.get(met.person_id):
            assert not each.visit.captured_at <= met.at <= each.at
