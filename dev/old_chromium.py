"""Fetches Chromium 80, which stands for the WebViews of Android phones of 2020: `python3 dev/old_chromium.py`.

Google deletes old builds; the npm package `chrome-aws-lambda` still carries one, for Linux on x86-64, packed with
Brotli. It is unpacked into `var/` and not installed, which would bring twenty packages more.
"""

import hashlib
import platform
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path

from dev.node import ROOT, WEB, npm

PACKAGE = "chrome-aws-lambda@2.1.1"
SHA256 = "94f8953cd47c3fbd9d0ba8f50d2e5aa4e8136ca52b37e2babcc12e43018ade77"
CHROMIUM = ROOT / "var" / "chromium-80" / "chromium"
UNPACK = """
const { createReadStream, createWriteStream } = require('fs')
const { createBrotliDecompress } = require('zlib')
const [packed, file] = process.argv.slice(1)
createReadStream(packed).pipe(createBrotliDecompress()).pipe(createWriteStream(file, { mode: 0o755 }))
"""


def exists_for_this_machine() -> bool:
    return (platform.system(), platform.machine()) == ("Linux", "x86_64")


def fetch() -> None:
    """Into its place, whole or not at all. Raises `ValueError` where it is not the one that we know."""
    CHROMIUM.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=CHROMIUM.parent) as folder:
        command, environment = npm("pack", "--silent", "--pack-destination", folder, PACKAGE)
        subprocess.run(command, cwd=WEB, env=environment, check=True, stdout=subprocess.DEVNULL)
        (package,) = Path(folder).glob("*.tgz")
        if hashlib.sha256(package.read_bytes()).hexdigest() != SHA256:
            raise ValueError(f"{PACKAGE} is not the package that it was")
        packed, unpacked = Path(folder, "chromium.br"), Path(folder, "chromium")
        with tarfile.open(package) as tar, packed.open("wb") as file:
            member = tar.extractfile("package/bin/chromium.br")
            assert member is not None  # noqa: S101 - by its hash
            shutil.copyfileobj(member, file)
        subprocess.run(["node", "-e", UNPACK, packed, unpacked], env=environment, check=True)
        unpacked.replace(CHROMIUM)


if __name__ == "__main__":
    fetch()
