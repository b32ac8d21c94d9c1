"""What an app that nobody scripts has broken so far, read from the journal of the mock that it spoke to.

Fewer clauses than with a scripted phone: only what cannot be right whatever the app's user did.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from app.conformance.line import Exchange, items
from app.phone.schemas.checkins import MAX_BATCH, MAX_BATCH_BYTES

_MADE_BY_PHONES = (4, 7)
_OF_ONE = {201: "recorded", 200: "duplicate", 409: "conflict", 422: "invalid"}
_DONE = ("recorded", "duplicate")
_TO_MEND = ("invalid", "conflict")


@dataclass(frozen=True, slots=True)
class Seen:
    """A clause that was broken by what was asked `at` that time."""

    clause: str
    at: datetime
    why: str


def seen(journal: Sequence[Exchange]) -> list[Seen]:
    """In the order of the journal."""
    watched = [_visits(journal), _sizes(journal), _devices(journal), _photos(journal)]
    return sorted((each for found in watched for each in found), key=lambda each: each.at)


def _visits(journal: Sequence[Exchange]) -> Iterator[Seen]:
    """What is sent again, by what it was and by what was answered to it."""
    sent: dict[str, dict[str, Any]] = {}
    answered: dict[str, str] = {}
    for exchange in journal:
        for item, status in _answered(exchange):
            number, at = str(item.get("id")), exchange.asked.at
            if not _is_made_by_a_phone(number):
                yield Seen("SYNC-1", at, f"the id {number} is no UUID of version 4 or 7")
            before, became = sent.get(number), answered.get(number)
            if before is not None and before != item and became != "invalid":
                changed = sorted(name for name in {*before, *item} if before.get(name) != item.get(name))
                yield Seen("SYNC-3", at, f"{number} was sent again with another {', '.join(changed)}")
            if became in _DONE:
                yield Seen("SYNC-7", at, f"{number} was sent again after it was {became}")
            if became in _TO_MEND and before == item:
                yield Seen("SYNC-8", at, f"{number} was sent again as it is after it was {became}")
            sent[number] = item
            if status:
                answered[number] = status


def _answered(exchange: Exchange) -> Iterator[tuple[dict[str, Any], str | None]]:
    """Each visit of a request with the word for it; None where the app was told nothing of it."""
    path, said = exchange.asked.path, exchange.said
    if exchange.asked.method != "POST" or path not in {"/v1/check-ins", "/v1/check-ins/batch"}:
        return
    of_all = said.body.get("results") if said and said.status == 200 and path.endswith("batch") else None
    for index, item in enumerate(items(exchange)):
        if isinstance(item, dict):
            one = None if path.endswith("batch") or said is None else _OF_ONE.get(said.status)
            yield item, of_all[index]["status"] if of_all else one


def _sizes(journal: Sequence[Exchange]) -> Iterator[Seen]:
    for exchange in journal:
        if exchange.asked.path == "/v1/check-ins/batch":
            number, size = len(items(exchange)), len(exchange.asked.body)
            if not 1 <= number <= MAX_BATCH or size > MAX_BATCH_BYTES:
                yield Seen("SYNC-12", exchange.asked.at, f"a batch of {number} items and {size} bytes")


def _devices(journal: Sequence[Exchange]) -> Iterator[Seen]:
    for exchange in journal:
        form = exchange.asked.form if exchange.asked.path == "/v1/auth/token" else {}
        if form.get("grant_type") == "password" and not form.get("device_id"):
            yield Seen("SYNC-23", exchange.asked.at, "a sign-in without a device_id")


def _photos(journal: Sequence[Exchange]) -> Iterator[Seen]:
    bytes_of: dict[str, bytes] = {}
    for exchange in journal:
        asked = exchange.asked
        is_photo = asked.method == "PUT" and asked.path.startswith("/v1/photos/")
        if is_photo and bytes_of.setdefault(asked.path, asked.body) != asked.body:
            yield Seen("PHOTO-2", asked.at, f"{asked.path} was sent again with other bytes")


def _is_made_by_a_phone(value: str) -> bool:
    try:
        return UUID(value).version in _MADE_BY_PHONES
    except ValueError:
        return False
