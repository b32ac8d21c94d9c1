"""What of this room is deleted for its age: tracks have a flow of their own, `purge_tracks`."""

from app.tracks import store

BY_AGE = {"stay": store.DELETE_STAYS}
