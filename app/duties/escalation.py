"""升级: how far up a flag is put, by misses in a row and by the time for which nobody has acknowledged it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Self

from app.kernel.language import Text


@dataclass(frozen=True, slots=True)
class Step:
    """From so many misses in a row: the leaders of so many levels on both lines, and the county office or not."""

    misses: int
    levels: int
    office: bool = False

    @classmethod
    def of(cls, written: Mapping[str, Any]) -> Self:
        """From `{"misses": 3, "levels": 2}`; `"county"` is the leaders of two levels, and the office."""
        levels = written["levels"]
        return cls(written["misses"], 2, office=True) if levels == "county" else cls(written["misses"], levels)

    @property
    def name(self) -> Text:
        """What people call it."""
        if self.office:
            return _OFFICE
        if self.levels <= len(_NAMES):
            return _NAMES[self.levels - 1]
        return Text(_FURTHER.say("zh-CN", n=self.levels - 1), _FURTHER.say("en", n=self.levels - 1))


_NAMES = (Text("直接领导", "the nearest leaders"), Text("上一级领导", "the leaders one level up"))
_FURTHER = Text("上 {n} 级领导", "the leaders {n} levels up")
_OFFICE = Text("县级", "the county")

_STEPS = (Step(1, 1), Step(2, 2), Step(3, 2, office=True))


@dataclass(frozen=True, slots=True)
class Ladder:
    """The steps, lowest first; a flag that nobody acknowledges climbs one each `after`."""

    steps: tuple[Step, ...] = _STEPS
    after: timedelta = timedelta(hours=72)

    def __post_init__(self) -> None:
        """Raises ValueError for steps that do not climb from the first miss on."""
        misses = [step.misses for step in self.steps]
        if not misses or misses[0] != 1 or misses != sorted(set(misses)):
            raise ValueError("the steps begin with the first miss, and each asks for more of them")
        if any(step.levels < 1 for step in self.steps) or self.after <= timedelta(0):
            raise ValueError("a step reaches one level or more, after some time")

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> Self:
        """From `escalation` and `escalate_after_h` of a county's settings. Raises ValueError."""
        steps: Sequence[Mapping[str, Any]] | None = settings.get("escalation")
        try:
            return cls(
                _STEPS if steps is None else tuple(Step.of(step) for step in steps),
                timedelta(hours=settings.get("escalate_after_h", 72)),
            )
        except (TypeError, KeyError, OverflowError) as error:
            raise ValueError("a step is {misses, levels}") from error

    def level(self, misses: int) -> int:
        """The number of the step, from 1, on which a flag of so many misses is raised."""
        return sum(step.misses <= misses for step in self.steps)

    def step(self, level: int) -> Step:
        """The step of that number; the last one, where the ladder has become shorter."""
        return self.steps[min(level, len(self.steps)) - 1]
