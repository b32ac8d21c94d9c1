"""Numbers and times as they are written: one reading, and the true reason where there is none."""

import json
import math
from datetime import UTC, datetime

import pytest

from app.kernel import patient_json
from app.kernel.written import NotAMoment, bare, moment, number, whole, with_plus


@pytest.mark.parametrize(
    ("written", "value"),
    sorted(
        {"24.9": 24.9, " 24.9\n": 24.9, "-1": -1, "+1.5e2": 150, ".5": 0.5, "5.": 5}.items()
        | {"２４.9": 24.9, "٢٤.٩": 24.9, "۲۴.۹": 24.9}.items()
    ),
)
def test_a_number_in_the_digits_of_any_script(written: str, value: float):
    assert number(written) == value


@pytest.mark.parametrize(
    "written",
    ["2_4.9", "24,9", "24.9.1", "nan", "NaN", "inf", "-Infinity", "0x18", "1e999", "{24.9}", "²", "1 2", "", "+"],
)
def test_what_python_alone_or_nobody_reads_is_no_number(written: str):
    assert number(written) is None


def test_whole_numbers_are_plain_digits():
    assert [whole(each) for each in ("10", "-1", "1_0", "1.0", " 10", "１０", "")] == [
        10,
        -1,
        None,
        None,
        None,
        None,
        None,
    ]


@pytest.mark.parametrize(
    ("written", "at"),
    [
        ("2026-11-24T10:00:00+08:00", datetime(2026, 11, 24, 2, tzinfo=UTC)),
        ("2026-11-24t10:00:00z", datetime(2026, 11, 24, 10, tzinfo=UTC)),
        ("2026-11-24 10:00:00.123456789+0800", datetime(2026, 11, 24, 2, 0, 0, 123456, tzinfo=UTC)),
        ("2026-11-24T10:00Z", datetime(2026, 11, 24, 10, tzinfo=UTC)),
        ("2016-12-31T23:59:60Z", datetime(2017, 1, 1, tzinfo=UTC)),  # RFC 3339's own examples
        ("1990-12-31T15:59:60-08:00", datetime(1991, 1, 1, tzinfo=UTC)),
        ("2015-07-01T07:59:60.5+08:00", datetime(2015, 7, 1, tzinfo=UTC)),
    ],
)
def test_a_moment_is_rfc_3339(written: str, at: datetime):
    assert moment(written) == at


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("1795003800", "bad_time"),
        ("-1", "bad_time"),
        ("2026-11-24", "no_offset"),
        ("2026-11-24T10:00:00 PM+08:00", "bad_time"),
        ("۲۰۲۶-۱۱-۲۴T۱۰:۰۰:۰۰+08:00", "bad_time"),
        ("２026-11-24T10:00:00+08:00", "bad_time"),
        ("2026-11-24T10:00:00+08:00\n", "bad_time"),
        ("2026-11-24T10:00:00", "no_offset"),
        ("2026-02-30T10:00:00Z", "no_such_time"),
        ("2026-11-24T24:00:00+08:00", "no_such_time"),
        ("2026-11-24T10:61:00Z", "no_such_time"),
        ("2026-11-24T10:00:61Z", "no_such_time"),
        ("2026-11-24T10:00:00+24:00", "no_such_time"),
        ("0000-11-24T10:00:00Z", "no_such_time"),
        ("2026-11-24T10:00:60+08:00", "no_leap_second"),
        ("2026-03-31T23:59:60Z", "no_leap_second"),
        ("0008-11-24T10:00:00+08:00", "out_of_range"),
        ("2569-11-24T10:00:00+07:00", "out_of_range"),
        ("0001-01-01T00:00:00+08:00", "out_of_range"),
        ("9999-12-31T23:59:59-08:00", "out_of_range"),
    ],
)
def test_what_is_no_moment_is_told_why(written: str, code: str):
    with pytest.raises(NotAMoment) as caught:
        moment(written)
    assert caught.value.code == code
    assert ("RFC 3339" in caught.value.text.en) == (code == "bad_time")


def test_a_plus_that_nobody_escaped_comes_back():
    assert with_plus("2026-11-24T10:00:00 08:00") == "2026-11-24T10:00:00+08:00"
    assert with_plus("2026-11-24 10:00:00.5 0800") == "2026-11-24 10:00:00.5+0800"
    for meant in ("2026-11-24 08:00", "2026-11-24 10:00:00Z", "2026-11-24T10:00:00-08:00", "soon 08:00"):
        assert with_plus(meant) == meant


def test_what_is_pasted_is_bare():
    assert bare("\ufeff４51029.\u200babc \u202adef\n") == "451029.abcdef"


@pytest.mark.parametrize(
    "body",
    [
        b'\xef\xbb\xbf{"a": 1, "b": "x"}',
        '{"a": 1, "b": "x"}'.encode("utf-16"),
        b'{"a": 1, "b": "caf\xe9"}',
        b'{"a": 1, "b": "\\ud83d"}',
        b'{"a": 1, "b": "x\x00\n\x1f"}',
        b'{"a": 1, "b": ' + b"9" * 5000 + b"}",
        b'{"a": 1, "b": 1e999}',
        b'{"a": 1, "b": -Infinity}',
        b'{"a": 1, "b": NaN}',
    ],
)
def test_what_is_odd_in_one_member_leaves_the_others(body: bytes):
    assert patient_json.parse(body)["a"] == 1


@pytest.mark.parametrize("body", [b"", b"{", b'{"a": 1}{}', b"\xff\xfe", b"[" * 100_000, b"a=1"])
def test_what_is_no_json_is_none(body: bytes):
    with pytest.raises(ValueError):  # noqa: PT011 - json's own
        patient_json.parse(body)


def test_patience_reads_what_json_reads():
    said = {"b": [1, -2.5, "夜访", None, True, {"c": {}}], "e": 10**40}
    assert patient_json.parse(json.dumps(said).encode()) == said
    assert math.isinf(patient_json.parse(b'[1e400, "\\ud800"]')[0])
