"""What holds, clause by clause: for people and for programs."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Literal

import httpx

from app.conformance.cases import Broken, Case, Skipped
from app.conformance.clauses import Clause

Verdict = Literal["holds", "broken", "not_tried"]


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one clause; `why` where it is broken or was not tried."""

    clause: Clause
    verdict: Verdict
    case: str | None = None
    why: str | None = None

    def as_dict(self) -> dict[str, object]:
        return {
            "id": self.clause.id,
            "level": self.clause.level,
            "page": self.clause.page,
            "text": self.clause.text,
            "result": self.verdict,
            "case": self.case,
            "why": self.why,
        }


@dataclass(frozen=True, slots=True)
class Report:
    """`target` is the URL or the command that was tried."""

    target: str
    results: list[Result]

    @property
    def conforms(self) -> bool:
        """No MUST is broken, and some were tried."""
        tried = [each for each in self.results if each.verdict != "not_tried"]
        return bool(tried) and not any(each.verdict == "broken" and each.clause.level == "MUST" for each in tried)

    def count(self, verdict: Verdict) -> int:
        return sum(each.verdict == verdict for each in self.results)

    def as_dict(self) -> dict[str, object]:
        return {
            "target": self.target,
            "conforms": self.conforms,
            **{verdict: self.count(verdict) for verdict in ("holds", "broken", "not_tried")},
            "clauses": [each.as_dict() for each in self.results],
        }

    def lines(self) -> list[str]:
        """Those that are broken last, where one sees them."""
        order = ("holds", "not_tried", "broken")
        found = [_line(each) for verdict in order for each in self.results if each.verdict == verdict]
        held, broken, rest = (self.count(verdict) for verdict in ("holds", "broken", "not_tried"))
        return [*found, f"{self.target}: {held} clauses hold, {broken} are broken, {rest} were not tried"]


def _line(result: Result) -> str:
    mark = {"holds": "✓", "broken": "✗", "not_tried": "–"}[result.verdict]
    line = f"{mark} {result.clause.id:<10} {result.case or result.clause.text}"
    return f"{line}\n             {result.clause.level}: {result.why}" if result.why else line


def tried(case: Case, clause: Clause, world: Any) -> Result:
    """Play one case in `world`."""
    try:
        case.play(world)
    except Broken as why:
        return Result(clause, "broken", case.name, str(why))
    except Skipped as why:
        return Result(clause, "not_tried", case.name, str(why))
    except httpx.HTTPError as error:
        return Result(clause, "broken", case.name, f"no answer: {type(error).__name__} {error}")
    except (KeyError, TypeError, IndexError, ValueError, AttributeError) as error:
        return Result(clause, "broken", case.name, f"an answer has another shape: {type(error).__name__} {error}")
    return Result(clause, "holds", case.name)


def report(
    target: str,
    clauses: Mapping[str, Clause],
    cases: Mapping[str, Case],
    not_checked: Mapping[str, str],
    world_of: Callable[[Case], AbstractContextManager[Any]],
    at_once: int = 1,
) -> Report:
    """One result for each of `clauses`, in their order; each case is played in a world that is made for it."""

    def result(clause: Clause) -> Result:
        if clause.id not in cases:
            return Result(clause, "not_tried", why=not_checked[clause.id])
        with world_of(cases[clause.id]) as world:
            return tried(cases[clause.id], clause, world)

    with ThreadPoolExecutor(at_once) as threads:
        return Report(target, list(threads.map(result, clauses.values())))
