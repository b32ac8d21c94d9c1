"""Ids that the server makes: UUIDv7, so that new rows land side by side in their index."""

from uuid import UUID

from uuid_utils.compat import uuid7


def new_id() -> UUID:
    return uuid7()
