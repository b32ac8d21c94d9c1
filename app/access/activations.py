"""Activation codes: how a person gets an account, or a new password, from the office.

A code reads `451029-K7QM-2XPD-9HTV`: the county, and 60 bits in an alphabet without letters that look like digits;
small letters, spaces and other dashes are the same code. The database keeps its SHA-256. It is good once, until it
expires or a later one takes its place.

An account is one person's: names that stand for an office, and numbers that are no mobile phone's, get no code.
"""

import hashlib
import re
import secrets
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.access.settings import AccessSettings
from app.access.store import activations as store
from app.access.store.activations import HolderRow
from app.access.store.activations import PersonRow as PersonRow
from app.directory import service as directory
from app.kernel.ids import new_id
from app.kernel.language import Text
from app.kernel.problems import CONFLICT, FieldError, Problem, invalid

_SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base32
_LOOKALIKES = str.maketrans("OIL", "011")
_LENGTH = 12
_CODE = re.compile(rf"([0-9]{{6}})([{_SIGNS}]{{{_LENGTH}}})")
_MOBILE = re.compile(r"1[3-9][0-9]{9}")
_OFFICES = re.compile(
    r"办公室|扶贫办|党政办|振兴局|专班|值班|账号|帐号|公用|共用|公共|管理员|office|account|admin|shared",
    re.IGNORECASE,
)

_UNKNOWN = Text("激活码不对，请核对后再输入", "This is no activation code of ours; check what you typed")
_USED = Text(
    "激活码已用过。请用手机号和您设置的密码登录；忘记密码请找办公室要新的激活码",
    "This code has been used. Sign in with your phone number and password; the office can give you another code",
)
_REPLACED = Text(
    "激活码已被后来发的代替，请用最新的一个", "A later code has taken this one's place; use the latest"
)
_EXPIRED = Text("激活码已过期，请找办公室要新的", "The code has expired; ask the office for another")
_SHARED = Text(
    "“{name}”不是个人姓名。账号属于个人，不能多人共用：请为每人登记姓名和手机号",
    "“{name}” is no person's name. An account is one person's: register everybody by name and phone number",
)
_NO_MOBILE = Text(
    "登录须用本人的手机号（11 位，以 1 开头）",
    "People sign in with a mobile number of their own (11 digits from 1)",
)


@dataclass(frozen=True, slots=True)
class ActivationCode:
    """The secret on a slip."""

    county_id: str
    secret: str

    def __str__(self) -> str:
        parts = [self.secret[at : at + 4] for at in range(0, _LENGTH, 4)]
        return "-".join((self.county_id, *parts))

    @property
    def hash(self) -> bytes:
        return hashlib.sha256(f"{self.county_id}{self.secret}".encode()).digest()

    @classmethod
    def new(cls, county_id: str) -> Self:
        return cls(county_id, "".join(secrets.choice(_SIGNS) for _ in range(_LENGTH)))

    @classmethod
    def parse(cls, typed: str) -> Self:
        """Raises `INVALID` at `/code` for what cannot be one."""
        signs = unicodedata.normalize("NFKC", typed).upper().translate(_LOOKALIKES)
        found = _CODE.fullmatch("".join(sign for sign in signs if sign.isalnum()))
        if found is None:
            raise invalid("/code", "unknown", _UNKNOWN)
        return cls(*found.groups())


@dataclass(frozen=True, slots=True)
class Issued:
    """A code that was made just now, for whom; it is shown this once."""

    person_id: UUID
    code: str
    expires_at: datetime


def unfit(name: str, phone: str) -> FieldError | None:
    """Why no account can be this person's."""
    if _OFFICES.search(name):
        return FieldError("/name", "shared", _SHARED, {"name": name})
    if not _MOBILE.fullmatch(phone):
        return FieldError("/phone", "no_mobile", _NO_MOBILE)
    return None


async def issue(
    session: AsyncSession, county_id: str, person_ids: Sequence[UUID], *, made_by: UUID | None, now: datetime
) -> list[Issued]:
    """A code for each, in order; their earlier ones are good no more. Who calls has asked `unfit`."""
    county = await directory.county(session, county_id)
    expires_at = now + timedelta(days=county.setting(AccessSettings).activation_d)
    codes = [ActivationCode.new(county_id) for _ in person_ids]
    await store.REPLACE.run(session, county_id=county_id, person_ids=list(person_ids), now=now)
    await store.ISSUE.run(
        session,
        county_id=county_id,
        ids=[new_id() for _ in codes],
        person_ids=list(person_ids),
        code_hashes=[code.hash for code in codes],
        made_by=made_by,
        now=now,
        expires_at=expires_at,
    )
    return [Issued(person_id, str(code), expires_at) for person_id, code in zip(person_ids, codes, strict=True)]


async def holder(session: AsyncSession, code: ActivationCode, *, now: datetime) -> HolderRow:
    """Whose code it is; the row is held. Raises `INVALID` at `/code` where it is good no more."""
    found = await store.HOLDER.first(session, county_id=code.county_id, code_hash=code.hash)
    if found is None:
        raise invalid("/code", "unknown", _UNKNOWN)
    if found.used_at:
        raise invalid("/code", "used", _USED)
    if found.replaced_at:
        raise invalid("/code", "replaced", _REPLACED)
    if found.expires_at <= now:
        raise invalid("/code", "expired", _EXPIRED)
    return found


async def spend(session: AsyncSession, county_id: str, activation_id: UUID, *, now: datetime) -> None:
    """The code is good no more."""
    await store.SPEND.run(session, county_id=county_id, id=activation_id, now=now)


async def without_account(
    session: AsyncSession, county_id: str, paths: Collection[str], *, now: datetime
) -> list[PersonRow]:
    """Who serves today below these units, by unit and name, and cannot sign in yet."""
    today = (await directory.county(session, county_id)).day(now)
    return await store.WITHOUT_ACCOUNT.all(session, county_id=county_id, paths=list(paths), today=today)


async def people(session: AsyncSession, county_id: str, person_ids: Sequence[UUID]) -> list[PersonRow]:
    """These people, as a slip names them."""
    return await store.PEOPLE.all(session, county_id=county_id, person_ids=list(person_ids))


def refuse_unfit(name: str, phone: str) -> None:
    """Raises `CONFLICT` where no account can be this person's."""
    error = unfit(name, phone)
    if error:
        raise Problem(CONFLICT, errors=(error,))
