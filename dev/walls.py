"""The walls of the house as one contract of import-linter: a room is one entry in its list (`pyproject.toml`)."""

from collections.abc import Iterator

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output
from importlinter.contracts.forbidden import ForbiddenContract
from importlinter.contracts.layers import LayersContract
from importlinter.contracts.protected import ProtectedContract

INSIDE = ["service", "store", "models", "(rules)"]
HTTP = ["fastapi", "starlette"]


class RoomsContract(Contract):
    """Arrows point down: through the house, and inside every room. Only a room and the reads open its tables.

    `above` and `below` are the layers over and under the rooms, `rooms` their own, from the top down; what
    stands in one line, divided by `|`, does not know each other. Rooms do not speak HTTP.
    """

    type_name = "rooms"

    above = fields.ListField(subfield=fields.StringField())
    rooms = fields.ListField(subfield=fields.StringField())
    below = fields.ListField(subfield=fields.StringField())
    beside = fields.ListField(subfield=fields.StringField())
    ignore_imports = fields.ListField(subfield=fields.StringField(), required=False, default=[])

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        checked = [(part, part.check(graph, verbose)) for part in self._parts()]
        broken = [(part, check) for part, check in checked if not check.kept]
        return ContractCheck(kept=not broken, metadata={"broken": broken})

    def render_broken_contract(self, check: ContractCheck) -> None:
        for part, broken in check.metadata["broken"]:
            output.print_error(part.name)
            part.render_broken_contract(broken)

    def _parts(self) -> Iterator[Contract]:
        above, rooms, below = list(self.above), list(self.rooms), list(self.below)  # type: ignore[call-overload]
        names = [f"app.{name.strip()}" for line in rooms for name in line.split("|")]
        yield LayersContract(
            "the house",
            self.session_options,
            {
                "layers": [*above, *rooms, *below],
                "containers": ["app"],
                "exhaustive": "true",
                "exhaustive_ignores": self.beside,
            },
        )
        yield LayersContract("inside a room", self.session_options, {"layers": INSIDE, "containers": names})
        yield ForbiddenContract(
            "rooms do not speak HTTP",
            self.session_options,
            {"source_modules": names, "forbidden_modules": HTTP},
        )
        for name in names:
            known = [each for each in self.ignore_imports if f"-> {name}." in each]  # type: ignore[attr-defined]
            yield ProtectedContract(
                f"{name}: only its own room and the reads open its tables",
                self.session_options,
                {
                    "protected_modules": [f"{name}.models", f"{name}.store"],
                    "allowed_importers": [name, "app.reads"],
                    "ignore_imports": known,
                },
            )
