"""The phone app at /m/: a scope of its own for the worker, nothing stale, and nobody else asked for anything."""

from pathlib import Path

import httpx
from fastapi import FastAPI

from app.phone.pages import mount_app


async def test_the_app_is_served_so_that_it_can_be_installed_and_renewed(tmp_path: Path):
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets" / "main-abc123.js").write_text("go()")
    for name in ("index.html", "sw.js", "manifest.webmanifest"):
        (tmp_path / name).write_text("{}")
    app = FastAPI()
    mount_app(app, tmp_path)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        assert (await client.get("/m")).headers["location"] == "/m/"
        for path, kind in {
            "/m/": "text/html; charset=utf-8",
            "/m/sw.js": "text/javascript; charset=utf-8",
            "/m/manifest.webmanifest": "application/manifest+json",
        }.items():
            reply = await client.get(path)
            assert (reply.status_code, reply.headers["content-type"]) == (200, kind)
            assert reply.headers["cache-control"] == "no-cache"
            assert "default-src 'none'" in reply.headers["content-security-policy"]
        part = await client.get("/m/assets/main-abc123.js")
        assert part.headers["cache-control"] == "public, max-age=31536000, immutable"
