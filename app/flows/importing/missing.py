"""What a file leaves out: those that are there, in what it is about, and in none of its rows.

A list of one township says nothing about another's people, and one of helpers nothing about leaders. Nobody ends
by being left out: only where the office asks for it, from a day on, with the list before its eyes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any
from uuid import UUID

from app.directory.rights import Ability, of_roles, roles
from app.directory.rows import Assignment, Household, Person, Post, Unit, Village
from app.exchange.cells import Bad
from app.exchange.tables import Finding, Row
from app.flows.importing.lookup import Lookup
from app.kernel.language import Language, Text

MOST_NAMED = 20
OWN = Bad("own", Text("是您本人，不能由本人结束", "This is yourself: somebody else has to end it"))
OFFICE = Bad(
    "office", Text("是办公室或管理员账号，请在花名册逐人办理", "An office account: end it by hand in the roster")
)
_LATER = Text("{begun} 才开始", "It begins on {begun}")
_SOONER = Text("{until} 已经结束", "It ends on {until} already")
_NOT_ENDED = Text("{left_out}没有结束：", "{left_out} does not end: ")
_WHOLE = Text(
    "文件里有直接归“{unit}”的人，所以全县的人都算在这份名单的范围内。只是一部分人的名单，请不要选“结束”",
    "Somebody in the file stands in {unit} itself, so the list is taken for one of the whole county. Where it is a"
    " list of some, end nobody by it",
)


@dataclass(frozen=True, slots=True)
class Ending:
    """What the office asks: whatever is left out ends from a day on, but for what it keeps.

    `seen`: those that the dry run said would end, and no others do when it is applied; None: this is the dry run.
    """

    from_date: date
    keep: frozenset[str] = frozenset()
    seen: frozenset[str] | None = None

    def ends(self, row_id: str) -> bool:
        return row_id not in self.keep and (self.seen is None or row_id in self.seen)


def asked_ending(options: Mapping[str, Any], seen: Sequence[Mapping[str, Any]] | None) -> Ending | None:
    """As the options of a job say; `seen` is what `Compared.rows` gave."""
    said = options.get("ending")
    if not said:
        return None
    shown = None if seen is None else frozenset(str(row["id"]) for row in seen if row["ends"])
    return Ending(date.fromisoformat(said["from_date"]), frozenset(said["keep"]), shown)


Lasting = Person | Village | Household | Assignment


@dataclass(frozen=True, slots=True)
class Missing:
    """Something left out: `about` tells two of one name apart, `why` says what keeps it from ending."""

    table: str
    row: Lasting
    name: str
    about: str
    why: Bad | None = None
    ends: bool = False

    def under(self, ending: Ending) -> "Missing":
        why = self.why or _at_another_time(self.row, ending.from_date)
        return replace(self, why=why, ends=not why and ending.ends(str(self.row.id)))


def _at_another_time(row: object, day: date) -> Bad | None:
    begun: date | None = getattr(row, "from_date", None)
    until: date | None = getattr(row, "until_date", None)
    if begun and begun >= day:
        return Bad("later", _LATER, begun=begun)
    return Bad("sooner", _SOONER, until=until) if until and until <= day else None


@dataclass(slots=True)
class Compared:
    """All that a file leaves out, `among` what; `whole`: the unit by which it is about the whole county."""

    found: list[Missing] = field(default_factory=list)
    among: Text | None = None
    whole: Unit | None = None
    ending: Ending | None = None

    def told(self) -> dict[str, object]:
        """For the summary of an import."""
        ended = sum(each.ends for each in self.found)
        ending = self.ending and {"from_date": self.ending.from_date, "ended": ended}
        return {
            "gone": len(self.found),
            "gone_named": [each.name for each in self.found[:MOST_NAMED]],
            "gone_among": self.among and {"zh": self.among.zh, "en": self.among.en},
            "ending": ending,
        }

    def rows(self) -> list[dict[str, object]]:
        """The whole list, to be kept."""
        return [
            {
                "id": str(each.row.id),
                "name": each.name,
                "about": each.about,
                "ends": each.ends,
                "why": each.why
                and {language: each.why.text.say(said, **each.why.values) for language, said in _LANGUAGES},
            }
            for each in self.found
        ]

    def notes(self) -> list[Finding]:
        """What is to be known of it; of each that cannot end, why."""
        notes = []
        if self.whole and self.found:
            notes.append(Finding("", None, None, "whole_county", _WHOLE, {"unit": self.whole.name}))
        for each in self.found if self.ending else ():
            if each.why:
                said = Text(_NOT_ENDED.zh + each.why.text.zh, _NOT_ENDED.en + each.why.text.en)
                about = {**each.why.values, "left_out": each.name}
                notes.append(Finding("", None, None, each.why.code, said, about))
        return notes


_LANGUAGES: tuple[tuple[str, Language], ...] = (("zh", "zh-CN"), ("en", "en"))


def offices(posts: Sequence[Post], today: date) -> set[UUID]:
    """Who holds a post of an office, or will."""
    held = of_roles(roles(Ability.MANAGE_ACCOUNTS), posts)
    return {post.person_id for post in held if post.until_date is None or post.until_date > today}


def stands_in(path: str, named: set[str]) -> bool:
    """Whether a unit is one of those named, or below one; by their paths."""
    codes = path.split(".")
    return any(".".join(codes[:depth]) in named for depth in range(1, len(codes) + 1))


def some(names: Sequence[str]) -> str:
    """The first of many names."""
    return "、".join(names[:MOST_NAMED]) + ("……" if len(names) > MOST_NAMED else "")


class AboutVillages:
    """Which villages a file is about: those of its rows, and all of the townships that rows name."""

    def __init__(self) -> None:
        self._villages: dict[str, str] = {}
        self._townships: set[str] = set()

    def take(self, row: Row, village: Village) -> None:
        self._villages[village.id] = village.name
        if row.get("township"):
            self._townships.add(village.township_id)

    def has(self, village: Village) -> bool:
        return village.id in self._villages or village.township_id in self._townships

    def said(self, lookup: Lookup) -> Text:
        said = some(sorted([lookup.townships[each] for each in self._townships]) + list(self._villages.values()))
        return Text(said, said)
