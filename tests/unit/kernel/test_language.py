"""Which language a caller is answered in."""

import pytest

from app.kernel.language import preferred
from app.kernel.problems import KINDS


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (None, "zh-CN"),
        ("", "zh-CN"),
        ("en", "en"),
        ("en-GB,zh;q=0.5", "en"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh-CN"),
        ("en;q=0.2, zh-TW;q=0.9", "zh-CN"),
        ("fr, de;q=0.5", "zh-CN"),
        ("fr;q=1.0, en;q=0.1", "en"),
        ("en;q=nonsense", "zh-CN"),
    ],
)
def test_preferred(header: str | None, language: str):
    assert preferred(header) == language


def test_every_problem_has_both_languages():
    assert len(KINDS) > 10
    for kind in KINDS.values():
        assert kind.title.zh
        assert kind.title.en
        assert kind.title.zh != kind.title.en
