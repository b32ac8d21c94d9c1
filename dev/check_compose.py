"""Is compose.yaml sound? Asks docker compose where it is installed, and checks the references in any case."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import yaml

FILE = Path("compose.yaml")
text = FILE.read_text()
compose = yaml.safe_load(text)
services = compose["services"]
wrong = []
for name, service in services.items():
    if not ({"image", "build"} & set(service)):
        wrong.append(f"{name}: neither image nor build")
    for other, how in service.get("depends_on", {}).items():
        if other not in services:
            wrong.append(f"{name}: depends on {other}, which is not there")
        elif how["condition"] == "service_healthy" and "healthcheck" not in services[other]:
            wrong.append(f"{name}: waits for the health of {other}, which has no check")
    wrong += [
        f"{name}: no such volume: {volume}"
        for volume in service.get("volumes", [])
        if not volume.startswith((".", "/", "${")) and volume.split(":")[0] not in compose["volumes"]
    ]
    wrong += [
        f"{name}: no such {kind[:-1]}: {word}"
        for kind in ("networks", "configs")
        for word in (each if isinstance(each, str) else each["source"] for each in service.get(kind, []))
        if word not in compose[kind]
    ]
secrets = set(re.findall(r"\$\{(\w+):\?", text))
wrong += [
    f"{word} has a default"
    for word in re.findall(r"\$\{(\w*(?:PASSWORD|KEY)\w*)(?!:\?)[:}-]", text)
    if word not in secrets
]

if (
    shutil.which("docker")
    and not subprocess.run(["docker", "compose", "version"], check=False, capture_output=True).returncode
):
    asked = subprocess.run(
        ["docker", "compose", "config", "--quiet"],
        env=os.environ | dict.fromkeys(secrets, "x"),
        check=False,
        capture_output=True,
        text=True,
    )
    wrong += asked.stderr.splitlines() if asked.returncode else []
if shutil.which("caddy"):
    caddyfile = re.sub(r"\$\{\w+:-(.*?)\}", r"\1", compose["configs"]["caddyfile"]["content"])
    asked = subprocess.run(
        ["caddy", "adapt", "--config", "/dev/stdin", "--adapter", "caddyfile"],
        input=caddyfile,
        check=False,
        capture_output=True,
        text=True,
    )
    wrong += asked.stderr.splitlines() if asked.returncode else []
sys.exit("\n".join(wrong) or 0)
