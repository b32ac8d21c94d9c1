"""Every route declares what it lets its caller do, and only the table of rights knows roles."""

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from starlette.routing import Mount

from app.directory.rights import RIGHTS, Ability
from app.http.abilities import declared, needs
from app.main import create_app
from app.settings import Settings
from dev import rights

APP = Path(__file__).parents[3] / "app"
NOT_OURS = {"/openapi.json", "/docs", "/docs/oauth2-redirect"}  # FastAPI's own pages, open to everybody
FILES_ONLY = {"/static-offline-docs", "/assets", "/m/assets"}  # of those pages, and of ours
ASKED_WITHIN = {  # at the routes of others, by what is decided there
    Ability.DECIDE_LONG_LEAVE: Ability.DECIDE_LEAVE,
    Ability.DECIDE_SECOND_APPEALS: Ability.DECIDE_APPEALS,
}
# Where roles may be named beside the table, each with its reason.
KNOW_ROLES = {
    "directory/rights.py": "the table",
    "directory/words.py": "the words themselves",
}
SQL_NAMES_ROLES = {
    ("reads/structure.sql", "held.role = 'leader'"): "who leads a squad or department by the briefing; no right",
    (
        "directory/store/facts.sql",
        "po.role = ANY(:supervising)",
    ): "whose households are theirs: rights.roles(READ)",
    (
        "access/store/sessions.py",
        "po.role = ANY(CAST(:secured AS text[]))",
    ): "of whom a second factor may be wanted: rights.roles(MANAGE_ACCOUNTS)",
    ("directory/store/leaders.py", "post.role IN ('leader', 'office', 'admin')"): "who answers for people",
    ("directory/store/leaders.py", "own.role IN ('leader', 'office', 'admin')"): "whom a peer leads beside",
    (
        "directory/store/leaders.py",
        "post.role = ANY(CAST(:supervising AS text[]))",
    ): "whose power reaches beyond an office's: rights.roles(READ)",
    ("directory/store/leaders.py", "post.role = 'leader'"): "a leader is asked before an office",
    ("notices/store/deliveries.py", "post.role = ANY(CAST(:leading AS text[]))"): "rights.LEADING",
    ("notices/store/summaries.py", "post.role = ANY(CAST(:leading AS text[]))"): "rights.LEADING",
    ("reads/summary.py", "post.role = ANY(CAST(:leading AS text[]))"): "rights.LEADING",
    ("reads/digest.py", "post.role IN ('leader', 'office')"): "who is sent the digest, which is no right",
}


@pytest.fixture(scope="module")
def app() -> FastAPI:
    return create_app(Settings(database_url="postgresql+asyncpg://nobody@nowhere/none", secret_key="k" * 32))


def undeclared(app: FastAPI) -> set[str]:
    return {path for _, path, ability in declared(app.routes) if not ability and path not in NOT_OURS}


def mounts(app: FastAPI) -> set[str]:
    return {str(route.path) for route in app.routes if isinstance(route, Mount)}


def test_every_route_declares_its_ability(app: FastAPI):
    assert undeclared(app) == set()
    assert mounts(app) <= FILES_ONLY
    assert len(list(iter_route_contexts(app.routes))) > 100


def test_a_route_without_one_is_found():
    app = FastAPI(docs_url=None, redoc_url=None)
    app.add_api_route("/bare", lambda: None)
    app.add_api_route("/declared", needs(Ability.PUBLIC)(lambda: None))
    assert undeclared(app) == {"/bare"}


def test_every_ability_is_in_the_table_and_asked_for(app: FastAPI):
    asked = {ability for _, _, ability in declared(app.routes) if ability}
    assert set(RIGHTS) == set(Ability) == asked | set(ASKED_WITHIN)
    assert asked.isdisjoint(ASKED_WITHIN)
    assert asked >= set(ASKED_WITHIN.values())


def test_the_document_says_so(app: FastAPI):
    document = {
        (method.upper(), path): operation["x-ability"]
        for path, operations in app.openapi()["paths"].items()
        for method, operation in operations.items()
    }
    table = {(method, path): ability for method, path, ability in declared(app.routes)}
    assert document == {operation: table[operation] for operation in document}


def test_the_page_is_what_the_code_says():
    assert rights.PAGE.read_text() == rights.page()


def roles_compared(source: str) -> Iterator[str]:
    """Roles compared, or named."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Compare):
            if any(_is_role(side) for side in (node.left, *node.comparators)):
                yield ast.unparse(node)
        elif isinstance(node, ast.Match):
            if _is_role(node.subject):
                yield ast.unparse(node.subject)
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "Role":
            yield ast.unparse(node)
        elif isinstance(node, ast.ImportFrom):
            yield from (name.name for name in node.names if name.name.endswith("_ROLES"))


def _is_role(node: ast.AST) -> bool:
    name = node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
    return name == "role" or name.endswith("_role")


def roles_in_sql(texts: Iterable[str]) -> set[str]:
    value = r"'\w+'|:\w+|\([^)]*\)|ANY ?\((?:CAST\([^)]*\))?[^)]*\)"
    pattern = rf"\b(?:\w+\.)?role (?:=|<>|!=|(?:NOT )?IN|(?:NOT )?LIKE) ?(?:{value})"
    return {found for text in texts for found in re.findall(pattern, text)}


def strings(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def statements() -> Iterator[tuple[str, Iterable[str]]]:
    yield from ((name, strings(source)) for name, source in sources())
    yield from ((str(file.relative_to(APP)), [file.read_text(encoding="utf-8")]) for file in APP.rglob("*.sql"))


def sources() -> Iterator[tuple[str, str]]:
    for file in sorted(APP.rglob("*.py")):
        name = str(file.relative_to(APP))
        if file.name != "models.py" and not name.startswith("demo/"):
            yield name, file.read_text()


def test_only_the_table_of_rights_compares_roles():
    found = {name: list(roles_compared(source)) for name, source in sources() if name not in KNOW_ROLES}
    assert {name: roles for name, roles in found.items() if roles} == {}
    assert {(name, text) for name, texts in statements() for text in roles_in_sql(texts)} == set(SQL_NAMES_ROLES)


@pytest.mark.parametrize(
    "source",
    [
        "post.role == 'office'",
        "post.role in wanted",
        "'leader' != role",
        "def f(post):\n    match post.role:\n        case _: pass",
        "Role.OFFICE",
        "from app.directory.words import OFFICE_ROLES",
    ],
)
def test_a_comparison_is_found(source):
    assert list(roles_compared(source))


@pytest.mark.parametrize("text", ["post.role = 'x'", "role IN ('a', 'b')", "p.role = ANY(:x)", "role <> :role"])
def test_a_role_in_sql_is_found(text):
    assert roles_in_sql(strings(f'Q = "SELECT 1 FROM post WHERE {text}"')) == {text}
