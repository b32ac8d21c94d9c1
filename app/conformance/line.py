"""What goes over the line: a request, what is answered, and both together."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from pydantic_core import to_json

from app.kernel import patient_json
from app.kernel.language import Language, Text, preferred
from app.kernel.problems import BAD_REQUEST, Problem

JSON = "application/json"
PROBLEM = "application/problem+json"


class HangUp(Exception):  # noqa: N818 - not an error: it is what the line does
    """The connection is cut before anything is answered."""


@dataclass
class Asked:
    """A request. Names of headers in small letters; `values` are those of its path, as {photo_id}."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes
    at: datetime
    values: dict[str, str] = field(default_factory=dict)

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @cached_property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.target).query))

    @cached_property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode(errors="replace")))

    @cached_property
    def json(self) -> Any:
        """Raises `BAD_REQUEST` for what is no JSON."""
        try:
            return patient_json.parse(self.body)
        except ValueError:
            raise Problem(BAD_REQUEST, Text("不是合法的 JSON", "This is not valid JSON")) from None

    @property
    def language(self) -> Language:
        return preferred(self.headers.get("accept-language"))

    @property
    def bearer(self) -> str:
        scheme, _, token = self.headers.get("authorization", "").partition(" ")
        return token if scheme.lower() == "bearer" else ""


@dataclass
class Said:
    """An answer. `body`: bytes as they are, or anything that JSON can say; None for no body at all.

    It is sent after `wait_s` seconds.
    """

    status: int
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    wait_s: int = 0

    @property
    def content(self) -> bytes:
        if self.body is None:
            return b""
        return self.body if isinstance(self.body, bytes) else to_json(self.body)

    def answers(self, asked: Asked, method: str, path: str, status: int) -> bool:
        """Whether it is that status, for that method at a path that begins so."""
        return (asked.method, self.status) == (method, status) and asked.path.startswith(path)

    @classmethod
    def of(cls, problem: Problem, asked: Asked) -> "Said":
        headers = {"Content-Type": PROBLEM}
        if problem.retry_after_s:
            headers["Retry-After"] = str(problem.retry_after_s)
        body = problem.as_dict(asked.language, instance=asked.path)
        return cls(problem.kind.status, body, headers)


@dataclass
class Exchange:
    """A request and what was answered; `said` is None where the line was cut. `trouble` was made on purpose."""

    asked: Asked
    said: Said | None = None
    trouble: str | None = None

    def as_dict(self) -> dict[str, object]:
        return {
            "at": self.asked.at,
            "method": self.asked.method,
            "target": self.asked.target,
            "status": self.said.status if self.said else None,
            "trouble": self.trouble,
            "sent": self.asked.body.decode(errors="replace")[:10_000],
        }


def items(post: Exchange) -> list[Any]:
    """The visits of a request, a batch or a single one; none where it is not JSON."""
    try:
        body = post.asked.json
    except Problem:
        return []
    found = body.get("check_ins", [body]) if isinstance(body, dict) else []
    return found if isinstance(found, list) else []
