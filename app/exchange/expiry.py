"""What of this room is deleted for its age."""

from app.exchange.store import expiry as store

BY_AGE = {"import_job": store.DELETE_IMPORTS}
