"""A visit about which nothing is odd; tests change one thing at a time."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid5

from app.checkins.history import Step
from app.checkins.rules import Fix, Judged, Visit
from app.checkins.settings import VisitSettings
from app.checkins.signals import JudgingFacts
from app.directory.settings import GeneralSettings

AT = datetime(2026, 11, 18, 12, 10, tzinfo=UTC)
METRES_PER_DEGREE = 111_195.08  # of latitude, on the sphere of geo/motion.py
FIX = Fix(106.2248413, 24.3172219, "wgs84", 12.0, None, None, None, AT)
VISIT = Visit(
    id=UUID(int=1),
    person_id=UUID(int=2),
    session_id=None,
    captured_at=AT,
    fix=FIX,
    position_problem=None,
    purpose="village_duty",
    household_id=None,
    note="",
    photo_ids=(),
    form=None,
    app_version=None,
    content_hash=b"",
)
INSIDE = Judged(FIX.lon, FIX.lat, "451029100201", 1, "451029100201", "inside", 0.0, 0.99, None, None)
COUNTY = VisitSettings()


def known(*, fix=None, visit=None, judged=None, county=None, **changes):
    """`fix`, `visit`, `judged`, `county`: what of them is different."""
    if fix is not None:
        visit = (visit or {}) | {"fix": replace(FIX, **fix)}
    return JudgingFacts(
        replace(VISIT, **(visit or {})),
        replace(INSIDE, **(judged or {})),
        changes.pop("received_at", AT),
        replace(COUNTY, **(county or {})),
        changes.pop("clock_skew_s", GeneralSettings().clock_skew_s),
        changes.pop("device_id", "phone"),
        **changes,
    )


def step(north_m=0.0, *, name="other", **changes):
    """A counted fix, by default an hour before the visit, in the same place and from the same phone."""
    before = changes.pop("before", timedelta(hours=1))
    at = (AT - before).timestamp()
    return Step(
        check_in_id=uuid5(UUID(int=0), name),
        captured_at=at,
        arrived_at=at,
        fixed_at=at,
        lon=FIX.lon,
        lat=FIX.lat + north_m / METRES_PER_DEGREE,
        raw_lon=FIX.lon,
        raw_lat=FIX.lat + north_m / METRES_PER_DEGREE,
        accuracy_m=12.0,
        altitude_m=None,
        speed_mps=None,
        device_id="phone",
        standing="counted",
    )._replace(**changes)
