"""Writes what people read of closed sets of words and of rights. `--check` only compares.

It writes `docs/words.md`, `docs/rights.md` and the page's texts. The sets are the subclasses of
`app.kernel.words.Word`, the other terms the tables' first sentences.
"""

import json
import re

from app.kernel.database import Base
from app.kernel.words import Word
from dev import rights
from dev.generated import ROOT, load_everything, write

GLOSSARY = ROOT / "docs" / "words.md"
TEXTS = ROOT / "web" / "src" / "shared" / "i18n" / "words.ts"

_KNOWN = """\
/** The code among those of a set, if it is one. */
export const knownIn = <Code extends string>(set: readonly Code[], code: string): Code | undefined =>
  set.find((known) => known === code)
"""
HEAD = """# Words

Made by `make spec` from the code; change it there. Names are the field's own, the same in code, database, API and
docs.
"""


def main() -> None:
    load_everything()
    sets = sorted(Word.__subclasses__(), key=lambda each: each.__name__)
    write({GLOSSARY: glossary(sets), TEXTS: texts(sets), rights.PAGE: rights.page()})


def glossary(sets: list[type[Word]]) -> str:
    """Tables, then closed sets with each of their words."""
    lines = [HEAD, "## Things\n", "| name | 中文 | meaning |", "|---|---|---|"]
    for mapper in sorted(Base.registry.mappers, key=lambda each: each.class_.__tablename__):
        term, meaning = described(mapper.class_)
        lines.append(f"| `{mapper.class_.__tablename__}` | {term} | {meaning} |")
    lines.append("\n## Closed sets")
    for each in sets:
        term, meaning = described(each)
        lines += [f"\n### {each.__name__} {term}", f"{meaning}\n", "| code | 中文 | English |", "|---|---|---|"]
        lines += [f"| `{word.value}` | {word.text.zh} | {word.text.en} |" for word in each]
    return "\n".join(lines) + "\n"


def described(thing: type) -> tuple[str, str]:
    """The Chinese term and the meaning in the first paragraph of a docstring, 'term: meaning'."""
    first = " ".join((thing.__doc__ or "").strip().split("\n\n")[0].split())
    found = re.match(r"([^\x00-\x7f][^:.]*)[:.] ?(.*)", first)
    term, meaning = (found[1].strip(), found[2]) if found else ("", first)
    return term, meaning[:1].upper() + meaning[1:]


def texts(sets: list[type[Word]]) -> str:
    """The words as the page's dictionaries have them, `set.code`."""
    keys = [(f"{prefix(each)}.{word.value}", word.text) for each in sets for word in each]
    lines = ["// Made by `make spec` from the closed sets of words in the code; change them there."]
    for name, say in (
        ("wordsZh", lambda text: text.zh),
        ("wordsEn", lambda text: text.en[:1].upper() + text.en[1:]),
    ):
        lines += [
            f"export const {name} = {{",
            *(f"  '{key}': {quoted(say(text))}," for key, text in keys),
            "} as const",
            "",
        ]
    lines += ["/** The codes of each set, in its order. */", "export const codes = {"]
    lines += [f"  {prefix(each)}: [{', '.join(quoted(word.value) for word in each)}]," for each in sets]
    return "\n".join([*lines, "} as const", "", _KNOWN])


def quoted(said: str) -> str:
    """As a string of the page's code, in the page's style."""
    return json.dumps(said, ensure_ascii=False) if "'" in said else f"'{said}'"


def prefix(words: type[Word]) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", words.__name__).lower()


if __name__ == "__main__":
    main()
