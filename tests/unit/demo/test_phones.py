"""The simulated phones: who goes where, what the phone makes of it, and when it is sent."""

import math
from collections import Counter, defaultdict
from datetime import date, datetime, timedelta
from itertools import pairwise

import numpy as np
import pytest

from app.demo.build import Span
from app.demo.counties import TIMEZONE
from app.demo.habits import Habits
from app.demo.handsets import handset_of, lent_phones
from app.demo.queues import uploads
from app.geo.coordinates import to_wgs84

pytestmark = pytest.mark.xdist_group("demo")  # the counties are built once


@pytest.fixture(scope="module")
def habits(yongfu):
    return Habits(yongfu)


@pytest.fixture(scope="module")
def sent(yongfu, span):
    return uploads(yongfu, span.mondays, span.until, frozenset())


@pytest.fixture(scope="module")
def posted(sent):
    """Every check-in once, with its upload."""
    return {body["id"]: (upload, body) for upload in reversed(sent) for body in upload.check_ins}


def metres(a, b):
    east = (a[0] - b[0]) * 111_200 * math.cos(math.radians(a[1]))
    return math.hypot(east, (a[1] - b[1]) * 111_200)


def captured(body):
    return datetime.fromisoformat(body["captured_at"])


@pytest.mark.parametrize(
    ("now", "first", "last"),
    [
        ("2026-11-23T09:00+08:00", date(2026, 10, 12), date(2026, 11, 23)),  # a Monday: six weeks and a morning
        ("2026-11-26T09:00+08:00", date(2026, 10, 12), date(2026, 11, 23)),
        ("2026-11-27T09:00+08:00", date(2026, 10, 19), date(2026, 11, 23)),
        ("2026-11-29T23:59+08:00", date(2026, 10, 19), date(2026, 11, 23)),
    ],
)
def test_six_weeks_are_counted_from_the_nearest_monday(now, first, last):
    span = Span.ending(datetime.fromisoformat(now))
    assert (span.mondays[0], span.mondays[-1]) == (first, last)
    assert span.start == datetime.combine(first, datetime.min.time(), TIMEZONE)


def test_the_same_seed_sends_the_same(yongfu, span, sent):
    assert uploads(yongfu, span.mondays, span.until, frozenset()) == sent


def test_uploads_come_in_order_and_none_from_the_future(sent, span):
    assert all(a.at <= b.at for a, b in pairwise(sent))
    assert span.start < sent[0].at
    assert sent[-1].at < span.until


def test_nobody_uploads_what_they_have_not_done_yet(sent):
    early = [u for u in sent for body in u.check_ins if captured(body) - u.handset.clock_ahead > u.at]
    assert not early


def test_a_check_in_is_sent_again_with_the_same_content(sent):
    bodies = defaultdict(list)
    for upload in sent:
        for body in upload.check_ins:
            bodies[body["id"]].append(body)
    repeated = [own for own in bodies.values() if len(own) > 1]
    assert 0.005 < len(repeated) / len(bodies) < 0.06
    assert all(body == own[0] for own in repeated for body in own)


def test_phones_without_coverage_flush_late_and_together(sent):
    sizes = Counter(len(upload.check_ins) for upload in sent)
    assert sizes[1] < sum(sizes.values()) * 0.95
    assert max(sizes) >= 3
    waited = [upload.at - captured(body) for upload in sent for body in upload.check_ins]
    assert sum(wait > timedelta(hours=1) for wait in waited) > len(waited) * 0.2
    assert sum(wait > timedelta(days=3) for wait in waited) > 0


def test_leaders_go_by_night_and_some_past_midnight(habits, yongfu):
    mondays = [date(2026, 10, 5) + timedelta(weeks=week) for week in range(4)]
    leaders = [person for person in yongfu.roster.people if person.category == "leader"]
    visits = [visit for person in leaders for monday in mondays for visit in habits.week(person, monday)]
    hours = [visit.at.hour + visit.at.minute / 60 for visit in visits]
    assert {visit.purpose for visit in visits} == {"night_visit"}
    assert all(visit.household for visit in visits)
    assert all(hour >= 18.5 or hour < 2 for hour in hours)
    assert 0.02 < sum(hour < 2 for hour in hours) / len(hours) < 0.15


def test_helpers_go_to_their_own_households_mostly_by_day(habits, yongfu):
    helpers = [person for person in yongfu.roster.people if person.category == "helper"]
    by_day = []
    for person in helpers[:200]:
        own = {home.id for home in habits.households[person.id]}
        visits = habits.week(person, date(2026, 10, 12))
        assert {visit.household for visit in visits} <= own
        by_day += [8 <= visit.at.hour < 18 for visit in visits]
    assert sum(by_day) > 0.8 * len(by_day)


def test_the_first_week_of_a_month_is_when_helpers_go_round(habits, yongfu):
    helpers = [person for person in yongfu.roster.people if person.category == "helper"][:200]
    usual, helping = (
        [visit for person in helpers for visit in habits.week(person, monday)]
        for monday in (date(2026, 10, 12), date(2026, 11, 2))
    )
    assert len(helping) > 1.8 * len(usual)
    busiest = Counter(visit.at.date() for visit in helping).most_common(2)
    assert sum(number for _, number in busiest) > 0.7 * len(helping)


def test_some_villages_and_townships_are_left_behind(yongfu, habits):
    done, all_of = Counter(), Counter()
    township = {village.unit_id: village.township_id for village in yongfu.roster.villages}
    for person in yongfu.roster.people:
        if person.category == "helper":
            all_of[township[person.unit_id]] += 1
            done[township[person.unit_id]] += bool(habits.week(person, date(2026, 10, 12)))
    rates = sorted(done[code] / number for code, number in all_of.items())
    assert rates[0] < 0.8
    assert rates[-1] > 0.88


def test_positions_are_as_far_off_as_their_accuracy_says(posted, yongfu):
    """Honest phones: 68 % of fixes lie within the accuracy that they claim."""
    homes = {str(home.id): (home.position.x, home.position.y) for home in yongfu.roster.households}
    lent = lent_phones(yongfu)
    rows = [
        (body["position"], homes[body["household_id"]])
        for upload, body in posted.values()
        if body["position"]
        and body["household_id"]
        and body["position"]["accuracy_m"]
        and upload.handset.trick == "none"
        and upload.handset.system == upload.handset.label
        and upload.person.id not in lent
        and body["position"]["accuracy_m"] > 40  # beside which the yard is small
    ]
    lon, lat = to_wgs84(
        np.array([p["lon"] for p, _ in rows]),
        np.array([p["lat"] for p, _ in rows]),
        np.array([p["crs"] for p, _ in rows]),
    )
    within = [metres((x, y), home) <= p["accuracy_m"] for x, y, (p, home) in zip(lon, lat, rows, strict=True)]
    assert len(within) > 50
    assert 0.55 < sum(within) / len(within) < 0.8


def test_a_mislabelled_phone_is_half_a_kilometre_off(posted, yongfu):
    homes = {str(home.id): (home.position.x, home.position.y) for home in yongfu.roster.households}
    off = [
        metres((body["position"]["lon"], body["position"]["lat"]), homes[body["household_id"]])
        for upload, body in posted.values()
        if upload.handset.system != upload.handset.label
        and upload.handset.trick == "none"
        and body["position"]
        and body["household_id"]
        and upload.person.category == "helper"
    ]
    assert off
    assert 450 < sorted(off)[len(off) // 2] < 700


def test_the_cheats_and_the_mishaps_are_there(yongfu, posted):
    helpers = [person for person in yongfu.roster.people if person.category == "helper"]
    handsets = Counter(handset_of(person).trick for person in helpers)
    assert {"mock", "frozen", "from_seat", "fast_clock"} <= set(handsets)
    assert handsets["none"] > 0.9 * len(helpers)
    assert {handset_of(person).label for person in helpers} == {"wgs84", "gcj02", "bd09"}
    bodies = [body for _, body in posted.values()]
    assert any(body["position"] is None and body["position_problem"] for body in bodies)
    fixed = [body["position"] for body in bodies if body["position"]]
    assert any(position["mock"] for position in fixed)
    assert any(position["accuracy_m"] is None for position in fixed)
    assert any((position["accuracy_m"] or 0) > 250 for position in fixed)
    assert any("fixed_at" in position for position in fixed)


def test_a_frozen_phone_says_the_same_place_every_time(posted):
    frozen = defaultdict(set)
    for upload, body in posted.values():
        if upload.handset.trick == "frozen" and body["position"]:
            frozen[upload.person.id].add((body["position"]["lon"], body["position"]["lat"]))
    assert frozen
    assert {len(places) for places in frozen.values()} == {1}


def test_lent_phones_have_one_device_and_several_people(counties):
    for county in counties.values():
        lent = lent_phones(county)
        assert lent
        for lender in set(lent.values()):
            assert lender.id not in lent
            assert sum(other is lender for other in lent.values()) == 2


def test_the_absent_do_nothing_in_the_last_week(yongfu, span, sent):
    monday = datetime.combine(span.mondays[-1], datetime.min.time(), TIMEZONE)
    busy = next(
        u.person.phone for u in sent if captured(u.check_ins[-1]) > monday and u.person.category == "resident"
    )
    without = uploads(yongfu, span.mondays, span.until, frozenset({busy}))
    theirs = [captured(body) for upload in without if upload.person.phone == busy for body in upload.check_ins]
    assert theirs
    assert max(theirs) < monday
