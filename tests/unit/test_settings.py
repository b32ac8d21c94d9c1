"""docs/setup.md names every setting with its default."""

from pathlib import Path

import pytest

from app.settings import Settings

SETUP = (Path(__file__).parents[2] / "docs" / "setup.md").read_text()
MADE_ON_FIRST_USE = "database_url", "secret_key", "photo_store", "vapid_key"


@pytest.mark.parametrize("name", Settings.model_fields)
def test_documented(name):
    field = Settings.model_fields[name]
    assert field.description
    (line,) = [row for row in SETUP.splitlines() if row.startswith(f"| `YEFANG_{name.upper()}`")]
    if name not in MADE_ON_FIRST_USE:
        assert line.split("|")[2].strip() == f"`{field.default}`"
