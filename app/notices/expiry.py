"""What of this room is deleted for its age, table by table."""

from app.notices.store import expiry as store

BY_AGE = {"notice": store.DELETE_NOTICES, "deferred_notice": store.DELETE_DEFERRED}
