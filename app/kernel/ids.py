"""Ids that the server makes: UUIDv7, so that new rows land side by side in their index."""

from uuid import UUID

from uuid_utils.compat import uuid7


def new_id() -> UUID:
    return uuid7()


# UUIDv7 of `:now` in SQL: 48 bits of milliseconds over a random UUIDv4, whose version digit 4 becomes 7.
NEW_ID = """CAST(encode(set_bit(set_bit(overlay(uuid_send(gen_random_uuid()) PLACING
  substring(int8send(CAST(floor(extract(epoch FROM CAST(:now AS timestamptz)) * 1000) AS bigint)) FROM 3)
  FROM 1 FOR 6), 52, 1), 53, 1), 'hex') AS uuid)"""
