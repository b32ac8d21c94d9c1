"""Door 3: what the clock starts."""

from app.worker.schedule import run, tick

__all__ = ["run", "tick"]
