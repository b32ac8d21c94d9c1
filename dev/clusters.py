"""The private database servers under var/: `python dev/clusters.py stop | destroy | psql`."""

import os
import sys
from pathlib import Path

from app.kernel.cluster import SUPERUSER, Cluster, ClusterError, demo_url

VAR = Path(os.environ.get("YEFANG_VAR", "var"))


def main() -> None:
    action = sys.argv[1]
    if action == "psql":
        url = (
            os.environ.get("YEFANG_MIGRATION_URL")
            or os.environ.get("YEFANG_DATABASE_URL")
            or demo_url(VAR, SUPERUSER)
        )
        os.execlp("psql", "psql", url.replace("+asyncpg", ""))  # noqa: S606
    for directory in sorted(VAR.iterdir()) if VAR.exists() else []:
        cluster = Cluster(directory)
        if cluster.stop():
            print(f"stopped {directory}")
        if action == "destroy" and (cluster.home / "data").exists():
            cluster.destroy()


try:
    main()
except ClusterError as error:
    sys.exit(str(error))
