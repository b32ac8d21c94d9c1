"""Writes the page's types of what goes over the wire from the document of the API. `--check` only compares.

`web/src/shared/api/schema.d.ts` is what openapi-typescript makes of /openapi.json.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from app.main import create_app
from app.settings import Settings
from dev.generated import write
from dev.node import WEB, npm

TYPES = WEB / "src" / "shared" / "api" / "schema.d.ts"


def main() -> None:
    app = create_app(Settings(database_url="postgresql+asyncpg://nobody@nowhere/none", secret_key="k" * 32))
    write({TYPES: types(app.openapi())})


def types(document: object) -> str:
    """The document's schemas and paths as TypeScript."""
    with tempfile.TemporaryDirectory() as folder:
        source, made = Path(folder, "openapi.json"), Path(folder, "schema.d.ts")
        source.write_text(json.dumps(untitled(document)))
        command, environment = npm(
            "exec", "--", "openapi-typescript", str(source), "--output", str(made), "--default-non-nullable=false"
        )
        ran = subprocess.run(command, cwd=WEB, env=environment, capture_output=True, text=True, check=False)
        if ran.returncode:
            sys.exit(ran.stdout + ran.stderr)
        return made.read_text()


def untitled(part: object) -> object:
    """Without the titles that Pydantic makes of names: they would double the length and say nothing."""
    if isinstance(part, dict):
        return {
            key: untitled(value) for key, value in part.items() if key != "title" or not isinstance(value, str)
        }
    return [untitled(each) for each in part] if isinstance(part, list) else part


if __name__ == "__main__":
    main()
