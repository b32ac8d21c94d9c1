"""What a broken database constraint means to the caller: constraint name -> problem, in one place.

Rules are looked at before anything is written, so these are what slips between the look and the write: two who do
the same at once, an id that is somebody else's. A constraint that only our own code can break is not here: that is
no fault of the caller's, and is answered and logged as ours.
"""

import re
from dataclasses import dataclass

from sqlalchemy.exc import DBAPIError

from app.kernel.failures import Failure, constraint_name, detail, failure_of, sqlstate
from app.kernel.language import Text
from app.kernel.problems import CONFLICT, ID_REUSED, INVALID, FieldError, Kind, Problem

_FOREIGN_KEY = "23503"
_NAMED = re.compile(r"23505|23P01|23514")  # unique, exclusion, check
_KEY = re.compile(r"\(([\w, ]+)\)=")  # in the detail of a foreign key's error, whatever language the server speaks

_UNKNOWN = Text("所指对象不存在", "Refers to something that is not there")
_TAKEN = Text("已被使用", "Taken already")
_TOO_EARLY = Text("必须晚于开始日期", "Must be after the beginning")
_BAD_FORMAT = Text("格式不对", "Not in the expected format")
_NOT_A_WORD = Text("不是可用的取值", "Not one of the values there are")
_TOO_SMALL = Text("必须大于 0", "Must be greater than 0")
_RULE_CHANGED = Text("该规则刚被他人修改，请刷新后再改", "Somebody has just changed this rule; look again first")
_FENCE_CHANGED = Text(
    "该村界刚被他人修改，请刷新后再改", "Somebody has just changed this boundary; look again first"
)
_TEMPLATE_CHANGED = Text(
    "该模板刚被他人更换，请刷新后再换", "Somebody has just changed this template; look again first"
)
_NO_MINUTE = Text("须是一天之内的分钟数", "Must be minutes after midnight")
_NIGHT = Text("夜间时段不合理", "These hours are no night")
_APPEALED = Text("已有申诉正在处理", "An appeal is open already")


@dataclass(frozen=True, slots=True)
class Meaning:
    """The problem that a constraint stands for; at a field, if it has a `pointer`."""

    kind: Kind
    text: Text | None = None
    pointer: str | None = None
    code: str = "invalid"

    def problem(self) -> Problem:
        if self.pointer and self.text:
            return Problem(self.kind, errors=(FieldError(self.pointer, self.code, self.text),))
        return Problem(self.kind, self.text)


def _taken(pointer: str) -> Meaning:
    return Meaning(CONFLICT, _TAKEN, pointer, "taken")


def _bad(pointer: str, code: str, text: Text) -> Meaning:
    return Meaning(INVALID, text, pointer, code)


MEANINGS: dict[str, Meaning] = {
    "ck_notice_preference_summary_at": _bad("/summary_at", "out_of_range", _NO_MINUTE),
    # Ids that phones make: somebody has this one.
    **{f"pk_{table}": Meaning(ID_REUSED) for table in ("check_in", "photo", "leave", "appeal")},
    "uq_appeal_open_flag": Meaning(CONFLICT, _APPEALED),
    "uq_appeal_open_check_in": Meaning(CONFLICT, _APPEALED),
    # Two at the same thing at once.
    "pk_duty_rule": Meaning(CONFLICT, _RULE_CHANGED),
    "ex_duty_rule_overlap": Meaning(CONFLICT, _RULE_CHANGED),
    "pk_geofence": Meaning(CONFLICT, _FENCE_CHANGED),
    "ex_geofence_overlap": Meaning(CONFLICT, _FENCE_CHANGED),
    "pk_document_template": Meaning(CONFLICT, _TEMPLATE_CHANGED),
    "pk_privacy_notice": Meaning(
        CONFLICT, Text("规则刚由他人发布了新版本", "Somebody else has just published a version")
    ),
    "pk_notice_channel": Meaning(
        CONFLICT, Text("已有同名渠道", "There is a channel of this name already"), "/name", "taken"
    ),
    "ex_post_overlap": Meaning(
        CONFLICT, Text("此人在这段时间已有同样的任职", "The person holds the same post in that time already")
    ),
    # Names and numbers that one alone may have.
    "pk_sign_in": _taken("/phone"),
    "ex_person_phone": _taken("/phone"),
    "uq_unit_county_id_code": _taken("/code"),
    "uq_person_county_id_number": _taken("/number"),
    "uq_household_county_id_number": _taken("/number"),
    "pk_village_code": _taken("/code"),
    **{f"pk_{table}": _taken("/id") for table in ("county", "unit", "township", "village", "household", "person")},
    **{f"pk_{table}": _taken("/id") for table in ("post", "assignment")},
    # Values.
    **{
        f"ck_{table}_dates": _bad("/until_date", "too_early", _TOO_EARLY)
        for table in ("person", "post", "assignment")
    },
    "ck_duty_rule_dates": _bad("/effective_until", "too_early", _TOO_EARLY),
    "ck_geofence_times": _bad("/valid_until", "too_early", _TOO_EARLY),
    "ck_leave_halves": _bad("/until_date", "too_early", _TOO_EARLY),
    **{f"ck_{table}_id": _bad("/id", "bad_format", _BAD_FORMAT) for table in ("county", "village")},
    "ck_unit_code": _bad("/code", "bad_format", _BAD_FORMAT),
    "ck_village_code_code": _bad("/code", "bad_format", _BAD_FORMAT),
    "ck_notice_channel_name": _bad("/name", "bad_format", _BAD_FORMAT),
    "ck_notice_channel_url": _bad("/url", "bad_url", _BAD_FORMAT),
    "ck_notice_channel_per_minute": _bad("/per_minute", "too_small", _TOO_SMALL),
    "ck_household_radius_m": _bad("/radius_m", "too_small", _TOO_SMALL),
    "ck_duty_rule_required": _bad("/required", "too_small", _TOO_SMALL),
    "ck_duty_rule_grace_h": _bad("/grace_h", "too_small", Text("不能小于 0", "Must not be less than 0")),
    "ck_duty_rule_min_dwell_min": _bad("/min_dwell_min", "too_small", _TOO_SMALL),
    "ck_duty_rule_night": _bad("/night", "bad_night", _NIGHT),
    "ck_duty_rule_hours": _bad(
        "/measure", "bad_measure", Text("按小时计的规则不能有这些条件", "A rule of hours has none of these terms")
    ),
    "ck_device_waiting": _bad("/waiting", "too_small", Text("不能小于 0", "Must not be less than 0")),
    **{
        f"ck_{table}_{column}": _bad(f"/{column}", "unknown_value", _NOT_A_WORD)
        for table, column in (
            ("unit", "level"),
            ("person", "category"),
            ("household", "category"),
            ("post", "role"),
            ("leave", "kind"),
            ("check_in", "purpose"),
            ("notice_preference", "language"),
            ("notice_template", "language"),
            ("document_template", "language"),
            ("document_template", "kind"),
            *(("duty_rule", term) for term in ("measure", "period_kind", "counts_in", "per", "days", "share")),
        )
    },
}

_OWN_KEYS = frozenset({"actor_id", "changed_by", "decided_by", "reviewer_id", "verifier_id", "session_id"})
"""Columns that no request fills in: who calls, and from where."""


def problem_of(error: DBAPIError) -> Problem | None:
    """The problem behind a database error that the request's own data caused, else None."""
    state = sqlstate(error)
    if state == _FOREIGN_KEY:
        return _unknown(detail(error))
    if _NAMED.fullmatch(state):
        meaning = MEANINGS.get(constraint_name(error))
        return meaning.problem() if meaning else None
    return Problem(INVALID) if failure_of(error) is Failure.CONTENT else None


def _unknown(said: str) -> Problem | None:
    """What a foreign key says: the first column beside the county's names what is not there."""
    found = _KEY.search(said)
    columns = [column for column in (found[1].split(", ") if found else ()) if column != "county_id"]
    if columns and columns[0] in _OWN_KEYS:
        return None
    pointer = f"/{columns[0]}" if columns else "/county_id"
    return Problem(INVALID, errors=(FieldError(pointer, "unknown", _UNKNOWN),))
