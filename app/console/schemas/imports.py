"""Imports on the wire."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from app.exchange.words import DrawnKind, ImportState
from app.flows.importing.columns import ImportKind
from app.geo.words import Crs
from app.http.wire import Day

ReadingCode = Annotated[str, StringConstraints(pattern=r"^(wgs84|gcj02|bd09|epsg:45(3[4-9]|4[0-9]|5[0-4]))$")]
"""What coordinates mean: a system of degrees, or CGCS2000 in a zone of 3 degrees."""


class ImportEnding(BaseModel):
    """What is there and not in the file ends, from a day on."""

    model_config = ConfigDict(extra="forbid")

    from_date: Day
    keep: list[str] = Field(default=[], max_length=100_000, description="ids of those that do not end after all")


class ImportOptions(BaseModel):
    """How a file is to be read."""

    model_config = ConfigDict(extra="forbid")

    crs: ReadingCode | None = Field(
        None, description="of coordinates in it; null: as a boundary file says itself, for sheets wgs84"
    )
    headings: dict[str, str] = Field(
        default_factory=dict,
        max_length=100,
        description="what the office's own headings mean: heading -> key of the column; remembered",
    )

    people: dict[str, UUID | None] = Field(
        default_factory=dict,
        max_length=5000,
        description="who is meant, where a report has names only: as written -> person; null leaves them out",
    )
    ending: ImportEnding | None = Field(
        None, description="when read again: end what the file leaves out, of which `/missing` is the list"
    )


class ImportStarted(BaseModel):
    id: UUID
    state: ImportState


class ImportFinding(BaseModel):
    """What is wrong at a cell, or worth saying."""

    sheet: str
    row: int | None = Field(
        description="as the sheet counts them, of a boundary file the number of the shape; null: of all of it"
    )
    column: str | None = Field(description="the heading; null: of the whole row")
    code: str
    detail: str


class ImportEffect(BaseModel):
    """What applying it does to the directory and to what people owe."""

    new: dict[str, int] = Field(description="rows by table")
    changed: dict[str, int]
    duties_counted: int
    duties_new: int
    duties_changed: int
    flags_raised: int
    flags_withdrawn: int


class ImportCandidate(BaseModel):
    """Somebody who may be meant."""

    id: UUID
    name: str
    phone: str
    unit: str


class ImportQuestion(BaseModel):
    """A name in a report, and who may be meant; whose records they are is the office's to say."""

    written: str
    rows: int
    candidates: list[ImportCandidate]


class ImportName(ImportQuestion):
    """A name in a report that the office has explained, with this file or one before."""

    person: ImportCandidate | None = Field(description="who is meant; null: they are left out")
    remembered: bool = Field(description="said with a file before, and not with this one")


class ImportRecords(BaseModel):
    """What a report of another platform holds."""

    report: str = Field(description="such as 钉钉 签到报表")
    rows: int
    skipped_sheets: int
    no_record: int = Field(description="rows that say that nobody clocked in")
    left_out: int = Field(description="of people whom the office has left out")
    here: int = Field(description="that an earlier import has brought")
    own: int = Field(description="of visits that are here from phones or another platform")
    counted: int
    held: int
    outside: int
    inside: dict[Crs, int] = Field(description="inside the fences of the person's villages, read in each system")
    questions: list[ImportQuestion]
    names: list[ImportName] = Field(default=[], description="who is meant by names, as said so far")


class ImportEnded(BaseModel):
    """That the office asked what the file leaves out to end."""

    from_date: date
    ended: int


class ImportLeftOut(BaseModel):
    """What is there, in what the file is about, and not in the file."""

    id: str
    name: str
    about: str = Field(description="where, and a number: tells two of one name apart")
    ends: bool
    why: str | None = Field(description="it cannot end by this file, and why; in the caller's language")


class ImportMissing(BaseModel):
    items: list[ImportLeftOut]


class ImportChanges(BaseModel):
    records: ImportRecords | None = None
    new: int = 0
    changed: int = 0
    gone: int = Field(0, description="there and not in the file; they are left as they are, unless ended")
    gone_named: list[str] = Field(default=[], description="the first of them")
    gone_among: str | None = Field(None, description="of what the file is about, in the caller's language")
    ending: ImportEnded | None = None
    effect: ImportEffect | None = None


class ImportOut(BaseModel):
    id: UUID
    kind: ImportKind
    file_name: str
    state: ImportState
    progress: int = Field(description="percent of checking or applying")
    rows: int
    crs: str | None = Field(
        description="of its coordinates, as the office said (gcj02, epsg:4544); null: not said"
    )
    people: dict[str, UUID | None] = Field(description="who is meant by names, as the office said")
    problems: list[ImportFinding] = Field(description="the first thousand")
    problem_count: int
    notes: list[ImportFinding]
    unknown_headings: list[str] = Field(description="what may be columns, and is not known by name")
    changes: ImportChanges
    made_at: datetime
    changed_at: datetime


class ImportReading(BaseModel):
    """One way to read the file's coordinates. Shares are from 0 to 1, null where nothing is known."""

    code: ReadingCode
    meridian: int | None = Field(description="of a zone, degrees east")
    in_county: float | None = Field(description="of what the file holds, in the county's outline")
    on_known: float | None = Field(
        description="of boundaries, on ground that is some village's now; of points, in their own village"
    )
    on_others: float | None = Field(description="of points, in another village than their own")


class ImportReadingIn(BaseModel):
    code: ReadingCode


class ImportShape(BaseModel):
    """Something on the map."""

    kind: DrawnKind
    name: str
    row: int | None = Field(description="of the file, as findings count")
    detail: str = Field(description="what is said of it, in the caller's language")
    geometry: dict[str, Any] = Field(description="GeoJSON, simplified")


class ImportMap(BaseModel):
    """What a file brings beside what is there."""

    reading: ReadingCode | None = Field(description="as drawn; null: the file itself says it exactly")
    readings: list[ImportReading] = Field(description="all that are possible, boundaries' likeliest first")
    shapes: list[ImportShape]
    corners: int = Field(description="of the file; fewer are drawn")
    points: int = Field(description="of the file; at most 5000 are drawn")


class ImportPage(BaseModel):
    items: list[ImportOut]
    next_cursor: str | None


class ImportColumn(BaseModel):
    """A column that a kind of file may have."""

    key: str
    heading: str
    meaning: str
    required: bool


class ImportKindOut(BaseModel):
    kind: ImportKind
    columns: list[ImportColumn]


class ImportKinds(BaseModel):
    items: list[ImportKindOut]
