"""What of this room is deleted for its age in the end: photos have a flow of their own, `purge_photos`."""

from app.photos import store

BY_AGE = {"photo": store.DELETE_ROWS}
