"""The built page at `/`, kept by browsers for as long as it may be."""

from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from app.console.pages import mount_pages


@pytest.fixture
def page(tmp_path: Path) -> Path:
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text("<title>夜访</title>")
    (tmp_path / "icon.svg").write_text("<svg/>")
    (tmp_path / "assets" / "main-abc123.js").write_text("go()")
    return tmp_path


def browser(folder: Path) -> httpx.AsyncClient:
    app = FastAPI()
    mount_pages(app, folder)
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test")


async def test_the_page_is_asked_for_again_and_its_parts_are_not(page: Path):
    async with browser(page) as client:
        home = await client.get("/")
        assert (home.status_code, home.headers["cache-control"]) == (200, "no-cache")
        assert home.headers["content-type"].startswith("text/html")
        icon = await client.get("/icon.svg")
        assert (icon.status_code, icon.headers["content-type"]) == (200, "image/svg+xml")
        part = await client.get("/assets/main-abc123.js")
        assert part.headers["cache-control"] == "public, max-age=31536000, immutable"


@pytest.mark.parametrize("path", ["/index.php", "/assets/gone.js", "/assets/%2e%2e/index.html", "/v1/nothing"])
async def test_nothing_else_is_served(page: Path, path: str):
    async with browser(page) as client:
        assert (await client.get(path)).status_code == 404


async def test_without_a_build_it_says_how_to_make_one(tmp_path: Path):
    async with browser(tmp_path) as client:
        reply = await client.get("/")
    assert reply.status_code == 200
    assert "make setup" in reply.text
