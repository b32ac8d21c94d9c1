"""How fast passwords may be guessed.

Each wrong one is a drop into leaky buckets: of the number from one place, of the number from anywhere, and of one
place for all numbers. A full bucket refuses until it has leaked a drop; nothing locks anybody out for good.
"""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Bucket:
    """Holds `size` wrong passwords, and loses one `every` so often."""

    size: int
    every: timedelta


NUMBER_HERE = Bucket(5, timedelta(minutes=3))
"""One phone number, from one network or from one device on which its owner has been signed in before."""
NUMBER = Bucket(100, timedelta(minutes=15))
"""One phone number from all networks; NIST SP 800-63B 3.2.2: no more than 100 in a row. Its owner's devices are
not counted here: strangers who fill it keep nobody out who has signed in before."""
NETWORK = Bucket(1000, timedelta(seconds=10))
"""One network, all numbers: a county's whole staff may stand behind one address on a Monday morning."""
