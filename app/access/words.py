"""The closed sets of words of access."""

from app.kernel.words import Word


class Client(Word):
    """定位应用: a tracking app that a device may be given a key for."""

    OWNTRACKS = "owntracks", "OwnTracks", "OwnTracks"
    TRACCAR = "traccar", "Traccar Client", "Traccar Client"
    OVERLAND = "overland", "Overland", "Overland"
