"""手机号 as people type, paste and dictate it, read in one way wherever it is stored or looked for."""

import re
import unicodedata

_SPACING = re.compile(r"[\s.()/·-]")
_ABROAD = re.compile(r"(\+|00)86(?=[0-9])")
_BARE_CODE = re.compile(r"86(?=1[0-9]{10}$)")  # no number within the country begins with 86


def phone_number(written: str) -> str:
    """The number alone: without country code, spacing and invisible marks, in ASCII digits.

    `+86 138-0000-0001`, `0086…`, full-width digits and what a phone book pastes are the same number. What is no
    phone number at all stays as it was written, without what cannot be seen.
    """
    plain = "".join(map(_plain, unicodedata.normalize("NFKC", written))).strip()
    digits = _SPACING.sub("", plain.removeprefix("tel:"))
    if not re.fullmatch(r"\+?[0-9]+", digits):
        return plain
    return _BARE_CODE.sub("", _ABROAD.sub("", digits, count=1), count=1)


def beginning(written: str) -> str | None:
    """As `phone_number`, of the first digits of one; None where there are none to look for."""
    found = phone_number(written)
    return found.removeprefix("86") or None if found.isdecimal() else None


def _plain(sign: str) -> str:
    """Digits of any script as ASCII, any dash as a hyphen; marks and what cannot be seen are nothing."""
    kind = unicodedata.category(sign)
    if kind in ("Cf", "Cc", "Mn", "Me"):
        return " " if sign in "\t\r\n" else ""
    return "-" if kind == "Pd" or sign == "−" else str(unicodedata.decimal(sign, sign))
