"""The words of notices: complete in both languages, and never a coordinate."""

import re
from typing import get_args

import pytest

from app.kernel.language import Language
from app.notices.own_words import EXAMPLE
from app.notices.templates import KINDS, lock_screen, words

ABOUT = EXAMPLE | {
    "person": {"id": "0194", "name": "韦{志}"},
    "post": {"name": "Z{1}"},
    "position": {"lon": 106.22484, "lat": 24.2973},
    "issuer": {"name": "韦{志}"},
    "reason": "1",
    "review": {"name": "有签到到期仍未核实。", "name_en": "Never reviewed."},
    "done": 0,
    "misses": 3,
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("language", get_args(Language))
def test_every_kind_is_said_in_full_and_names_no_place(kind, language):
    said = "".join(words(kind, ABOUT, language))
    assert "106.2" not in said
    assert "24.29" not in said
    assert bool(re.search("[一-鿿]", said.replace("韦{志}", ""))) == (language == "zh-CN")


def test_a_flag_says_who_missed_what_and_how_often():
    assert words("flag_raised", ABOUT, "zh-CN").title == "预警：韦{志} 任务未完成"
    assert words("flag_raised", ABOUT, "zh-CN").body == (
        "韦{志} 11月16日至22日“领导夜访”应完成 1，已完成 0，连续第 3 期未完成。有签到到期仍未核实。"
    )
    assert "Leaders' night visits, 16 to 22 November: 1 owed, 0 done" in words("flag_raised", ABOUT, "en").body


def test_a_locked_screen_does_not_say_what_was_written():
    about = ABOUT | {"reason": "当晚人在利周村"}
    assert "利周村" in words("appeal_upheld", about, "zh-CN").body
    said = lock_screen("appeal_upheld", about, "zh-CN")
    assert "利周村" not in said.title + said.body
    assert said.body.endswith("（详见应用）")
