"""What is known to be wrong with the packages that are locked, and secrets among our files: `make audit`.

What a source of advisories says fails the audit, unless `dev/audit-exceptions.toml` takes it for now, with a
reason and a last day. A source that cannot be reached is told in capitals and fails nothing.
"""

import hashlib
import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from detect_secrets.core.plugins import initialize
from detect_secrets.core.plugins.util import get_mapping_from_secret_type_to_class
from detect_secrets.settings import transient_settings

from app.kernel.clock import system_clock
from dev.node import ROOT, WEB, npm

EXCEPTIONS = ROOT / "dev" / "audit-exceptions.toml"
PATIENCE_S = 60


class Unreachable(Exception):  # noqa: N818
    """A source of advisories does not answer, or knows none of what it is asked."""


@dataclass(frozen=True)
class Finding:
    """`id` is what an exception names."""

    id: str
    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.id}: {self.where}: {self.what}"


def of_python() -> list[Finding]:
    """What PyPI knows of the packages that the service runs on and is built with. Raises `Unreachable`."""
    lock = ROOT / "requirements-dev.lock"
    audit = (sys.executable, "-m", "pip_audit", "--disable-pip", "--require-hashes", "-r", lock)
    said = _answer([*audit, "--format", "json", "--progress-spinner", "off", "--timeout", "5"])
    return python_findings(said)


def python_findings(said: Mapping[str, Any]) -> list[Finding]:
    """Of pip-audit's JSON. It passes over what the index does not know: of all of it, that is no answer."""
    packages = said.get("dependencies", [])
    if not any("vulns" in package for package in packages):
        raise Unreachable
    return [
        Finding(found["id"], f"{package['name']} {package['version']}", f"mended in {found['fix_versions']}")
        for package in packages
        for found in package.get("vulns", ())
    ]


def of_npm() -> list[Finding]:
    """What the registry knows of the page's packages. Raises `Unreachable`."""
    command, environment = npm("audit", "--json")
    return npm_findings(_answer(command, cwd=WEB, env=environment))


def npm_findings(said: Mapping[str, Any]) -> list[Finding]:
    """Of npm's JSON, each advisory once."""
    if "vulnerabilities" not in said:
        raise Unreachable
    found = {
        advisory["url"].rsplit("/", 1)[-1]: Finding(
            advisory["url"].rsplit("/", 1)[-1], f"{name} {advisory['range']}", advisory["title"]
        )
        for name, package in said["vulnerabilities"].items()
        for advisory in package["via"]
        if isinstance(advisory, dict)  # else the name of the package that it comes by
    }
    return list(found.values())


def _answer(command: Sequence[str | Path], **options: Any) -> dict[str, Any]:
    """What a tool prints as JSON, whatever its exit code. Raises `Unreachable`."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=PATIENCE_S, **options)
        said: dict[str, Any] = json.loads(done.stdout)
    except (subprocess.TimeoutExpired, json.JSONDecodeError):
        raise Unreachable from None
    return said


# By its look: what is called a password is what this service is about, and addresses of documentation are public.
_NOT_BY = {"KeywordDetector", "IPPublicDetector"}
_SUSPECT = re.compile(r"[A-Za-z0-9+/=_-]{20,}|PRIVATE KEY|://[^/\s]+:[^/\s]+@")  # or no detector finds anything
_OF_HASHES = {"requirements.lock", "requirements-dev.lock", "package-lock.json"}


def of_secrets() -> list[Finding]:
    """Keys, tokens and passwords among the files that git holds."""
    held = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    paths = [ROOT / name for name in held.split("\0") if name and Path(name).name not in _OF_HASHES]
    return list(secrets_in(paths))


def secrets_in(paths: Sequence[Path]) -> Iterator[Finding]:
    kinds = {kind.__name__ for kind in get_mapping_from_secret_type_to_class().values()} - _NOT_BY
    with transient_settings({"plugins_used": [{"name": kind} for kind in kinds]}):
        detectors = [initialize.from_plugin_classname(kind) for kind in sorted(kinds)]
        for path in paths:
            try:
                lines = path.read_text().splitlines()
            except (UnicodeDecodeError, FileNotFoundError, IsADirectoryError):
                continue  # a picture; what is deleted and not yet committed
            name = str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else path.name
            for number, line in enumerate(lines, 1):
                for detector in detectors if _SUSPECT.search(line) else ():
                    for found in detector.analyze_line(filename=name, line=line, line_number=number):
                        of = hashlib.sha256((found.secret_value or "").encode()).hexdigest()[:12]
                        yield Finding(f"{name} {of}", f"line {number}", found.type)


def accepted(text: str, today: date) -> tuple[set[str], list[str]]:
    """Ids of exceptions that are good today, and what is wrong with the others."""
    good, wrong = set(), []
    for each in tomllib.loads(text).get("accepted", []):
        if not each.get("reason") or not isinstance(each.get("until"), date):
            wrong.append(f"{each.get('id')}: an exception needs a reason and a last day (until)")
        elif each["until"] < today:
            wrong.append(f"{each['id']}: its exception ended on {each['until']}: {each['reason']}")
        else:
            good.add(each["id"])
    return good, wrong


def main() -> int:
    good, wrong = accepted(EXCEPTIONS.read_text(), system_clock().date())
    sources = {"PyPI's advisories": of_python, "npm's advisories": of_npm, "secrets": of_secrets}
    with ThreadPoolExecutor() as pool:
        asked = {name: pool.submit(source) for name, source in sources.items()}
    for name, answer in asked.items():
        try:
            found = [each for each in answer.result() if each.id not in good]
        except Unreachable:
            print(f"audit: {name.upper()} COULD NOT BE REACHED: NOTHING IS KNOWN OF TODAY'S WEAKNESSES")
            continue
        print(f"audit: {name}: {len(found) or 'nothing'} found")
        wrong += [str(each) for each in found]
    for line in wrong:
        print(f"audit: {line}", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
