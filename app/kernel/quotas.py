"""How much one caller may do in a while, kept in the memory of one process: none of it is evidence.

Leaky buckets (GCRA): all that is known of a caller is when their bucket will be empty.
"""

from collections import Counter
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from time import monotonic

from app.kernel.language import Text
from app.kernel.problems import OVER_QUOTA, Problem

_MOST_KNOWN = 20_000  # callers, before those whose buckets are empty are forgotten


@dataclass(slots=True)
class Quota:
    """`size` at once, and as many again in `per_s` seconds. 0: no limit."""

    size: int
    per_s: float
    text: Text | None = None
    clock: Callable[[], float] = monotonic
    _empty_at: dict[Hashable, float] = field(default_factory=dict)

    def check(self, who: Hashable) -> None:
        """Raises `OVER_QUOTA` while the bucket is full."""
        over = self._empty_at.get(who, 0.0) - self.clock() - self.per_s * (self.size - 1) / (self.size or 1)
        if self.size and over > 0:
            raise Problem(OVER_QUOTA, self.text, retry_after_s=int(over) + 1)

    def take(self, who: Hashable) -> None:
        """One of them. Raises `OVER_QUOTA` while the bucket is full."""
        self.check(who)
        self.spend(who)

    def spend(self, who: Hashable, amount: int = 1) -> None:
        """Whether or not there is room: what has been done is counted."""
        if not self.size:
            return
        now = self.clock()
        if len(self._empty_at) > _MOST_KNOWN:
            self._empty_at = {each: at for each, at in self._empty_at.items() if at > now}
        self._empty_at[who] = max(self._empty_at.get(who, 0.0), now) + amount * self.per_s / self.size


@dataclass(slots=True)
class AtOnce:
    """How much of something one caller may have under way. 0: no limit."""

    most: int
    _under_way: Counter[Hashable] = field(default_factory=Counter)

    def take(self, who: Hashable) -> None:
        """A place, until it is left. Raises `OVER_QUOTA` for one too many."""
        if self.most and self._under_way[who] >= self.most:
            raise Problem(OVER_QUOTA, retry_after_s=5)
        self._under_way[who] += 1

    def leave(self, who: Hashable) -> None:
        if self._under_way[who] > 1:
            self._under_way[who] -= 1
        else:
            del self._under_way[who]
