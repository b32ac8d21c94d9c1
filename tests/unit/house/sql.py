"""Finds the SQL in the code, and which of its tables are named without their county.

A text is put together as far as constants go; what only a call knows stays as `{}`, so the part that names the
county has to stand in the text itself.
"""

import ast
import importlib
import re
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path

from app.kernel.database import Base

APP = Path(__file__).parents[3] / "app"
OPAQUE = "{}"


@dataclass(frozen=True)
class Sql:
    """One text; `name` is the constant that holds it, or the function that it stands in."""

    file: str
    name: str
    text: str


def growing() -> frozenset[str]:
    """Every table whose rows belong to a county."""
    for models in APP.rglob("models.py"):
        importlib.import_module(".".join(models.relative_to(APP.parent).with_suffix("").parts))
    importlib.import_module("app.kernel.audit")
    return frozenset(name for name, table in Base.metadata.tables.items() if "county_id" in table.columns)


def files(folder: Path = APP) -> list[Path]:
    """Where SQL stands."""
    return sorted(file for file in folder.rglob("*") if file.suffix in (".py", ".sql"))


def texts(file: Path, tables: AbstractSet[str]) -> list[Sql]:
    """The texts of a file of the application that name one of the tables."""
    if file.suffix == ".sql":
        text = re.sub(r"\{[^{}]+\}", OPAQUE, file.read_text(encoding="utf-8"))
        text = re.sub(r"--[^\n]*", "", text)
        return [Sql(str(file.relative_to(APP)), file.stem, text)] if references(text, tables) else []
    where = file.relative_to(APP.parent).with_suffix("")
    module = importlib.import_module(".".join(where.parts))
    return texts_of(file.read_text(), vars(module), tables, str(file.relative_to(APP)))


def texts_of(source: str, names: dict[str, object], tables: AbstractSet[str], file: str = "") -> list[Sql]:
    return [
        Sql(file, name, text) for name, text in _strings(ast.parse(source), names, "") if references(text, tables)
    ]


def _strings(node: ast.AST, names: dict[str, object], name: str) -> Iterator[tuple[str, str]]:
    """The longest string expressions under a node, with the name of what they stand in."""
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return  # a docstring
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        name = node.name
    elif isinstance(node, ast.Assign) and not name and isinstance(node.targets[0], ast.Name):
        name = node.targets[0].id
    text = _text(node, names)
    if text is not None:
        yield name, text
    for child in ast.iter_child_nodes(node):
        if text is None or isinstance(node, ast.FormattedValue):
            yield from _strings(child, names, name)
        else:
            yield from _inside(child, names, name)


def _inside(node: ast.AST, names: dict[str, object], name: str) -> Iterator[tuple[str, str]]:
    """What stands within the braces of a text is a text of its own."""
    if isinstance(node, ast.FormattedValue):
        yield from _strings(node, names, name)
    elif isinstance(node, ast.JoinedStr | ast.BinOp):
        for child in ast.iter_child_nodes(node):
            yield from _inside(child, names, name)


def _text(node: ast.AST, names: dict[str, object]) -> str | None:
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=parts):
            return "".join(_text(part, names) or OPAQUE for part in parts)
        case ast.FormattedValue(value=value):
            return _text(value, names) or _constant(value, names)
        case ast.BinOp(op=ast.Add(), left=left, right=right):
            sides = [_text(side, names) or _constant(side, names) for side in (left, right)]
            return None if sides == [None, None] else "".join(side or OPAQUE for side in sides)
    return None


def _constant(node: ast.AST, names: dict[str, object]) -> str | None:
    """What a name of the module stands for."""
    match node:
        case ast.Name(id=name):
            found = names.get(name)
        case ast.Attribute(value=ast.Name(id=name), attr=attribute):
            found = getattr(names.get(name), attribute, None)
        case _:
            return None
    found = getattr(found, "sql", found)
    return found if isinstance(found, str) else None


_WORD = r"[a-z_][a-z0-9_]*"
_NOT_ALIAS = "(?!(?:on|using|set|where|values|as|select)\\b)"


@dataclass(frozen=True)
class Reference:
    """A table in a FROM, JOIN, INTO, UPDATE or USING, and what it is called there."""

    table: str
    alias: str
    at: int


def references(sql: str, tables: AbstractSet[str]) -> list[Reference]:
    made_here = set(re.findall(rf"\b({_WORD})(?:\s*\([^()]*\))?\s+AS\s+(?:NOT\s+)?(?:MATERIALIZED\s+)?\(", sql))
    found = []
    for hit in re.finditer(
        rf"(?:\b(FROM|JOIN|INTO|UPDATE|USING)|,)\s+({_WORD})\b(?!\s*[.(])(?:\s+AS)?(?:\s+({_WORD})\b)?", sql
    ):
        keyword, table, alias = hit.groups()
        if keyword is None and not (alias and _in_from(sql, hit.start())):
            continue  # a comma between columns
        if table in tables and table not in made_here:
            found.append(Reference(table, alias or table, hit.start(2)))
    into = re.finditer(rf"\bINTO\s+({_WORD})\b(?:\s+AS\s+({_WORD}))?\s*\(", sql)
    return found + [
        Reference(hit.group(1), hit.group(2) or hit.group(1), hit.start(1))
        for hit in into
        if hit.group(1) in tables
    ]


def _in_from(sql: str, at: int) -> bool:
    """Whether the last clause that began before, in the same brackets, is a FROM."""
    start, _ = _brackets(sql, at)
    clauses = re.findall(r"\b(SELECT|FROM|WHERE|SET|BY|RETURNING|VALUES|ON)\b", _flat(sql[start:at]))
    return bool(clauses) and clauses[-1] == "FROM"


def nameless(sql: str, tables: AbstractSet[str]) -> list[str]:
    """What the tables are called that are not tied to one county where they stand."""
    found = references(sql, tables)
    missing = [each.alias for each in found if not _tied(sql, each, found)]
    whole = re.match(r"\s*(SELECT|WITH|INSERT|UPDATE|DELETE)\b", sql)
    return missing or (["(no :county_id)"] if whole and found and ":county_id" not in sql else [])


def _tied(sql: str, one: Reference, all_: list[Reference]) -> bool:
    """By a chain of equations to `:county_id`, or to what is no such table: a query's result, an outer row."""
    start, end = _branch(sql, one.at)
    text = sql[start:end]
    if re.search(r"\bINTO\s+$", sql[: one.at]):
        return bool(re.match(r"\w+(\s+AS\s+\w+)?\s*\(\s*county_id\b", sql[one.at :]))
    aliases = {each.alias for each in all_ if start <= each.at < end}
    own = [each for each in all_ if _branch(sql, each.at) == (start, end)]
    edges = list(_equations(text))
    if len(own) == 1 and re.search(r"(?<![\w.])county_id\s*=\s*:county_id", _flat(text)):
        edges.append((one.alias, ":county_id"))
    if re.search(r"\bUSING\s*\(\s*county_id\b", text):
        edges += [(own[0].alias, name) for name in (*(each.alias for each in own[1:]), *_results(text, aliases))]
    tied = {name for edge in edges for name in edge} - aliases
    while more := {name for edge in edges if tied & set(edge) for name in edge} - tied:
        tied |= more
    return one.alias in tied


def _results(text: str, aliases: AbstractSet[str]) -> list[str]:
    """What stands beside the tables in a join: the results of queries."""
    return [
        alias or name
        for name, alias in re.findall(
            rf"\b(?:FROM|JOIN)\s+({_WORD})\b(?:\s+(?:AS\s+)?{_NOT_ALIAS}({_WORD}))?", text
        )
        if (alias or name) not in aliases
    ]


def _equations(text: str) -> Iterator[tuple[str, str]]:
    side = rf"(?:({_WORD})\.county_id|(:county_id)\b|CAST\((:county_id) AS text\))"
    for hit in re.finditer(rf"{side}\s*=\s*(?={side})", text):
        yield _side(hit.groups()[:3]), _side(hit.groups()[3:])
    # (a.county_id, a.id) = (b.county_id, b.id), or IN (SELECT county_id ...), which is checked where it stands
    for hit in re.finditer(rf"\(\s*{side}\s*,[^()]*\)\s*(?:=|IN)\s*\(\s*(?:SELECT\s+)?(?={side})", text):
        yield _side(hit.groups()[:3]), _side(hit.groups()[3:])


def _side(found: tuple[str | None, ...]) -> str:
    return next(each for each in found if each)


def _brackets(sql: str, at: int) -> tuple[int, int]:
    """From behind the bracket that opens round a place to the one that closes."""
    depth, start = 0, 0
    for place in range(at - 1, -1, -1):
        depth += {")": 1, "(": -1}.get(sql[place], 0)
        if depth < 0:
            start = place + 1
            break
    depth = 0
    for place in range(at, len(sql)):
        depth += {"(": 1, ")": -1}.get(sql[place], 0)
        if depth < 0:
            return start, place
    return start, len(sql)


def _branch(sql: str, at: int) -> tuple[int, int]:
    """The one SELECT of a UNION that a place is in."""
    start, end = _brackets(sql, at)
    cuts = [start + cut.start() for cut in re.finditer(r"\b(UNION|EXCEPT|INTERSECT)\b", _flat(sql[start:end]))]
    return max([start, *(cut for cut in cuts if cut <= at)]), min([end, *(cut for cut in cuts if cut > at)])


def _flat(text: str) -> str:
    """The text with blanks for all that stands in brackets: lengths stay."""
    depth, out = 0, []
    for letter in text:
        depth -= letter == ")"
        out.append(letter if depth <= 0 else " ")
        depth += letter == "("
    return "".join(out)
