"""Every package of the application that has tables is a room, with the walls that `lint-imports` checks."""

import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[3]
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
ROOMS = {models.parent.name for models in (ROOT / "app").glob("*/models.py")}


def test_inside_every_room_the_arrows_point_down():
    (inside,) = (each for each in CONTRACTS if each["name"].startswith("inside a room"))
    assert {f"app.{room}" for room in ROOMS} <= set(inside["containers"])


def test_every_rooms_tables_are_opened_by_itself_and_the_reads_alone():
    protected = {
        module: set(each["allowed_importers"])
        for each in CONTRACTS
        for module in each.get("protected_modules", ())
    }
    stores = {
        f"app.{room}.{file.stem}"
        for room in ROOMS
        for file in (ROOT / "app" / room).glob("*.py")
        if file.stem == "models" or file.stem.split("_")[0] == "store"
    }
    wrong = {name for name in stores if protected.get(name) != {name.rpartition(".")[0], "app.reads"}}
    assert wrong == set()
