"""What the files that `make spec` writes have in common: they are made from the code, or compared with it."""

import importlib
import pkgutil
import sys
from collections.abc import Mapping
from pathlib import Path

import app

ROOT = Path(__file__).parents[1]


def load_everything() -> None:
    """Import all of the application: tables and sets of words are known once their modules are."""
    for module in pkgutil.walk_packages(app.__path__, "app."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)


def write(wanted: Mapping[Path, str]) -> None:
    """Write the files that are not as wanted. With `--check` on the command line, only name them, and fail."""
    stale = [path for path, text in wanted.items() if not path.exists() or path.read_text() != text]
    names = ", ".join(str(path.relative_to(ROOT)) for path in stale)
    if "--check" in sys.argv and stale:
        sys.exit(f"not as the code says: {names}; run `make spec`")
    for path in stale:
        path.write_text(wanted[path])
    if stale:
        print(f"wrote {names}")
