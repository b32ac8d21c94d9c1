"""Door 3: what the clock starts."""

from app.worker.dispatch import dispatch
from app.worker.schedule import run, tick
from app.worker.sealing import keep_sealing, seal_all

__all__ = ["dispatch", "keep_sealing", "run", "seal_all", "tick"]
