"""Finds statements that are asked once for each element of something.

A function asks the database when it executes a statement, opens a transaction, or calls one that does; so a loop
is seen whichever floor it stands on. Calls are followed by name: of imported functions and modules, of one's own,
and of methods by what they are called.
"""

import ast
from collections import defaultdict
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from pathlib import Path

APP = Path(__file__).parents[3] / "app"
_ROOTS = {"execute", "scalars", "scalar", "stream", "transaction"}  # of a session or the database
_STATEMENT = {"all", "first", "one", "run"}  # of a `Statement` or a `Command`, whose first argument is a session
_TASKS = {"gather", "create_task"}
_COMPREHENSIONS = ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp
_LOOPS = ast.For | ast.AsyncFor | ast.While


@dataclass
class Function:
    """`key` is `app.module:name` or `app.module:Class.name`."""

    key: str
    node: ast.AsyncFunctionDef | ast.FunctionDef
    calls: set[str] = field(default_factory=set)
    asks: bool = False


class House:
    """All functions of the code, and which of them ask the database."""

    def __init__(self, sources: Mapping[str, str]) -> None:
        """`sources` by the module's dotted name."""
        self.functions: dict[str, Function] = {}
        self._names: dict[str, dict[str, str]] = {}  # by module: what an imported name stands for
        self._methods: defaultdict[str, set[str]] = defaultdict(set)
        trees = {module: ast.parse(source) for module, source in sources.items()}
        for module, tree in trees.items():
            self._names[module] = dict(_imports(tree))
            for class_name, node in _functions(tree):
                key = f"{module}:{class_name}{node.name}"
                self.functions[key] = Function(key, node)
                if class_name and isinstance(node, ast.AsyncFunctionDef):
                    self._methods[node.name].add(key)
        for function in self.functions.values():
            awaited = _awaited(function.node)
            for call in _awaitable(function.node):
                function.asks |= _executes(call)
                function.calls |= self._called(function.key, call, awaited)
        while more := [f for f in self.functions.values() if not f.asks and any(map(self._asks, f.calls))]:
            for function in more:
                function.asks = True

    def loops(self) -> list[tuple[str, int]]:
        """Functions with a loop that asks once for each element, and the lines of those questions."""
        return sorted(
            {
                (function.key, call.lineno)
                for function in self.functions.values()
                if isinstance(function.node, ast.AsyncFunctionDef)
                for call in _repeated(function.node)
                if _executes(call)
                or any(map(self._asks, self._called(function.key, call, _awaited(function.node))))
            }
        )

    def _asks(self, key: str) -> bool:
        return key in self.functions and self.functions[key].asks

    def _called(self, caller: str, call: ast.Call, awaited: AbstractSet[ast.AST]) -> set[str]:
        """Which functions a call may mean. `map(f, ...)` calls `f`; a method's name alone says little: `get`."""
        target = call.func
        if isinstance(target, ast.Name) and target.id == "map" and call.args:
            target = call.args[0]
        module, _, within = caller.partition(":")
        match target:
            case ast.Name(id=name):
                return {self._names[module].get(name, f"{module}:{name}")}
            case ast.Attribute(value=ast.Name(id="self"), attr=name) if "." in within:
                return {f"{module}:{within.rpartition('.')[0]}.{name}"} | self._methods.get(name, set())
            case ast.Attribute(value=ast.Name(id=of), attr=name) if of in self._names[module]:
                return {f"{self._names[module][of].replace(':', '.')}:{name}"}
            case ast.Attribute(attr=name) if call in awaited:
                return self._methods.get(name, set())
        return set()


def house() -> House:
    return House({_dotted(file): file.read_text() for file in APP.rglob("*.py")})


def _dotted(file: Path) -> str:
    parts = file.relative_to(APP.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _imports(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """What is called what: after `from app.a import b as c`, `c` is the module `app.a.b` or `b` of `app.a`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            for each in node.names:
                yield each.asname or each.name, f"{node.module}:{each.name}"


def _functions(tree: ast.Module) -> Iterator[tuple[str, ast.AsyncFunctionDef | ast.FunctionDef]]:
    for node in tree.body:
        if isinstance(node, ast.AsyncFunctionDef | ast.FunctionDef):
            yield "", node
        if isinstance(node, ast.ClassDef):
            yield from (
                (f"{node.name}.", each)
                for each in node.body
                if isinstance(each, ast.AsyncFunctionDef | ast.FunctionDef)
            )


def _awaitable(node: ast.AsyncFunctionDef | ast.FunctionDef) -> Iterator[ast.Call]:
    """Calls that may wait for the database: those of a plain function where it hands on what is to be awaited."""
    if isinstance(node, ast.AsyncFunctionDef):
        return _calls(node)
    returned = (each.value for each in ast.walk(node) if isinstance(each, ast.Return))
    return (each for each in returned if isinstance(each, ast.Call))


def _awaited(node: ast.AST) -> set[ast.AST]:
    """Calls that are awaited in place, by `gather` or as a task."""
    found: set[ast.AST] = set()
    for each in ast.walk(node):
        if isinstance(each, ast.Await):
            found.add(each.value)
        elif isinstance(each, ast.Call) and getattr(each.func, "attr", "") in _TASKS:
            found |= {inner for argument in each.args for inner in _calls(argument)}
    return found


def _calls(node: ast.AST) -> Iterator[ast.Call]:
    return (each for each in ast.walk(node) if isinstance(each, ast.Call))


def _executes(call: ast.Call) -> bool:
    match call:
        case ast.Call(func=ast.Attribute(attr=name)) if name in _ROOTS:
            return True
        case ast.Call(func=ast.Attribute(attr=name), args=[ast.Name(id="session"), *_]) if name in _STATEMENT:
            return True
    return False


def _repeated(node: ast.AST) -> Iterator[ast.Call]:
    """Calls that are made once for each element."""
    for loop in ast.walk(node):
        if isinstance(loop, _LOOPS):
            for part in loop.body:
                yield from _calls(part)
        elif isinstance(loop, _COMPREHENSIONS):
            first, *others = loop.generators
            parts = [loop.key, loop.value] if isinstance(loop, ast.DictComp) else [loop.elt]
            for part in (*parts, *first.ifs, *others):
                yield from _calls(part)
        elif isinstance(loop, ast.Call) and isinstance(loop.func, ast.Name) and loop.func.id == "map":
            yield loop
