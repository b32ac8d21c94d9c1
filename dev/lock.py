"""Writes the lock files: exact versions and hashes, no registry's address.

`requirements.lock` is what the service runs on, `requirements-dev.lock` the same and what builds and checks it.
"""

import subprocess
import sys
import tempfile

COMPILE = (
    *("pip", "compile", "--quiet", "--upgrade", "--universal", "--python-version", "3.11", "--generate-hashes"),
    *("--no-header", "--no-annotate", "--no-emit-index-url", "--no-emit-find-links", "pyproject.toml"),
)
LOCKS = {
    "requirements.lock": (),
    "requirements-dev.lock": ("--extra", "dev", "--constraint", "requirements.lock"),
}

with tempfile.TemporaryDirectory() as folder:
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    subprocess.run([f"{folder}/bin/pip", "install", "--quiet", "uv"], check=True)
    for lock, extra in LOCKS.items():
        print(f"lock: {lock}")
        subprocess.run([f"{folder}/bin/uv", *COMPILE, *extra, "-o", lock], check=True)
