"""One reading of phone numbers, however they are typed, pasted or dictated."""

import pytest

from app.directory.phone_numbers import beginning, phone_number


@pytest.mark.parametrize(
    "written",
    [
        "13900000003",
        "+8613900000003",
        "+86 139 0000 0003",
        "0086-139-0000-0003",
        "8613900000003",
        "(+86)139.0000.0003",
        "tel:+86-139-0000-0003",
        "１３９０００００００３",
        "＋８６１３９０００００００３",
        "١٣٩٠٠٠٠٠٠٠٣",
        "139\u2011000\u201400\u2212003",
        "\u202d13900000003\u202c",
        "\ufeff139\u200b0000\u00a00003\u2060",
        " 139\t0000\u30000003\n",
        "1\ufe0f\u20e33900000003",
    ],
)
def test_the_same_number(written: str):
    assert phone_number(written) == "13900000003"


def test_what_is_another_number_stays_another():
    assert phone_number("0776-7201234") == "07767201234"
    assert phone_number("+1 390 000 0003") == "+13900000003"
    assert phone_number("86139000") == "86139000"


def test_what_is_no_number_stays_as_it_was_written():
    assert phone_number("张 三 \u200b") == "张 三"
    assert phone_number("") == ""


def test_the_first_digits_of_one():
    assert [beginning(each) for each in ("139-00", "+86 139", "0086139", "86139", "１３９")] == ["13900"] + [
        "139"
    ] * 4
    assert [beginning(each) for each in ("+86", "86", "张三", "", "+")] == [None] * 5
