"""SQL from files: what is given is what is asked for, and nothing is left that only looks like a fragment."""

from pathlib import Path

import pytest

from app.kernel.sql_files import read


def written(folder: Path, sql: str) -> Path:
    file = folder / "some.sql"
    file.write_text(sql, encoding="utf-8")
    return file


def test_fragments_are_filled_in_and_comments_left_out(tmp_path):
    file = written(tmp_path, "-- why {not}\nSELECT {name}, {sum(a, b)}, '{}' -- here\nFROM t")
    assert read(file, name="x", sum=lambda *of: " + ".join(of)) == "\nSELECT x, a + b, '{}'\nFROM t"


@pytest.mark.parametrize("given", [{}, {"name": "x", "other": "x"}])
def test_a_fragment_missing_or_unused_is_an_error(tmp_path, given):
    with pytest.raises(ValueError, match=r"some\.sql asks for \['name'\]"):
        read(written(tmp_path, "SELECT {name}"), **given)


@pytest.mark.parametrize("sql", ["{name(b}", "{name", "name}", "{ name }", "{name()", "{name(a)(b)}", "{na me}"])
def test_what_only_looks_like_a_fragment_is_an_error(tmp_path, sql):
    with pytest.raises(ValueError, match="has a brace that belongs to no fragment"):
        read(written(tmp_path, f"SELECT {sql}"), name="x")


@pytest.mark.parametrize(("sql", "fragment"), [("{name(a)}", "x"), ("{name}", str.upper)])
def test_text_is_not_called_and_a_function_is(tmp_path, sql, fragment):
    with pytest.raises(ValueError, match="is given"):
        read(written(tmp_path, sql), name=fragment)
