"""What the audit makes of what its tools say: as they say it, shortened."""

from datetime import date
from pathlib import Path

import pytest

from dev.audit import EXCEPTIONS, Unreachable, accepted, npm_findings, python_findings, secrets_in

KNOWN = {"name": "pillow", "version": "9.0.0", "vulns": [{"id": "PYSEC-2022-10", "fix_versions": ["9.0.1"]}]}
WELL = {"name": "yarl", "version": "1.25.1", "vulns": []}
UNKNOWN = {"name": "rich", "skip_reason": "Dependency not found on PyPI"}
BY = {"via": ["braces"]}
ADVISORY = {"url": "https://github.com/advisories/GHSA-grv7-fg5c-xmjg", "range": "<3.0.3", "title": "Uncontrolled"}


def test_an_advisory_is_found_and_silence_is_no_answer():
    (found,) = python_findings({"dependencies": [KNOWN, WELL, UNKNOWN]})
    assert (found.id, found.where) == ("PYSEC-2022-10", "pillow 9.0.0")
    assert python_findings({"dependencies": [WELL, UNKNOWN]}) == []
    for silent in ({"dependencies": [UNKNOWN]}, {"dependencies": []}, {}):
        with pytest.raises(Unreachable):
            python_findings(silent)
    (found,) = npm_findings({"vulnerabilities": {"braces": {"via": [ADVISORY]}, "micromatch": BY}})
    assert (found.id, found.where) == ("GHSA-grv7-fg5c-xmjg", "braces <3.0.3")
    assert npm_findings({"vulnerabilities": {}}) == []
    with pytest.raises(Unreachable):
        npm_findings({"message": "405 Method Not Allowed", "error": {}})


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("-----BEGIN RSA PRIVATE " + "KEY-----", "Private Key"),
        ("key = 'AKIA" + "Z7QWERTYUIOPASDF'", "AWS Access Key"),
        ("postgresql://yefang:" + "hunter2@db/yefang", "Basic Auth Credentials"),
        (f'YEFANG_SECRET_KEY = "{"9f86d081884c7d65" + "9a2feaa0c55ad015"}"', "Hex High Entropy String"),
    ],
)
def test_a_secret_is_found_and_told_without_itself(tmp_path: Path, line: str, kind: str):
    (tmp_path / "notes.md").write_text(f"# Notes\n\n{line}\n")
    found = list(secrets_in([tmp_path / "notes.md"]))
    assert (found[0].where, found[0].what) == ("line 3", kind)
    assert not any(word in str(found[0]) for word in line.split())


def test_an_exception_has_a_reason_and_ends():
    text = """
accepted = [
  { id = "good", reason = "not called", until = 2026-12-01 },
  { id = "over", reason = "not called", until = 2026-11-01 },
  { id = "no reason", until = 2026-12-01 },
  { id = "no end", reason = "not called" },
]"""
    good, wrong = accepted(text, date(2026, 11, 28))
    assert good == {"good"}
    assert [line.split(":")[0] for line in wrong] == ["over", "no reason", "no end"]


def test_our_own_exceptions_are_whole():
    assert accepted(EXCEPTIONS.read_text(), date(2026, 11, 28))[1] == []
