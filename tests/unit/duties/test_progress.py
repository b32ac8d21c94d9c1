"""What a person is told about a duty, in both languages."""

from dataclasses import replace
from datetime import datetime
from typing import get_args
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from app.duties.progress import OUTCOMES, DutyProgress, outcome_text
from app.duties.rules import NightWindow, Period
from app.duties.words import DutyStatus, Excuse, Measure
from app.kernel.language import Language, Text

SHANGHAI = ZoneInfo("Asia/Shanghai")
WEDNESDAY = datetime(2026, 11, 18, 20, 10, tzinfo=SHANGHAI)
DUTY = DutyProgress(
    id=UUID(int=1),
    person_id=UUID(int=2),
    rule_id=UUID(int=3),
    rule_version=1,
    rule_name=Text("领导夜访 {一}", "Night visits {1}"),
    measure="nights",
    night=NightWindow(1110, 1740),
    period=Period.parse("2026-W47"),
    closes_at=datetime(2026, 11, 24, 5, tzinfo=SHANGHAI),
    required=1,
    days=7,
    days_there=7,
    excuse=None,
    calendar_assumed=False,
    tracks_off=False,
    share="cap",
    household_required=False,
    form_required=False,
    min_dwell_min=None,
    done=0,
    pending_review=0,
    status="open",
    last_visit_at=None,
    timezone="Asia/Shanghai",
)


def test_the_duty_is_as_the_contract_has_it():
    assert DUTY.as_dict("zh-CN", WEDNESDAY) == {
        "id": UUID(int=1),
        "rule": {
            "id": UUID(int=3),
            "name": "领导夜访 {一}",
            "measure": "nights",
            "night_window": {"start": "18:30", "until": "05:00"},
        },
        "period": {
            "id": "2026-W47",
            "kind": "week",
            "start": DUTY.period.start,
            "end": DUTY.period.end,
            "closes_at": DUTY.closes_at,
        },
        "required": 1,
        "days": 7,
        "days_there": 7,
        "excuse": None,
        "done": 0,
        "pending_review": 0,
        "review_due_at": None,
        "unreviewed_by": [],
        "status": "open",
        "days_left": 5,
        "explanation": ("11月16日至22日应夜访 1 晚，已完成 0，还剩 5 天；须在 18:30 至次日 05:00 签到方计入。"),
    }


def test_an_english_reader_gets_english():
    shown = replace(DUTY, status="missed", required=2, pending_review=1).as_dict("en", WEDNESDAY)
    assert shown["rule"]["name"] == "Night visits {1}"
    assert shown["explanation"] == (
        "16 to 22 November: 2 night visits owed, 0 done; missed when it closed at 24 November 05:00;"
        " to count, a visit has to be made from 18:30 to 05:00; awaiting review: 1 more."
    )


REVIEWED_BY = datetime(2026, 12, 4, 5, tzinfo=SHANGHAI)
WAITING = replace(DUTY, pending_review=1, review_due_at=REVIEWED_BY)
LEADERS = ({"id": str(UUID(int=8)), "name": "韦志强"}, {"id": str(UUID(int=9)), "name": "黄丽"})


@pytest.mark.parametrize(
    ("duty", "when", "zh", "en"),
    [
        (
            WAITING,
            WEDNESDAY,
            "还剩 5 天；另有 1 次待核实，核实通过即达标。",
            "days left: 5; awaiting review: 1 more, enough to meet it once accepted.",
        ),
        (
            WAITING,
            DUTY.closes_at,
            "暂不定论，12月4日05:00前应核实完毕；另有 1 次待核实，核实通过即达标。",
            "due by 4 December 05:00; awaiting review: 1 more, enough to meet it once accepted.",
        ),
        (
            replace(WAITING, status="missed", unreviewed_by=LEADERS),
            REVIEWED_BY,
            "；另有 1 次待核实，核实通过即达标；到12月4日05:00仍未核实（应由韦志强、黄丽核实）。",
            "by 4 December 05:00 they had not been reviewed (it was for 韦志强, 黄丽 to do).",
        ),
    ],
)
def test_a_duty_that_waits_for_review_says_until_when_and_then_who_never_did(duty, when, zh, en):
    assert duty.explanation("zh-CN", when).endswith(zh)
    assert duty.explanation("en", when).endswith(en)
    assert duty.as_dict("en", when)["review_due_at"] == REVIEWED_BY


@pytest.mark.parametrize(
    ("when", "left"),
    [
        (datetime(2026, 11, 10, 12, tzinfo=SHANGHAI), 7),
        (datetime(2026, 11, 16, 0, 30, tzinfo=SHANGHAI), 7),
        (datetime(2026, 11, 22, 23, 59, tzinfo=SHANGHAI), 1),
        (datetime(2026, 11, 23, 4, 59, tzinfo=SHANGHAI), 1),  # the night of Sunday, on which a visit still counts
        (datetime(2026, 11, 23, 5, 0, tzinfo=SHANGHAI), 0),
    ],
)
def test_days_left_are_local_days_today_included(when, left):
    assert DUTY.days_left(when) == left


def test_without_a_night_past_midnight_a_period_ends_at_midnight():
    sunday, monday = datetime(2026, 11, 22, 23, 59, tzinfo=SHANGHAI), datetime(2026, 11, 23, tzinfo=SHANGHAI)
    for duty in (replace(DUTY, night=None), replace(DUTY, night=NightWindow(1110, 1440))):
        assert (duty.days_left(sunday), duty.days_left(monday)) == (1, 0)


def test_in_the_grace_an_open_duty_says_until_when_to_upload():
    monday = datetime(2026, 11, 23, 9, tzinfo=SHANGHAI)
    assert "11月24日05:00前上传的仍按时计入" in DUTY.explanation("zh-CN", monday)


@pytest.mark.parametrize("language", get_args(Language))
def test_every_status_measure_and_outcome_has_words(language):
    owed = [status for status in DutyStatus if status != "excused"]
    said = {
        replace(DUTY, status=status, measure=measure).explanation(language, WEDNESDAY)
        for status in owed
        for measure in Measure
    }
    assert len(said) == len(owed) * len(Measure)
    excused = [replace(DUTY, status="excused", required=0, excuse=excuse) for excuse in Excuse]
    assert len({duty.explanation(language, WEDNESDAY) for duty in excused}) == len(Excuse)
    assert len({outcome_text(code, language) for code in OUTCOMES}) == len(OUTCOMES)


def test_a_share_and_an_assumed_calendar_are_said():
    part = replace(DUTY, days=22, days_there=19.5, calendar_assumed=True).explanation("zh-CN", WEDNESDAY)
    assert "期内 22 天，在岗 19.5 天，已按此折算" in part
    assert "暂按周一至周五" in part


@pytest.mark.parametrize(
    ("status", "said"), [("open", True), ("missed", True), ("met", False), ("excused", False)]
)
def test_who_is_behind_is_told_what_a_visit_needs_to_count(status, said):
    asked = {"household_required": True, "form_required": True, "min_dwell_min": 30}
    duty = replace(DUTY, status=status, **asked)
    needs = "须填明所走访的农户、填写夜访表、在 18:30 至次日 05:00 签到、在村停留至少 30 分钟方计入"
    assert (needs in duty.explanation("zh-CN", WEDNESDAY)) is said
    needs = (
        "to count, a visit has to name the household, carry the form of a night visit, be made from 18:30 to 05:00"
    )
    assert (needs in duty.explanation("en", WEDNESDAY)) is said


@pytest.mark.parametrize(
    ("share", "measure", "reckoned"),
    [("days", "visits", True), ("cap", "visits", True), ("whole", "visits", False), ("whole", "nights", True)],
)
def test_days_away_are_said_to_be_reckoned_only_where_they_are(share, measure, reckoned):
    """By a `whole` rule of visits, leave of four days takes nothing from what is owed."""
    part = replace(DUTY, days=7, days_there=3, share=share, measure=measure)
    assert ("已按此折算" in part.explanation("zh-CN", WEDNESDAY)) is reckoned
    assert ("不按天数折算" in part.explanation("zh-CN", WEDNESDAY)) is not reckoned
    assert ("takes nothing from it" in part.explanation("en", WEDNESDAY)) is not reckoned


def test_a_rule_that_asks_nothing_of_a_visit_says_nothing_of_it():
    duty = replace(DUTY, measure="visits", night=None)
    assert duty.explanation("en", WEDNESDAY) == "16 to 22 November: 1 visit owed, 0 done; days left: 5."


@pytest.mark.parametrize(("status", "said"), [("open", True), ("missed", True), ("met", False)])
def test_hours_of_which_there_can_be_no_more_are_explained(status, said):
    duty = replace(DUTY, measure="hours_in_village", required=20, status=status, tracks_off=True)
    assert ("no tracks any more" in duty.explanation("en", WEDNESDAY)) is said
    assert ("已停用轨迹" in duty.explanation("zh-CN", WEDNESDAY)) is said
