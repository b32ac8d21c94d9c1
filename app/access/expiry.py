"""What of this room is deleted for its age: table by table, in this order."""

from app.access.store import expiry as store

BY_AGE = {
    "sign_in_event": store.DELETE_SIGN_INS,
    "contact": store.DELETE_CONTACTS,
    "quarantine": store.DELETE_QUARANTINE,
    "activation": store.DELETE_ACTIVATIONS,
    "device_session": store.DELETE_SESSIONS,
    "device": store.DELETE_DEVICES,
}
