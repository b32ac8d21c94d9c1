"""What each measure counts: one row for each, from which the counting statement's parts are filled."""

from collections.abc import Mapping
from dataclasses import dataclass

from app.duties.words import Measure


@dataclass(frozen=True, slots=True)
class Counted:
    """How a measure counts.

    `stands_for` is SQL about `check_in` and `at` (its `day` and the village `here`): check-ins that stand for the
    same thing count once, and the others have the outcome `repeated`. `once_a_day`: a day gives one, whatever is
    done in it, so no more can be owed than there are days. `by_stays`: stays of a track count, not check-ins.
    """

    stands_for: str = "CAST(at.day AS text)"
    repeated: str = "same_day"
    once_a_day: bool = False
    by_stays: bool = False


_OF = {
    Measure.NIGHTS: Counted(repeated="same_night", once_a_day=True),
    Measure.VISITS: Counted(
        "concat_ws(' ', at.day, coalesce(CAST(check_in.household_id AS text), at.here))", "same_visit"
    ),
    Measure.DISTINCT_HOUSEHOLDS: Counted("CAST(check_in.household_id AS text)", "same_household"),
    Measure.VILLAGE_DAYS: Counted(once_a_day=True),
    Measure.NIGHTS_IN_VILLAGE: Counted(repeated="same_night", once_a_day=True),
    Measure.HOURS_IN_VILLAGE: Counted(by_stays=True),
}
MEASURES = {measure: _OF[measure] for measure in Measure}  # a KeyError names the one that was forgotten


def _case(measure: str, then: Mapping[Measure, str]) -> str:
    return " ".join([f"CASE {measure}", *(f"WHEN '{name}' THEN {sql}" for name, sql in then.items()), "END"])


DAILY = tuple(measure for measure, of in MEASURES.items() if of.once_a_day)

ONCE_A_DAY = ", ".join(f"'{measure}'" for measure in DAILY)
BY_STAYS = ", ".join(f"'{measure}'" for measure, of in MEASURES.items() if of.by_stays)
_BY_CHECK_INS = [(measure, of) for measure, of in MEASURES.items() if not of.by_stays]
STANDS_FOR = _case("asked.measure", {name: of.stands_for for name, of in _BY_CHECK_INS})
REPEATED = _case("measure", {name: f"'{of.repeated}'" for name, of in _BY_CHECK_INS})
