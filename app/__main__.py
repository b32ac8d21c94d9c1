"""`python -m app` is `yefang`."""

from app.cli import main

main()
