"""What goes wrong on purpose: a list of troubles, of which each request takes the next that is meant for it.

Written `what`, `what=number` or `where:what`, with commas between them: `lost, 503=2, token:lost, ok, deferred`.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from app.conformance.line import PROBLEM, Asked, HangUp, Said
from app.kernel.ids import new_id
from app.kernel.language import Text
from app.kernel.problems import ID_REUSED, UNAVAILABLE, Problem, invalid

if TYPE_CHECKING:
    from app.conformance.mock import Mock

WHERE = {"send": "/v1/check-ins", "token": "/v1/auth/token", "photo": "/v1/photos/", "any": "/"}
WHAT = {
    "ok": "nothing: this request is served",
    "torn": "the connection breaks, and nothing is stored",
    "lost": "all is stored, and the connection breaks before the answer",
    "hang": "all is stored, and the answer takes so many seconds (`hang=30`)",
    "expired": "the access token is no good any more: 401 until it is refreshed",
    "ended": "the session has ended: 401 to everything, the refresh included",
    "deferred": "the first visit sent is not stored, for a reason of the server's own",
    "strange": "the first visit sent is not stored, and has in a batch a status that no app knows",
    "invalid": "the first visit sent is called invalid",
    "conflict": "the first visit sent is called a conflict",
    "large": "413 to a batch of more than so many visits (`large=2`)",
}
_ERRORS = range(400, 600)
_RESULTS = ("deferred", "strange", "invalid", "conflict")
_PRETENDED = Text("由模拟服务器按脚本给出", "Made up by the mock, as its script says")


class UnknownTrouble(ValueError):  # noqa: N818
    """The script has a word that is none; the message says which there are."""


@dataclass(frozen=True)
class Trouble:
    """One of `WHAT`, or an HTTP status of 400 to 599. `number`: seconds (`Retry-After`, `hang`) or visits."""

    where: str
    what: str
    number: int | None = None

    def __str__(self) -> str:
        return f"{self.where}:{self.what}" + (f"={self.number}" if self.number is not None else "")

    @classmethod
    def read(cls, text: str) -> "Trouble":
        """Raises `UnknownTrouble`."""
        where, colon, rest = text.strip().rpartition(":")
        what, equals, number = rest.partition("=")
        where = where or "send"
        known = what in WHAT or (what.isdigit() and int(what) in _ERRORS)
        if where not in WHERE or not known or (equals and not number.isdigit()) or (colon and not where):
            raise UnknownTrouble(
                f"{text.strip()!r}: write [where:]what[=number]; where: {', '.join(WHERE)};"
                f" what: {', '.join(WHAT)}, or a status from 400 to 599"
            )
        return cls(where, what, int(number) if number else None)

    def before(self, mock: "Mock", asked: Asked) -> Said | None:
        """What is answered without anything being stored; None where the request is served."""
        if self.what.isdigit():
            return self._error(int(self.what))
        if self.what == "torn":
            raise HangUp
        if self.what in {"expired", "ended"}:
            session = mock.sessions.of(asked.bearer)
            if self.what == "ended":
                mock.sessions.end(session)
            else:
                session.access_token = None
        if self.what == "large" and len(asked.json.get("check_ins", ())) > (self.number or 1):
            return self._error(413)
        return None

    def after(self, mock: "Mock", asked: Asked, said: Said) -> Said:
        """What becomes of the answer of a request that was served."""
        if self.what == "lost":
            raise HangUp
        if self.what == "hang":
            said.wait_s = self.number or 30
        if self.what not in _RESULTS or said.status >= _ERRORS.start:
            return said
        problem = {
            "invalid": invalid("/note", "pretended", _PRETENDED),
            "conflict": Problem(ID_REUSED),
        }.get(self.what, Problem(UNAVAILABLE, retry_after_s=1))
        single = "results" not in said.body
        first = said.body if single else said.body["results"][0]["check_in"]
        if first:
            mock.check_ins.pop(first["id"], None)
        if single:
            return Said.of(problem, asked)
        status = "postponed_until_tuesday" if self.what == "strange" else self.what
        said.body["results"][0] |= {"status": status, "check_in": None, "problem": problem.as_dict(asked.language)}
        return said

    def _error(self, status: int) -> Said:
        """Of a type that no app knows: it has to go by the status."""
        headers = {"Content-Type": PROBLEM}
        if self.number is not None:
            headers["Retry-After"] = str(self.number)
        body = {
            "type": "/problems/made-up",
            "title": "made up",
            "status": status,
            "detail": _PRETENDED.en,
            "errors": [],
        }
        return Said(status, body, headers)


class Troubles:
    """The list, and what holds for every answer: a clock that is wrong, members that are newer than any app."""

    def __init__(self, script: str = "", *, clock_off: timedelta = timedelta(), newer: bool = False) -> None:
        self._waiting: list[Trouble] = []
        self.clock_off = clock_off
        self.newer = newer
        self.add(script)

    def add(self, script: str) -> None:
        """Raises `UnknownTrouble`."""
        self._waiting += [Trouble.read(each) for each in script.split(",") if each.strip()]

    def next_for(self, asked: Asked) -> Trouble | None:
        for trouble in self._waiting:
            if asked.path.startswith(WHERE[trouble.where]) and asked.method != "GET":
                self._waiting.remove(trouble)
                return trouble
        return None

    def dressed(self, said: Said) -> Said:
        """With members that are newer than any app, where it is to have them."""
        if self.newer and isinstance(said.body, dict):
            said.body = _with_more(said.body)
        return said


def _with_more(value: Any) -> Any:
    """Members that no app knows, in every object of an answer."""
    if isinstance(value, dict):
        return {each: _with_more(of) for each, of in value.items()} | {"added_later": {"by": str(new_id())}}
    return [_with_more(each) for each in value] if isinstance(value, list) else value
