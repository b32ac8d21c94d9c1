"""Tables of seals: what was sealed when, and what waits for it. How it is done is in `sealing.py`."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, Identity, PrimaryKeyConstraint
from sqlalchemy.dialects.postgresql import ARRAY, BYTEA, TEXT
from sqlalchemy.dialects.postgresql import UUID as PG_UUID
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.database import Base, Timestamp

_IDS = ARRAY(PG_UUID(as_uuid=True))


class Seal(Base):
    """封存: the digests of rows as they were when they were written, or changed with a record of it.

    `hash` is over all of it and the hash before: a chain, of which no link can be changed by itself. `parts` names
    the table of each row, with `.state` for what of it may change. Of a removal on record the digest is empty.
    """

    __tablename__ = "seal"
    __table_args__ = (PrimaryKeyConstraint("county_id", "number"),)
    may = ()  # the owner's function writes it
    lasts = "hashes, of nobody: what evidence is compared with"

    county_id: Mapped[str]
    number: Mapped[int] = mapped_column(BigInteger)
    sealed_at: Mapped[datetime] = mapped_column(Timestamp)
    previous: Mapped[bytes] = mapped_column(BYTEA)
    hash: Mapped[bytes] = mapped_column(BYTEA)
    parts: Mapped[list[str]] = mapped_column(ARRAY(TEXT))
    row_ids: Mapped[list[UUID]] = mapped_column(_IDS)
    digests: Mapped[list[bytes]] = mapped_column(ARRAY(BYTEA))


class Unsealed(Base):
    """待封存: rows that one statement wrote, changed or removed; a trigger writes it, sealing takes it away.

    It is seen once its transaction has committed, so what is sealed is sealed in the order of commits.
    """

    __tablename__ = "unsealed"
    __table_args__ = (PrimaryKeyConstraint("county_id", "tx", "id"),)
    may = ()
    lasts = "ids, until they are sealed: a second"

    county_id: Mapped[str]
    tx: Mapped[int] = mapped_column(BigInteger)  # the transaction
    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True))
    table_name: Mapped[str]
    op: Mapped[str]  # INSERT, UPDATE or DELETE; EMPTIED where `anonymise_evidence` updated them
    row_ids: Mapped[list[UUID]] = mapped_column(_IDS)
