"""A phone under test: a command that keeps a queue, a folder of its own, and a mock that fails as a case wants.

The command is called `COMMAND URL FILE sign-in PHONE PASSWORD`, `COMMAND URL FILE keep` with visits on its
standard input, and `COMMAND URL FILE send`: mobile_api_spec/conformance.md has it in full.
"""

import json
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

from app.conformance.cases import Broken, Skipped, expect
from app.conformance.county import PASSWORD, PEOPLE
from app.conformance.line import Exchange, items
from app.conformance.mock import Mock
from app.conformance.serving import served

FIRST, SECOND = list(PEOPLE)[:2]
_PATIENCE_S = 60.0
_GLANCE_S = 0.02


@dataclass
class Bench:
    """`mock` has seen what the phone sent; its troubles are what goes wrong next."""

    command: list[str]
    mock: Mock
    url: str
    folder: Path

    def trouble(self, script: str, **lasting: Any) -> None:
        """As `Troubles` has it; `clock_off` and `newer` hold from now on."""
        self.mock.troubles.add(script)
        for name, value in lasting.items():
            setattr(self.mock.troubles, name, value)

    def sign_in(self, phone: str = FIRST) -> dict[str, Any]:
        return self.run("sign-in", phone, PASSWORD)

    def keep(self, *visits: dict[str, Any]) -> dict[str, Any]:
        return self.run("keep", said=json.dumps(visits, ensure_ascii=False))

    def send(self, times: int = 1) -> dict[str, Any]:
        """What the last run said."""
        said: dict[str, Any] = {}
        for _ in range(times):
            said = self.run("send")
        return said

    def run(self, *arguments: str, said: str = "") -> dict[str, Any]:
        """The JSON object in the last line that the command prints; raises `Broken` where it takes for ever."""
        try:
            done = subprocess.run(  # noqa: S603 - the command is what its owner wants to be run
                self._called(*arguments),
                input=said,
                capture_output=True,
                text=True,
                timeout=_PATIENCE_S,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise Broken(f"{arguments[0]} took more than {_PATIENCE_S:.0f} s") from None
        return _object(done.stdout)

    def killed(self, *arguments: str, said: str = "", once: str) -> None:
        """Run the command and kill it, `once` it has "spoken" or so many requests were "asked:3"."""
        asked = int(once.partition(":")[2] or 0) + len(self.mock.journal)
        with subprocess.Popen(  # noqa: S603
            self._called(*arguments),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        ) as process:
            stdin, stdout = cast("Any", process.stdin), cast("Any", process.stdout)
            stdin.write(said)
            stdin.close()
            if once == "spoken":
                stdout.readline()
            until = time.monotonic() + _PATIENCE_S
            while once != "spoken" and len(self.mock.journal) < asked and process.poll() is None:
                if time.monotonic() > until:
                    break
                time.sleep(_GLANCE_S)
            process.kill()
        if once != "spoken" and len(self.mock.journal) < asked:
            raise Skipped("the phone did not ask often enough to be killed in the middle")

    def _called(self, *arguments: str) -> list[str]:
        return [*self.command, self.url, str(self.folder / "queue"), *arguments]

    def visit(self, note: str, *, minutes_ago: int = 60, **members: Any) -> dict[str, Any]:
        """As a phone makes it, but for the id, which is the phone's business."""
        captured_at = (self.mock.clock() - timedelta(minutes=minutes_ago)).isoformat(timespec="seconds")
        position = {"lon": 106.22484, "lat": 24.2973, "crs": "wgs84", "accuracy_m": 12.5, "fixed_at": captured_at}
        return {
            "captured_at": captured_at,
            "position": position,
            "purpose": "household_visit",
            "note": note,
            **members,
        }

    def visits(self, number: int, **members: Any) -> list[dict[str, Any]]:
        """The oldest first."""
        return [self.visit(f"visit {each}", minutes_ago=60 + number - each, **members) for each in range(number)]

    @property
    def posts(self) -> list[Exchange]:
        return [each for each in self.mock.journal if each.asked.path.startswith("/v1/check-ins")]

    @property
    def token_requests(self) -> list[Exchange]:
        return [each for each in self.mock.journal if each.asked.path == "/v1/auth/token"]

    def sent(self, note: str | None = None) -> list[dict[str, Any]]:
        """Every visit, as often as it was sent; `note`: only of this one."""
        found = [item for post in self.posts for item in items(post)]
        return found if note is None else [item for item in found if item.get("note") == note]

    def stored(self) -> set[str]:
        """The notes of what the mock holds."""
        return {kept.visit.note for kept in self.mock.check_ins.values()}

    def expect_stored(self, *visits: dict[str, Any]) -> None:
        """Raises `Broken`."""
        missing = [each["note"] for each in visits if each["note"] not in self.stored()]
        expect(not missing, f"{len(missing)} of {len(visits)} visits never arrived, such as {missing[:1]}")


def _object(printed: str) -> dict[str, Any]:
    for line in reversed(printed.splitlines()):
        try:
            found = json.loads(line)
        except ValueError:
            continue
        if isinstance(found, dict):
            return found
    return {}


@contextmanager
def bench(command: list[str], kind: type[Bench] = Bench) -> Iterator[Bench]:
    """Signed in, with nothing in its queue."""
    mock = Mock()
    with tempfile.TemporaryDirectory(prefix="yefang-") as folder, served(mock) as url:
        phone = kind(command, mock, url, Path(folder))
        phone.sign_in()
        yield phone
