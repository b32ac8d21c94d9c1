"""`docs/rights.md` from the code: who may do what, where, and by which routes. `dev/words.py` writes it."""

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from app.directory.rights import RIGHTS, Ability, Reach
from app.directory.words import Role
from app.http.abilities import declared
from app.main import create_app
from app.settings import Settings

PAGE = Path(__file__).parents[1] / "docs" / "rights.md"

_HEAD = """# Rights

Made by `make spec` from the code (`app/directory/rights.py`); change it there. A person has the rights of each
post that they hold today, in its unit; and, with or without one, those of a cadre. What is out of sight is 404,
what may only be looked at 403. A person lies in a unit by their own unit or by the department that sent them; one
stands above those who lie in one's unit, but neither above oneself nor above a peer (`app/directory/scope.py`).

Long leave and second appeals are decided at the same routes as the others. Nobody decides on an appeal about an
act of their own as long as there is, or was when it was done, somebody else above the person; where no other
office is above them, a second appeal goes to whoever decides the first. Who has left may, for 30 days, do what is
`own_afterwards`.

Nobody decides their own case by a detour either. By an account that somebody opened (they issued the code that it
was last opened with, or merged another record into its owner's) nothing is decided or changed about them. What the
office writes, by hand or from a file, changes nothing about the one who writes it: not their person, posts and
assignments, nor the place in the tree of a unit that answers for them, nor the boundary of a village, the point of
a household or the end of either that they answer for.
"""


def page() -> str:
    """Abilities by role, then how far, then the routes."""
    lines = [_HEAD, f"| | | {' | '.join(f'{role.text.en} {role.text.zh}' for role in Role)} |"]
    lines.append("|---" * (2 + len(Role)) + "|")
    for ability, held in RIGHTS.items():
        cells = [held[role].value if role in held else "" for role in Role]
        lines.append(f"| `{ability.value}` | {ability.text.zh}: {ability.text.en} | {' | '.join(cells)} |")
    lines += ["", "## How far", "", "| | 中文 | |", "|---|---|---|"]
    lines += [f"| {reach.value} | {reach.text.zh} | {reach.text.en} |" for reach in Reach]
    lines += ["", "## By which routes", "", "| ability | routes |", "|---|---|"]
    lines += [f"| `{ability.value}` | {', '.join(paths)} |" for ability, paths in _routes()]
    return "\n".join(lines) + "\n"


def _routes() -> Iterator[tuple[Ability, list[str]]]:
    """The paths of each ability that are in the document, without what all of a door begin with."""
    app = create_app(Settings(database_url="postgresql+asyncpg://nobody@nowhere/none", secret_key="k" * 32))
    found: dict[Ability, list[str]] = defaultdict(list)
    for method, path, ability in declared(app.routes):
        operation = f"`{method} {path.replace('/v1/counties/{county_id}', '…')}`"
        if ability and method.lower() in app.openapi()["paths"].get(path, {}) and operation not in found[ability]:
            found[ability].append(operation)
    return ((ability, found[ability]) for ability in RIGHTS if found[ability])
