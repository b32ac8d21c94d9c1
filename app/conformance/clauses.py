"""The numbered clauses of the phone's contract, read from its pages."""

import re
from dataclasses import dataclass
from pathlib import Path

PAGES = Path(__file__).parents[2] / "mobile_api_spec"

NUMBER = re.compile(r"\*\*([A-Z]+-\d+)\*\* ")
BINDING = re.compile(r"\b(?:MUST|SHOULD)\b")
_BLOCK = re.compile(r"\n\s*\n|\n\s*(?:[-|]|\d+\.) ")  # paragraphs, items of lists, rows of tables
_END = re.compile(r"[.:;](?=\s|$)")


@dataclass(frozen=True, slots=True)
class Clause:
    """One sentence that binds. `id` as in SYNC-3; `page` is where it stands."""

    id: str
    text: str
    page: str

    @property
    def level(self) -> str:
        return "MUST" if "MUST" in self.text else "SHOULD"

    @property
    def binds(self) -> str:
        """Whom: `server` or `phone`."""
        return "server" if self.id.startswith("SERVER-") else "phone"


def blocks(page: str) -> list[str]:
    return [" ".join(block.split()) for block in _BLOCK.split(page)]


def read(folder: Path = PAGES) -> dict[str, Clause]:
    """All clauses by id, in the order of the pages. Of a number that stands twice the first counts."""
    found: dict[str, Clause] = {}
    for page in sorted(folder.glob("*.md")):
        for block in blocks(page.read_text()):
            _, *parts = NUMBER.split(block)
            for number, rest in zip(parts[::2], parts[1::2], strict=True):
                found.setdefault(number, Clause(number, _sentence(rest), page.name))
    return found


def _sentence(text: str) -> str:
    """Up to its end, which comes after the word that binds."""
    binding = BINDING.search(text)
    end = _END.search(text, binding.end() if binding else 0)
    return text[: end.start()] if end else text.strip()
