"""Every constraint of the schema either means something to a caller, or can be broken by our own code alone."""

import importlib
from pathlib import Path

import pytest
from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Table

from app.kernel.constraints import MEANINGS, problem_of
from app.kernel.database import Base
from app.kernel.language import Text
from app.kernel.problems import CONFLICT, ID_REUSED, INVALID

for models in sorted((Path(__file__).parents[3] / "app").glob("*/models.py")):
    importlib.import_module(f"app.{models.parent.name}.models")
importlib.import_module("app.kernel.audit")

OURS = {
    # Written by the server alone: its ids are its own, what it writes follows from rules, and repetitions are
    # expected by the statement (ON CONFLICT).
    *("audit_entry", "duty", "duty_period", "duty_waiver", "flag", "flag_recipient", "notice", "delivery"),
    *("deferred_notice", "summary_turn"),
    *("review", "verification", "rejudgement", "photo_purge", "track_day", "track_fix", "stay", "quarantine"),
    *(
        "device_session",
        "sign_in_event",
        "password_tries",
        "second_factor",
        "push_owner",
        "calendar_year",
        "contact",
        "activation",
    ),
    *("import_job", "import_heading"),
    *("device_session", "push_owner", "calendar_year", "contact", "activation"),
    *("import_job", "import_heading", "import_name"),
    *("person_merge", "two_people", "deletion", "consent"),
    *("seal", "unsealed"),
}
UPSERTED = {
    "ix_sign_in_county_id_person_id",
    "pk_calendar_day",
    "pk_device",
    "pk_notice_preference",
    "pk_notice_template",
}
"""A second one replaces the first."""
FROM_US = {
    # What the words mean is decided here, whatever the request says.
    *("ck_appeal_decision", "ck_appeal_instance", "ck_appeal_status", "ck_appeal_subject"),
    *("ck_check_in_place", "ck_check_in_standing", "ck_photo_format", "ck_notice_channel_kind"),
    *("ck_check_in_record", "ck_check_in_source", "ck_check_in_withdrawn", "uq_check_in_record"),
    *("ck_check_in_fence", "ck_photo_taken", "ck_leave_back", "ck_leave_decision"),
    "ck_privacy_notice_version",
    *("ck_leave_half_days", "ck_leave_level", "ck_leave_returned", "ck_leave_status"),
}


def named(table: Table) -> set[str]:
    unique = {str(index.name) for index in table.indexes if index.unique}
    return unique | {
        str(each.name) for each in table.constraints if not isinstance(each, ForeignKeyConstraint) and each.name
    }


def test_every_constraint_has_its_words_or_is_ours():
    unsaid = {
        name
        for table in Base.metadata.sorted_tables
        if table.name not in OURS
        for name in named(table) - UPSERTED - FROM_US - MEANINGS.keys()
    }
    assert not unsaid, "say in app/kernel/constraints.py what each means to a caller, or here that it is ours"


def test_every_meaning_is_of_a_constraint_that_there_is():
    there = {name for table in Base.metadata.sorted_tables for name in named(table)}
    assert MEANINGS.keys() <= there


def test_a_check_is_bad_input_at_a_field_and_the_rest_a_conflict():
    checks = {
        str(each.name)
        for table in Base.metadata.sorted_tables
        for each in table.constraints
        if isinstance(each, CheckConstraint)
    }
    for name, meaning in MEANINGS.items():
        if name in checks:
            assert (meaning.kind, bool(meaning.pointer)) == (INVALID, True), name
        else:
            assert meaning.kind in (CONFLICT, ID_REUSED), name
        assert isinstance(meaning.text, Text) or meaning.kind is ID_REUSED, name


class Broken(Exception):  # noqa: N818 - what is broken is the constraint
    """What the driver raises, as far as it is read."""

    def __init__(self, sqlstate: str, constraint_name: str = "", detail: str = "") -> None:
        self.orig = self
        self.sqlstate, self.constraint_name, self.detail = sqlstate, constraint_name, detail


@pytest.mark.parametrize(
    ("detail", "pointer"),
    [
        ("Key (county_id, household_id)=(451029, 1) is not present", "/household_id"),
        ("Key (county_id, village_id, geofence_version)=(451029, 1, 2) is not present", "/village_id"),
        ("键值对(county_id, unit_id)=(451029, 1)没有在表中出现", "/unit_id"),
        ("Key (county_id)=(451029) is not present", "/county_id"),
    ],
)
def test_what_is_referred_to_and_not_there_is_named(detail: str, pointer: str):
    problem = problem_of(Broken("23503", "fk", detail))  # type: ignore[arg-type]
    assert problem
    assert [error.pointer for error in problem.errors] == [pointer]


@pytest.mark.parametrize(
    "error",
    [
        Broken("23505", "pk_duty"),
        Broken("23514", "ck_flag_status"),
        Broken("23503", "fk_review_county_id_reviewer_id", "Key (county_id, reviewer_id)=(1, 2) is not present"),
        Broken("40001"),
    ],
    ids=lambda error: error.constraint_name or error.sqlstate,
)
def test_what_our_own_code_broke_is_not_the_callers_fault(error: Broken):
    assert problem_of(error) is None  # type: ignore[arg-type]
