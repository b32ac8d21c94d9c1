"""A county's own words: nothing but the names that a kind has, and nothing that takes them apart."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.notices.own_words import EXAMPLE, MOST_BODY, placeholders, problem_with
from app.notices.templates import KINDS, Words, template, words

HINTS = Path(__file__).parents[3] / "web/src/shared/i18n/notices.zh.ts"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_the_house_s_own_words_are_good_and_the_preview_fills_them_all(kind, language):
    said = template(kind, language)
    assert problem_with(kind, said.title, most=100) is None
    assert problem_with(kind, said.body, most=MOST_BODY) is None
    assert "—" not in "".join(words(kind, EXAMPLE, language))


def test_what_there_is_to_name():
    assert placeholders("duty_missed") == ("days", "rule", "required", "done", "review", "start", "end")


def test_the_page_says_what_each_name_stands_for():
    hints = re.findall(r"'notices\.place\.(\w+)'", HINTS.read_text(encoding="utf-8"))
    assert sorted(hints) == sorted({name for kind in KINDS for name in placeholders(kind)})


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  ",
        "{",
        "}",
        "{rule",
        "{position}",
        "{rule.__class__}",
        "{rule[0]}",
        "{rule!r}",
        "{rule:>99}",
        "{0}",
        "{}",
        "字" * (MOST_BODY + 1),
    ],
)
def test_what_may_not_be_written(text):
    problem = problem_with("duty_missed", text, most=MOST_BODY)
    assert problem is not None
    assert problem.text.say("zh-CN", **problem.values)
    assert problem.text.say("en", **problem.values)


@given(st.text(alphabet="{}rule.[]!:0 字", max_size=30))
def test_what_is_let_through_can_be_said(text):
    if problem_with("duty_missed", text, most=MOST_BODY) is None:
        words("duty_missed", EXAMPLE, "en", Words("title", text))


def test_a_notice_from_before_the_words_changed_is_still_said():
    assert words("check_in_held", {"check_in_id": "1"}, "en").body.startswith("Your check-in of — counts only")
