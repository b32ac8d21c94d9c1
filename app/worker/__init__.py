"""Door 3: what the clock starts."""

from app.worker.dispatch import dispatch
from app.worker.schedule import run, tick

__all__ = ["dispatch", "run", "tick"]
