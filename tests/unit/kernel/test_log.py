"""Log lines: JSON from the level asked for on; whatever is in them, they are written."""

import json
import logging

import pytest
import structlog

from app.kernel import log


@pytest.fixture
def lines(capsys):
    before = structlog.get_config(), logging.getLogger().handlers[:], logging.getLogger().level

    def said() -> list[dict]:
        return [json.loads(line) for line in capsys.readouterr().err.splitlines()]

    yield said
    structlog.configure(**before[0])
    logging.getLogger().handlers[:] = before[1]
    logging.getLogger().setLevel(before[2])


def test_a_line_is_json_with_level_and_time_and_nothing_below_the_level_is_written(lines):
    log.configure("warning")
    ours = structlog.get_logger()
    ours.info("too quiet")
    ours.warning("heard", person="甲")
    logging.getLogger("somebody").warning("heard too")
    assert [(line["event"], line["level"], "timestamp" in line) for line in lines()] == [
        ("heard", "warning", True),
        ("heard too", "warning", True),
    ]


def test_what_is_no_text_and_an_exception_are_written_all_the_same(lines):
    log.configure("info")
    try:
        int("\ud800")
    except ValueError:
        structlog.get_logger().exception("failed", given="\ud800", thing=object)
    (line,) = lines()
    assert line["level"] == "error"
    assert "ValueError" in line["exception"]
