"""Stops or destroys the private database servers under var/: `clusters.py stop|destroy`."""

import sys
from pathlib import Path

from app.kernel.cluster import Cluster

for directory in sorted(Path("var").glob("*")):
    if (directory / "data").exists():
        print(f"{sys.argv[1]} {directory}")
        getattr(Cluster(directory), sys.argv[1])()
