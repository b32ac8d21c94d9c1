"""Writes `docs/personal-data.md`: every personal table and column, from the catalogue. `--check` only compares."""

from app.flows.delete_expired import FINALLY, times
from app.flows.personal_data import NOBODYS, PERSONAL, WITH_ANOTHER, Held
from app.kernel import tables
from app.kernel.database import Base
from dev.generated import ROOT, write

PAGE = ROOT / "docs" / "personal-data.md"
_HEAD = """# Personal data, table by table

Made by `make spec` from `app/flows/personal_data.py` and the models; change it there. What is promised about it,
and where it is held to, is on the [page about privacy](privacy.md); times are [settings](settings.md).

Of a person who is made anonymous **what goes** is emptied, or goes with its row; the rest stays under an id and
no name. *Handed to nobody* are secrets by which one signs in, and what concerns others beside one.
"""


def main() -> None:
    tables.tables()
    lasts = {each.class_.__tablename__: each.class_.lasts for each in Base.registry.mappers}
    lines = [_HEAD]
    for name, held in PERSONAL.items():
        lines += [f"## `{name}` {held.purpose.zh}\n", *_about(name, held, lasts[name]), ""]
    lines += ["## Tables that name nobody themselves, or others\n"]
    lines += [f"- `{name}`: {why}" for name, why in WITH_ANOTHER.items()]
    lines += ["", "## Tables of nobody\n", ", ".join(f"`{name}`" for name in sorted(NOBODYS)) + "."]
    write({PAGE: "\n".join(lines).rstrip() + "\n"})


def _about(name: str, held: Held, lasts: str | None) -> list[str]:
    kept = f"`{times()[name]}`" if name in times() else lasts
    if name in FINALLY:
        kept = f"{kept}; the row `{FINALLY[name]}`"
    goes = "the row" if held.go else _names(held.gone) or "nothing"
    return [
        f"- what for: {held.purpose.en}",
        f"- basis: {held.basis.text.en}; {held.basis.text.zh}",
        f"- kept: {kept}",
        f"- seen by: {held.seen_by.en}",
        f"- of the person in: `{held.of}`; stays: {_names(held.stays) or 'nothing'}",
        f"- what goes: {goes}{f' ({_names(held.gone)})' if held.go and held.gone else ''}",
        *([f"- handed to nobody: {_names(held.secret)}"] if held.secret else []),
    ]


def _names(columns: str) -> str:
    return ", ".join(f"`{each}`" for each in columns.split())


if __name__ == "__main__":
    main()
