"""动态口令: six digits from an app on the person's phone, beside the password (TOTP, RFC 6238)."""

import hmac
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import pyotp
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.store import second_factor as store
from app.kernel.language import Text
from app.kernel.problems import CONFLICT, SECOND_FACTOR_NEEDED, SECOND_FACTOR_WRONG, Kind, Problem, invalid

_ISSUER = "夜访"
_STEP_S = 30
_ASTRAY = (0, -1, 1)  # steps by which a phone's clock may be off
_WRONG = Text("动态口令不对，请核对手机时间后输入当前的 6 位数字", "This is not the present code")
_ON_ALREADY = Text("已启用动态口令", "It is on already")


@dataclass(frozen=True, slots=True)
class Made:
    """A secret that is shown this once, as text and as an authenticator app reads it."""

    secret: str
    uri: str


async def make(session: AsyncSession, county_id: str, person_id: UUID, *, name: str, now: datetime) -> Made:
    """A secret to put into the app; it counts from `confirm` on. Raises `CONFLICT` where one counts already."""
    secret = pyotp.random_base32()
    if not await store.PUT.run(session, county_id=county_id, person_id=person_id, secret=secret, now=now):
        raise Problem(CONFLICT, _ON_ALREADY)
    return Made(secret, pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=_ISSUER))


async def confirm(session: AsyncSession, county_id: str, person_id: UUID, *, code: str, now: datetime) -> None:
    """From now on it is asked for. Raises `INVALID` at `/code`."""
    found = await store.HOLD.first(session, county_id=county_id, person_id=person_id)
    step = found and _step(found, code, now)
    if step is None:
        raise invalid("/code", "wrong", _WRONG)
    await store.PASS.run(session, county_id=county_id, person_id=person_id, step=step, now=now)


async def since(session: AsyncSession, county_id: str, person_id: UUID) -> datetime | None:
    """Since when it is asked for; None: it is not."""
    found = await store.HOLD.first(session, county_id=county_id, person_id=person_id)
    return found and found.confirmed_at


async def missing(
    session: AsyncSession, county_id: str, person_id: UUID, *, code: str | None, now: datetime
) -> Kind | None:
    """What is wrong with the code that is offered, if one is asked for. A good one is good once."""
    found = await store.HOLD.first(session, county_id=county_id, person_id=person_id)
    if found is None or found.confirmed_at is None:
        return None
    if not code:
        return SECOND_FACTOR_NEEDED
    step = _step(found, code, now)
    if step is None:
        return SECOND_FACTOR_WRONG
    await store.PASS.run(session, county_id=county_id, person_id=person_id, step=step, now=now)
    return None


async def remove(session: AsyncSession, county_id: str, person_id: UUID) -> None:
    """The password is enough again."""
    await store.REMOVE.run(session, county_id=county_id, person_id=person_id)


def _step(found: store.SecondFactorRow, code: str, now: datetime) -> int | None:
    """Which half minute the code is of, not before the last one used."""
    digits = "".join(unicodedata.normalize("NFKC", code).split()).encode()
    present = int(now.timestamp()) // _STEP_S
    totp = pyotp.TOTP(found.secret)
    for step in (present + astray for astray in _ASTRAY):
        if step > found.last_step and hmac.compare_digest(totp.generate_otp(step).encode(), digits):
            return step
    return None
