"""Every package of the application that has tables is a room, with the walls that `lint-imports` checks."""

import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[3]
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
(HOUSE,) = (each for each in CONTRACTS if each["type"] == "rooms")


def test_every_package_with_tables_is_a_room():
    listed = {name.strip() for line in HOUSE["rooms"] for name in line.split("|")}
    assert listed == {models.parent.name for models in (ROOT / "app").glob("*/models.py")}
