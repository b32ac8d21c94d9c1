"""What people do besides visiting: away at most once, with a form at night, and the same for the same seed."""

from collections import Counter
from datetime import datetime
from io import BytesIO
from itertools import pairwise
from uuid import UUID

import pytest
from PIL import Image

from app.demo.absences import absences
from app.demo.errands import errands
from app.demo.queues import uploads
from app.demo.snapshots import snapshot
from app.phone.schemas.forms import check
from app.phone.schemas.leave import LeaveIn
from app.photos.decoding import decode

pytestmark = pytest.mark.xdist_group("demo")  # the counties are built once


@pytest.fixture(scope="module")
def away(county, span):
    return absences(county, span.mondays, frozenset())


@pytest.fixture(scope="module")
def bodies(yongfu, span):
    sent = uploads(yongfu, span.mondays, span.until, frozenset())
    return {body["id"]: (upload.person, body) for upload in sent for body in upload.check_ins}


def test_some_are_away_and_ask_as_the_phone_would(county, away):
    assert 0.03 < len(away) / len(county.roster.people) < 0.07
    assert {absence.fate for absence in away.values()} == {"approved", "refused", "overrun"}
    for absence in away.values():
        assert LeaveIn.model_validate(absence.body).of(absence.person.id).id == absence.id
        assert absence.asked_at < absence.decided_at


def test_who_is_away_makes_no_visits(yongfu, span, bodies):
    away = absences(yongfu, span.mondays, frozenset())
    made = [
        (away[person.id], datetime.fromisoformat(body["captured_at"]))
        for person, body in bodies.values()
        if person.id in away
    ]
    assert len(made) > 20
    assert not any(
        absence.fate != "refused" and absence.first < at.date() <= absence.until for absence, at in made
    )


def test_the_absent_of_the_last_week_are_never_on_leave(county, span, away):
    phones = frozenset(absence.person.phone for absence in away.values())
    assert absences(county, span.mondays, phones) == {}


def test_errands_come_in_order_and_are_the_same_for_the_same_seed(yongfu, span):
    done, again = (errands(yongfu, span.mondays, span.until, frozenset()) for _ in range(2))
    assert [(each.at, each.person.id) for each in done] == [(each.at, each.person.id) for each in again]
    assert all(a.at <= b.at for a, b in pairwise(done))
    assert span.start < done[0].at
    assert done[-1].at < span.until


def test_night_visits_come_with_forms_that_the_phones_door_takes(bodies):
    nights = [body for _, body in bodies.values() if body["purpose"] == "night_visit"]
    forms = [body["form"] for body in nights if "form" in body]
    assert 0.6 < len(forms) / len(nights) < 0.9
    for form in forms:
        check(form)
    states = Counter(item["state"] for form in forms for item in form["items"].values())
    assert states["ok"] > states["gap"] > 0
    assert not any("form" in body for _, body in bodies.values() if body["purpose"] != "night_visit")


def test_a_photo_is_one_that_is_kept(bodies):
    with_photos = [body for _, body in bodies.values() if body.get("photo_ids")]
    assert 0.002 < len(with_photos) / len(bodies) < 0.03
    body = with_photos[0]
    at = datetime.fromisoformat(body["captured_at"])
    drawn = snapshot(UUID(body["photo_ids"][0]), at)
    assert snapshot(UUID(body["photo_ids"][0]), at) == drawn
    decoded = decode(drawn, zone=at.tzinfo)
    assert decoded.taken.at == at.replace(microsecond=0)
    assert Image.open(BytesIO(drawn)).size == (decoded.width, decoded.height)
