"""Door 1b: off-the-shelf tracking apps (OwnTracks, Traccar Client, Overland), each in its own words."""
