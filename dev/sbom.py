"""What the service is made of, as CycloneDX: `make sbom` writes `var/sbom/python.json` and `var/sbom/web.json`.

From the lock files alone; no registry is asked.
"""

import json
import subprocess
import sys

from dev.node import ROOT, WEB, npm

FOLDER = ROOT / "var" / "sbom"


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    command, environment = npm("sbom", "--sbom-format", "cyclonedx", "--package-lock-only", "--omit", "dev")
    of_python = [sys.executable, "-m", "cyclonedx_py", "requirements", ROOT / "requirements.lock"]
    making = {
        "python": subprocess.Popen(of_python, stdout=subprocess.PIPE),
        "web": subprocess.Popen(command, cwd=WEB, env=environment, stdout=subprocess.PIPE),
    }
    for name, tool in making.items():
        made, _ = tool.communicate()
        parts = json.loads(made)["components"]  # or the tool has said why not
        (FOLDER / f"{name}.json").write_bytes(made)
        print(f"sbom: {FOLDER.relative_to(ROOT)}/{name}.json: {len(parts)} packages")


if __name__ == "__main__":
    main()
