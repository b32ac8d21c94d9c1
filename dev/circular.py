"""Writes `docs/circular-names.md`: what a template of the circular may name. `--check` only compares."""

from app.console.circular import NAMES, Listed, Name
from dev.generated import ROOT, write

PAGE = ROOT / "docs" / "circular-names.md"
_HEAD = """# What a template of the circular may name

Made by `make spec` from `app/console/circular.py`; change it there. How a template is edited:
[the circular](exports.md#the-countys-own-template). Each name is written `{{ name }}`.
"""
_COLUMNS = "| name | 中文 | meaning | such as |\n|---|---|---|---|"


def main() -> None:
    lines = [_HEAD, _COLUMNS, *(_row(name, each) for name, each in NAMES.items() if isinstance(each, Name))]
    for name, listed in NAMES.items():
        if isinstance(listed, Listed):
            lines += [
                f"\n## {name} {listed.meaning.zh}\n\n`{listed.begin(name)}` … `{listed.end}`: {listed.meaning.en}."
            ]
            lines += ["", _COLUMNS, *(_row(f"{listed.item}.{each}", of) for each, of in listed.names.items())]
            lines += ["| `loop.index` | 第几个 | which one it is | 1 |"]
    write({PAGE: "\n".join(lines) + "\n"})


def _row(name: str, of: Name) -> str:
    return f"| `{name}` | {of.meaning.zh} | {of.meaning.en} | {of.example} |"


if __name__ == "__main__":
    main()
