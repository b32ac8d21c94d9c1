"""Access tokens: a token that was believed once is still refused when it has expired, or is another house's."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from app.http.tokens import AccessTokens, Caller
from app.kernel.problems import NOT_SIGNED_IN, Problem

TOKENS = AccessTokens("for tests only, thirty-two bytes", 60)
CALLER = Caller("451029", UUID(int=1), UUID(int=2))
NOW = datetime(2026, 11, 23, tzinfo=UTC)


def refused(tokens: AccessTokens, token: str, now: datetime) -> bool:
    with pytest.raises(Problem) as problem:
        tokens.read(token, now)
    return problem.value.kind is NOT_SIGNED_IN


def test_a_token_says_who_calls_until_it_expires():
    token = TOKENS.issue(CALLER, NOW)
    assert TOKENS.read(token, NOW) == CALLER
    assert TOKENS.read(token, NOW + timedelta(seconds=59)) == CALLER
    assert refused(TOKENS, token, NOW + timedelta(seconds=60))
    assert TOKENS.read(token, NOW) == CALLER


def test_a_token_of_another_key_and_a_changed_one_are_refused():
    token = TOKENS.issue(CALLER, NOW)
    assert TOKENS.read(token, NOW) == CALLER
    assert refused(replace(TOKENS, key="another key of thirty-two bytes!"), token, NOW)
    head, body, signature = token.split(".")
    assert refused(TOKENS, f"{head}.{body[:-2]}AA.{signature}", NOW)
    assert refused(TOKENS, "", NOW)
