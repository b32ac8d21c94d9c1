"""Whose a clocking is: by a number where the report has one; a name is asked about once, and remembered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from app.directory.rows import Person
from app.exchange.service import Names
from app.exchange.tables import Finding
from app.flows.importing.lookup import Lookup
from app.flows.importing.platforms import Clocking
from app.kernel.language import Text

_MOST_NAMED = 20
_WHO = Text(
    "{written}（{rows} 行）：报表里只有姓名，请指明是谁，或不导入此人",
    "{written} ({rows} rows): the report has the name only; say who it is, or leave them out",
)
_OTHER_NAME = Text("这个手机号（工号）登记的是{name}，不是{written}", "The number is {name}'s, not {written}'s")


@dataclass(slots=True)
class Matched:
    """Clockings with their people. `questions`: names that nobody has explained yet; `names`: the others."""

    theirs: list[tuple[Clocking, UUID]] = field(default_factory=list)
    problems: list[Finding] = field(default_factory=list)
    questions: list[dict[str, object]] = field(default_factory=list)
    names: list[dict[str, object]] = field(default_factory=list)
    meant: Names = field(default_factory=dict)  # by these, to be remembered
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class Whose:
    """Who is meant: by phone number or the office's own number; by a name only whom the office has said.

    `answers` come with the file, `remembered` ones from files before. None: left out.
    """

    lookup: Lookup
    answers: Mapping[str, UUID | None]
    remembered: Names

    @classmethod
    def of(cls, lookup: Lookup, options: Mapping[str, object], remembered: Names) -> "Whose":
        said = options.get("people")
        known = {person.id for person in lookup.known.people}
        answers = {
            str(written): UUID(str(answer)) if answer else None
            for written, answer in (said.items() if isinstance(said, dict) else ())
        }
        answers = {name: each for name, each in answers.items() if each is None or each in known}
        return cls(lookup, answers, remembered)

    def match(self, clockings: Sequence[Clocking]) -> Matched:
        made = Matched()
        named: dict[tuple[str, str], list[Clocking]] = {}
        for clocking in clockings:
            found = self._by_number(clocking)
            if found is None:
                named.setdefault((str(clocking.source), clocking.written), []).append(clocking)
            elif found.name == clocking.row.get("name"):
                made.theirs.append((clocking, found.id))
            else:
                about = {"name": found.name, "written": clocking.row.get("name")}
                made.problems.append(clocking.row.finding("name", "other_name", _OTHER_NAME, **about))
        for (source, written), rows in named.items():
            self._by_name(made, source, written, rows)
        return made

    def _by_name(self, made: Matched, source: str, written: str, rows: Sequence[Clocking]) -> None:
        candidates = self.lookup.people_like(str(rows[0].row.get("name")))[:_MOST_NAMED]
        about: dict[str, object] = {
            "written": written,
            "rows": len(rows),
            "candidates": [self._candidate(person) for person in candidates],
        }
        if written in self.answers:
            answer = self.answers[written]
        elif self._still(source, written, rows):
            answer = self.remembered[source, written]
        else:
            said = {"written": written, "rows": len(rows)}
            made.problems.append(rows[0].row.finding("name", "which_person", _WHO, **said))
            made.questions.append(about)
            return
        made.meant[source, written] = answer
        if answer:
            made.theirs += [(clocking, answer) for clocking in rows]
        else:
            made.left_out += len(rows)
        person = self._candidate(self.lookup.people[answer]) if answer else None
        made.names.append(about | {"person": person, "remembered": written not in self.answers})

    def _still(self, source: str, written: str, rows: Sequence[Clocking]) -> bool:
        """Whether what was remembered holds for these: of who did not serve then it is asked anew."""
        if (source, written) not in self.remembered:
            return False
        answer = self.remembered[source, written]
        if answer is None:
            return True
        person = self.lookup.people.get(answer)
        return person is not None and all(
            person.from_date <= row.at.date() and (person.until_date is None or row.at.date() < person.until_date)
            for row in rows
        )

    def _by_number(self, clocking: Clocking) -> Person | None:
        for written in (str(said) for key in ("phone", "number", "account") if (said := clocking.row.get(key))):
            found = self.lookup.holder(written, clocking.at.date()) or self.lookup.by_number.get(written)
            if found:
                return found
        return None

    def _candidate(self, person: Person) -> dict[str, object]:
        unit = self.lookup.units.get(person.unit_id)
        return {
            "id": str(person.id),
            "name": person.name,
            "phone": person.phone,
            "unit": unit.name if unit else "",
        }
