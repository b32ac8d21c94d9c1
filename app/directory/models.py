"""Tables of the directory: the county, its responsibility tree, its people and its places."""

from datetime import date, datetime
from uuid import UUID

from geoalchemy2 import Geometry
from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    PrimaryKeyConstraint,
    UniqueConstraint,
    literal_column,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, ExcludeConstraint
from sqlalchemy.dialects.postgresql import UUID as PG_UUID
from sqlalchemy.orm import Mapped, mapped_column

from app.directory.words import Category, HouseholdCategory, Role, UnitLevel
from app.kernel.database import Base, Sealed, Timestamp, one_of
from app.kernel.ltree import Ltree


def person_key(*, ondelete: str | None = None, column: str = "person_id") -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["county_id", column], ["person.county_id", "person.id"], ondelete=ondelete)


class County(Base):
    """县: the tenant. `id` is its GB/T 2260 code. `fence_version` grows with every change of a geofence."""

    __tablename__ = "county"
    may = ("INSERT", "UPDATE")
    lasts = "the county itself"
    __table_args__ = (
        CheckConstraint("id ~ '^[0-9]{6}$'", name="id"),
        Index("ix_county_outline", "outline", postgresql_using="gist"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    name_en: Mapped[str]
    timezone: Mapped[str] = mapped_column(server_default="Asia/Shanghai")
    settings: Mapped[dict[str, object]] = mapped_column(JSONB, server_default=text("'{}'"))
    fence_version: Mapped[int] = mapped_column(server_default="0")
    outline: Mapped[object | None] = mapped_column(Geometry("MULTIPOLYGON", 4326, spatial_index=False))


class Unit(Base):
    """责任单位: a node of the responsibility tree. `path` is made of `code`s and starts with the county's."""

    __tablename__ = "unit"
    may = ("INSERT", "UPDATE", "DELETE")
    lasts = "the responsibility tree, of nobody"
    __table_args__ = (
        PrimaryKeyConstraint("county_id", "id"),
        UniqueConstraint("county_id", "code", deferrable=True),
        ForeignKeyConstraint(["county_id"], ["county.id"]),
        ForeignKeyConstraint(["county_id", "parent_id"], ["unit.county_id", "unit.id"]),
        one_of("level", UnitLevel),
        CheckConstraint("code ~ '^[A-Za-z0-9_]+$'", name="code"),
        Index("ix_unit_path", "path", postgresql_using="gist"),
        Index(None, "county_id", "parent_id"),
    )

    county_id: Mapped[str]
    id: Mapped[UUID]
    parent_id: Mapped[UUID | None]
    code: Mapped[str]
    name: Mapped[str]
    level: Mapped[str]
    path: Mapped[str] = mapped_column(Ltree)
    until_date: Mapped[date | None]  # closed from then on


class Person(Base):
    """干部. `unit_id` answers for the person on the ground; `department_id`, if any, sent the person.

    A phone number is one person's at a time: who has left keeps it as it was, and it may be somebody else's since.
    """

    __tablename__ = "person"
    may = ("INSERT", "UPDATE", "DELETE")
    lasts = "the roster: figures of all years rest on it; made anonymous by the office after somebody has left"
    __table_args__ = (
        PrimaryKeyConstraint("county_id", "id"),
        ExcludeConstraint(
            (Column("county_id"), "="),
            (Column("phone"), "="),
            (literal_column("daterange(from_date, until_date)"), "&&"),
            name="ex_person_phone",
            deferrable=True,
        ),
        UniqueConstraint("county_id", "number", deferrable=True),
        ForeignKeyConstraint(["county_id", "unit_id"], ["unit.county_id", "unit.id"]),
        ForeignKeyConstraint(["county_id", "department_id"], ["unit.county_id", "unit.id"]),
        one_of("category", Category),
        person_key(column="merged_into"),
        CheckConstraint(
            "CASE WHEN merged_into IS NULL THEN until_date > from_date"
            " ELSE until_date IS NOT DISTINCT FROM from_date END",
            name="dates",
        ),
        Index(None, "county_id", "unit_id"),
        Index(None, "county_id", "department_id"),
        Index(None, "county_id", "merged_into"),
    )

    county_id: Mapped[str]
    id: Mapped[UUID]
    name: Mapped[str]
    phone: Mapped[str]
    category: Mapped[str]
    unit_id: Mapped[UUID]
    department_id: Mapped[UUID | None]
    from_date: Mapped[date]
    until_date: Mapped[date | None]  # the first day on which the person no longer serves
    last_contact_at: Mapped[datetime | None] = mapped_column(Timestamp)
    number: Mapped[str | None]  # the office's own (工号); imports know people by it
    anonymised_at: Mapped[datetime | None] = mapped_column(Timestamp)  # nobody knows any more who it was
    merged_into: Mapped[UUID | None]  # the record that stays, of the same person; this one serves on no day


class PersonMerge(Base):
    """合并: a second record of a person went into the one that stays.

    `was` is the record as it was; `check_in_ids` are the visits that were recorded under it.
    """

    __tablename__ = "person_merge"
    may = ("INSERT",)
    may_update = ("check_in_ids",)
    sealed = Sealed()
    lasts = "what a merged record was called; goes when the person is made anonymous"
    __table_args__ = (
        PrimaryKeyConstraint("county_id", "id"),
        UniqueConstraint("county_id", "from_id"),
        person_key(column="from_id"),
        person_key(column="into_id"),
        person_key(column="made_by"),
        Index(None, "county_id", "into_id"),
        Index(None, "county_id", "made_by"),
    )

    county_id: Mapped[str]
    id: Mapped[UUID]
    from_id: Mapped[UUID]
    into_id: Mapped[UUID]  # as it was chosen; where that was merged later, `person.merged_into` says who stays now
    made_by: Mapped[UUID]
    made_at: Mapped[datetime] = mapped_column(Timestamp)
    was: Mapped[dict[str, object]] = mapped_column(JSONB)
    check_in_ids: Mapped[list[UUID]] = mapped_column(ARRAY(PG_UUID))


class TwoPeople(Base):
    """是两个人: the office has said of two records that look alike that they are not one person's."""

    __tablename__ = "two_people"
    may = ("INSERT",)
    lasts = "two ids, so that nobody is asked twice"
    __table_args__ = (
        PrimaryKeyConstraint("county_id", "one_id", "other_id"),
        person_key(column="one_id"),
        person_key(column="other_id"),
        person_key(column="said_by"),
        CheckConstraint("one_id < other_id", name="order"),
        Index(None, "county_id", "other_id"),
        Index(None, "county_id", "said_by"),
    )

    county_id: Mapped[str]
    one_id: Mapped[UUID]
    other_id: Mapped[UUID]
    said_by: Mapped[UUID]
    said_at: Mapped[datetime] = mapped_column(Timestamp)


class Post(Base):
    """任职: a post puts a person in a unit with a role, from-until; scope is the subtrees of one's posts."""

    __tablename__ = "post"
    may = ("INSERT", "UPDATE", "DELETE")
    lasts = "the roster: who answered for whom, in all years that are kept"
    __table_args__ = (
        PrimaryKeyConstraint("county_id", "id"),
        person_key(),
        ForeignKeyConstraint(["county_id", "unit_id"], ["unit.county_id", "unit.id"]),
        one_of("role", Role),
        CheckConstraint("until_date > from_date", name="dates"),
        ExcludeConstraint(
            (Column("county_id"), "="),
            (Column("person_id"), "="),
            (Column("unit_id"), "="),
            (Column("role"), "="),
            (literal_column("daterange(from_date, until_date)"), "&&"),
            name="ex_post_overlap",
        ),
        Index(None, "county_id", "unit_id"),
    )

    county_id: Mapped[str]
    id: Mapped[UUID]
    person_id: Mapped[UUID]
    unit_id: Mapped[UUID]
    role: Mapped[str]
    title: Mapped[str] = mapped_column(server_default="")
    from_date: Mapped[date]
    until_date: Mapped[date | None]


class Township(Base):
    """乡镇, as the statistics bureau counts it; `outline` is the union of its villages' fences."""

    __tablename__ = "township"
    may = ("INSERT", "UPDATE", "DELETE")
    lasts = "a place, of nobody"
    __table_args__ = (
        PrimaryKeyConstraint("county_id", "id"),
        ForeignKeyConstraint(["county_id"], ["county.id"]),
        Index("ix_township_outline", "outline", postgresql_using="gist"),
    )

    county_id: Mapped[str]
    id: Mapped[str]
    name: Mapped[str]
    outline: Mapped[object | None] = mapped_column(Geometry("MULTIPOLYGON", 4326, spatial_index=False))


class Village(Base):
    """村. `id` is the 12-digit code it was first known by; names repeat inside a county, so never a key."""

    __tablename__ = "village"
    may = ("INSERT", "UPDATE", "DELETE")
    lasts = "a place, of nobody"
    __table_args__ = (
        PrimaryKeyConstraint("county_id", "id"),
        ForeignKeyConstraint(["county_id", "township_id"], ["township.county_id", "township.id"]),
        ForeignKeyConstraint(["county_id", "unit_id"], ["unit.county_id", "unit.id"]),
        CheckConstraint("id ~ '^[0-9]{12}$'", name="id"),
        Index(None, "county_id", "township_id"),
        Index(None, "county_id", "unit_id"),
    )

    county_id: Mapped[str]
    id: Mapped[str]
    code: Mapped[str | None]  # what the bureau calls it today; null: still `id`
    name: Mapped[str]
    official_name: Mapped[str]
    township_id: Mapped[str]
    unit_id: Mapped[UUID]
    until_date: Mapped[date | None]  # merged into another or dissolved: nobody answers for it from then on


class VillageCode(Base):
    """A later code of a village, from a day on: codes change, the village and its visits do not."""

    __tablename__ = "village_code"
    may = ("INSERT", "UPDATE")
    lasts = "a place, of nobody"
    __table_args__ = (
        PrimaryKeyConstraint("county_id", "code"),
        ForeignKeyConstraint(["county_id", "village_id"], ["village.county_id", "village.id"]),
        CheckConstraint("code ~ '^[0-9]{12}$'", name="code"),
        Index(None, "county_id", "village_id"),
    )

    county_id: Mapped[str]
    code: Mapped[str]
    village_id: Mapped[str]
    official_name: Mapped[str]
    from_date: Mapped[date]
    source: Mapped[str]


class Geofence(Base):
    """村界围栏: a version of a village's polygon, for check-ins captured in [valid_from, valid_until).

    The two are equal where a correction has left the version no time.
    """

    __tablename__ = "geofence"
    may = ("INSERT", "UPDATE", "DELETE")
    lasts = "a place, of nobody; what was judged by it is explained by it"
    __table_args__ = (
        PrimaryKeyConstraint("county_id", "village_id", "version"),
        ForeignKeyConstraint(["county_id", "village_id"], ["village.county_id", "village.id"]),
        CheckConstraint("valid_until >= valid_from", name="times"),
        ExcludeConstraint(
            (Column("county_id"), "="),
            (Column("village_id"), "="),
            (literal_column("tstzrange(valid_from, valid_until)"), "&&"),
            name="ex_geofence_overlap",
        ),
        Index("ix_geofence_area", "area", postgresql_using="gist"),
    )

    county_id: Mapped[str]
    village_id: Mapped[str]
    version: Mapped[int]
    area: Mapped[object] = mapped_column(Geometry("MULTIPOLYGON", 4326, spatial_index=False))
    synthetic: Mapped[bool]
    source: Mapped[str]
    valid_from: Mapped[datetime] = mapped_column(Timestamp)
    valid_until: Mapped[datetime | None] = mapped_column(Timestamp)


class Household(Base):
    """农户: a point and the radius round it in which a visit is a visit to this house."""

    __tablename__ = "household"
    may = ("INSERT", "UPDATE", "DELETE")
    lasts = "the roster of households, as the county's own lists have it"
    __table_args__ = (
        PrimaryKeyConstraint("county_id", "id"),
        ForeignKeyConstraint(["county_id", "village_id"], ["village.county_id", "village.id"]),
        CheckConstraint("radius_m > 0", name="radius_m"),
        one_of("category", HouseholdCategory),
        UniqueConstraint("county_id", "number", deferrable=True),
        Index(None, "county_id", "village_id"),
        Index("ix_household_position", "position", postgresql_using="gist"),
    )

    county_id: Mapped[str]
    id: Mapped[UUID]
    village_id: Mapped[str]
    head_name: Mapped[str]
    hamlet: Mapped[str] = mapped_column(server_default="")
    position: Mapped[object | None] = mapped_column(Geometry("POINT", 4326, spatial_index=False))
    radius_m: Mapped[float] = mapped_column(server_default="300")
    number: Mapped[str | None]  # the office's own (户编号); imports know the household by it
    until_date: Mapped[date | None]  # moved away or dissolved: visited no more from then on
    category: Mapped[str | None]  # null: nobody has said


class Assignment(Base):
    """结对/联系: a person answers for a village, or for one household in it, from-until."""

    __tablename__ = "assignment"
    may = ("INSERT", "UPDATE", "DELETE")
    lasts = "the roster: who answered for which village and household, in all years that are kept"
    __table_args__ = (
        PrimaryKeyConstraint("county_id", "id"),
        person_key(),
        ForeignKeyConstraint(["county_id", "village_id"], ["village.county_id", "village.id"]),
        ForeignKeyConstraint(["county_id", "household_id"], ["household.county_id", "household.id"]),
        CheckConstraint("until_date > from_date", name="dates"),
        Index(None, "county_id", "person_id"),
        Index(None, "county_id", "village_id"),
    )

    county_id: Mapped[str]
    id: Mapped[UUID]
    person_id: Mapped[UUID]
    village_id: Mapped[str]
    household_id: Mapped[UUID | None]
    from_date: Mapped[date]
    until_date: Mapped[date | None]
