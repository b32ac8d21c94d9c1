"""What the phones send: whole HTTP requests, rendered before the clock starts."""

import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from app.http.tokens import AccessTokens, Caller
from bench import county
from bench.server import KEY

_CHANCE = random.Random(1)


class Phones:
    """One signed-in phone for each helper; visit after visit goes round all of them."""

    def __init__(self) -> None:
        tokens, now = AccessTokens(KEY, 3600), datetime.now(UTC)
        people = map(county.person_id, range(county.HELPERS))
        self._tokens = [tokens.issue(Caller(county.COUNTY, person, person), now) for person in people]
        self._visits = 0

    def singles(self, count: int, *, poison_every: int = 0) -> list[bytes]:
        """`count` posts of one check-in each, every so manieth poisoned."""
        return [
            self._request("/v1/check-ins", number, [_check_in(number, poison=_hits(at, poison_every))])
            for at, number in enumerate(self._next(count))
        ]

    def batches(self, count: int, size: int) -> list[bytes]:
        """`count` posts of `size` check-ins of one person: what a phone has kept while offline."""
        return [
            self._request(
                "/v1/check-ins/batch", number, [_check_in(number, minutes_ago=ago) for ago in range(size)]
            )
            for number in self._next(count)
        ]

    def _next(self, count: int) -> Iterator[int]:
        for _ in range(count):
            yield self._visits % county.HELPERS
            self._visits += 1

    def _request(self, path: str, number: int, check_ins: list[bytes]) -> bytes:
        joined = b",".join(check_ins)
        body = joined if path == "/v1/check-ins" else b'{"check_ins":[' + joined + b"]}"
        head = (
            f"POST {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {self._tokens[number]}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body


def _hits(at: int, every: int) -> bool:
    return bool(every) and at % every == every // 2


def _check_in(number: int, *, minutes_ago: int = 0, poison: bool = False) -> bytes:
    """Some metres around a house near the middle: no two fixes of a phone are alike, and none is the middle."""
    lon, lat = (degrees + _CHANCE.uniform(4e-4, 6e-4) for degrees in county.middle(number))
    return json.dumps(
        {
            "id": str(uuid4()),
            "captured_at": (datetime.now(UTC) - timedelta(minutes=minutes_ago)).isoformat(),
            "position": {"lon": lon, "lat": lat, "accuracy_m": round(_CHANCE.uniform(5, 30), 3)},
            "purpose": "household_visit",
            "note": "poison" if poison else "",
        }
    ).encode()
