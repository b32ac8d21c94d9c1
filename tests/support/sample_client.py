"""The sample client in Python as a module, and a bench that calls it in this process: a hundred times as fast."""

import importlib.util
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.conformance.bench import Bench

CLIENTS = Path(__file__).parents[2] / "mobile_api_spec" / "clients"
_SPEC = importlib.util.spec_from_file_location("phone_queue", CLIENTS / "phone_queue.py")
phone_queue = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(phone_queue)


@dataclass
class InProcess(Bench):
    """Every command is a `Phone` of its own, that knows only what is in the file. Killed it is as a process."""

    phone = phone_queue.Phone

    def run(self, *arguments: str, said: str = "") -> dict[str, Any]:
        phone = self.phone(self.url, self.folder / "queue")
        command, *words = arguments
        return phone_queue.obey(phone, command, *([phone_queue.json.loads(said)] if command == "keep" else words))
