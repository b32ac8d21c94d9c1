"""All modules of the house, for tests that look at every one of a kind."""

import importlib
import pkgutil

import app


def import_all():
    return [
        importlib.import_module(found.name)
        for found in pkgutil.walk_packages(app.__path__, "app.")
        if not found.name.endswith("__main__")
    ]
